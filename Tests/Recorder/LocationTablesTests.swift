import Testing

@testable import Recorder

/// The flat tables that every sample goes through.
@Suite struct LocationTablesTests {
    @Test("Positions get numbers in the order of their first appearance and keep them while the table grows")
    func locationNumbers() {
        var table = LocationTable()
        var wrong = 0
        for round in 0..<2 {
            for value in 0..<20_000 {
                // Few distinct low bits, as in code that is aligned: they must not all fall into the same slot.
                let position = CodePosition(
                    source: CodeSource(rawValue: UInt32(value % 7)), position: UInt64(value) << 12, isGuessed: false)
                if table.number(of: position) != UInt32(value) { wrong += 1 }
            }
            #expect(wrong == 0, "round \(round)")
        }
        #expect(table.positions.count == 20_000)
    }

    @Test("An address in another module, or one that was guessed, is another location")
    func locationDifferences() {
        var table = LocationTable()
        let base = CodePosition(source: CodeSource(rawValue: 1), position: 0x1000, isGuessed: false)
        var guessed = base
        guessed.isGuessed = true
        var kernel = base
        kernel.source = .kernel
        var next = base
        next.position += 1
        let numbers = [base, guessed, kernel, next, base].map { table.number(of: $0) }
        #expect(numbers == [0, 1, 2, 3, 0])
    }

    @Test("Equal stacks of a thread are one entry, and their values add up")
    func stackSums() {
        var table = StackTable(valueCount: 4)
        let stack = list([3, 2, 1])
        table.add(stack, labels: 0, cpu: -1, firstValue: 0, count: 1, weight: 10)
        table.add(stack, labels: 0, cpu: -1, firstValue: 0, count: 1, weight: 5)
        table.add(stack, labels: 0, cpu: -1, firstValue: 2, count: 1, weight: 7)
        #expect(table.entries.count == 1)
        #expect(table.values == [2, 15, 1, 7])
        #expect(table.locations(of: table.entries[0]) == [3, 2, 1])
    }

    @Test("Another thread, CPU, order, length or the empty stack is another entry")
    func stackDifferences() {
        var table = StackTable(valueCount: 2)
        let variants: [([UInt32], UInt32, Int32)] = [
            ([1, 2], 0, -1), ([1, 2], 1, -1), ([1, 2], 0, 0), ([1, 2], 0, 1), ([2, 1], 0, -1), ([1], 0, -1),
            ([1, 2, 0], 0, -1), ([], 0, -1),
        ]
        for _ in 0..<3 {
            for (stack, labels, cpu) in variants {
                table.add(list(stack), labels: labels, cpu: cpu, firstValue: 0, count: 1, weight: 2)
            }
        }
        #expect(table.entries.count == variants.count)
        #expect(table.values == variants.flatMap { _ in [Int64(3), 6] })
        for (index, variant) in variants.enumerated() {
            let entry = table.entries[index]
            #expect(Array(table.locations(of: entry)) == variant.0)
        }
    }

    @Test("Thirty thousand distinct stacks survive the growth of the table")
    func stackGrowth() {
        var table = StackTable(valueCount: 2)
        var stack = LocationList()
        // One that fills more than a block, among them.
        let long = list((0..<UInt32(50_000)).map { $0 })
        for _ in 0..<2 {
            for number in 0..<UInt32(30_000) {
                stack.removeAll()
                stack.append(number & 0xff)
                stack.append(number >> 8)
                table.add(stack, labels: 0, cpu: -1, firstValue: 0, count: 1, weight: 1)
                if number == 20_000 { table.add(long, labels: 0, cpu: -1, firstValue: 0, count: 1, weight: 1) }
            }
        }
        #expect(table.entries.count == 30_001)
        #expect(table.values.allSatisfy { $0 == 2 })
        #expect(table.locations(of: table.entries[20_001]).elementsEqual(0..<50_000))
        #expect(table.locations(of: table.entries[30_000]) == [UInt32(29_999 & 0xff), 29_999 >> 8])
    }

    @Test("Weights that overflow wrap and do not trap")
    func stackOverflow() {
        var table = StackTable(valueCount: 2)
        for _ in 0..<3 { table.add(list([1]), labels: 0, cpu: -1, firstValue: 0, count: 1, weight: .max) }
        #expect(table.values[0] == 3)
    }

    @Test("A stack longer than the list's first room is kept whole")
    func longStack() {
        let numbers = (0..<UInt32(5000)).map { $0 }
        let stack = list(numbers)
        var copy: [UInt32] = []
        for index in stack.span.indices { copy.append(stack.span[index]) }
        #expect(copy == numbers)
    }

    @Test("A remembered address is found in its own address space only, and displaced entries are misses")
    func cache() {
        var cache = LocationCache()
        #expect(cache.location(of: 0, in: 0) == nil)
        for address in UInt64(0)..<100_000 { cache.remember(UInt32(address), of: address, in: 1) }
        var hits = 0
        var wrong = 0
        for address in UInt64(0)..<100_000 {
            if let found = cache.location(of: address, in: 1) {
                hits += 1
                if found != UInt32(address) { wrong += 1 }
            }
            if cache.location(of: address, in: 2) != nil { wrong += 1 }
        }
        #expect(wrong == 0)
        #expect(hits > 0)
    }

    private func list(_ numbers: [UInt32]) -> LocationList {
        var list = LocationList()
        for number in numbers { list.append(number) }
        return list
    }
}
