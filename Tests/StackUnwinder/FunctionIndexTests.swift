import ELF
import Testing

@testable import StackUnwinder

/// Symbol tables that are read in pieces.
@Suite struct FunctionIndexTests {
    private struct Symbol {
        var name: UInt32
        var address: UInt64
        var size: UInt64 = 0
        var type: UInt8 = 2
    }

    /// An image that holds nothing but a symbol table and its names.
    private func image(_ names: [UInt8], _ symbols: [Symbol]) throws -> ElfImage {
        func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
        }
        func section(_ type: UInt64, _ offset: Int, _ size: Int, link: UInt64) -> [UInt8] {
            bytes(0, 4) + bytes(type, 4) + bytes(0, 16) + bytes(UInt64(offset), 8) + bytes(UInt64(size), 8)
                + bytes(link, 4)
                + bytes(0, 20)
        }
        var table: [UInt8] = []
        for symbol in symbols {
            table += bytes(UInt64(symbol.name), 4) + [symbol.type, 0] + bytes(1, 2)
            table += bytes(symbol.address, 8) + bytes(symbol.size, 8)
        }
        let headers = section(0, 0, 0, link: 0) + section(3, 64, names.count, link: 0)
        let end = 64 + names.count + table.count
        var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        file += bytes(3, 2) + bytes(62, 2) + bytes(1, 4) + bytes(0, 16) + bytes(UInt64(end), 8) + bytes(0, 4)
        file += bytes(64, 2) + bytes(56, 2) + bytes(0, 2) + bytes(64, 2) + bytes(3, 2) + bytes(1, 2)
        return try ElfImage(
            bytes: file + names + table + headers + section(2, 64 + names.count, table.count, link: 1))
    }

    @Test func `a name that lies across two pieces is found`() throws {
        for shift in 0..<12 {
            let padding = [UInt8](repeating: 0x78, count: 65_536 - 9 + shift)
            let names = [0] + padding + [0] + Array("clone3".utf8) + [0, 0x79, 0]
            let symbols = [Symbol(name: 1, address: 64), Symbol(name: UInt32(padding.count + 2), address: 128)]
            let index = FunctionIndex(try image(names, symbols), base: 0)
            #expect(index.function(at: 70)?.role == .ordinary)
            #expect(index.function(at: 130)?.role == .threadStart)
        }
    }

    @Test func `a name may begin within a longer one, and Go's convention behind it does not count`() throws {
        let names = [0] + Array("domain".utf8) + [0] + Array("runtime.mstart.abi0".utf8) + [0]
        let symbols = [
            Symbol(name: 1, address: 16), Symbol(name: 3, address: 32), Symbol(name: 8, address: 48),
        ]
        let index = FunctionIndex(try image(names, symbols), base: 0)
        #expect([16, 32, 48].map { index.function(at: $0)?.role } == [.ordinary, .main, .scheduler])
    }

    @Test func `functions of a table of many pieces are found by size, and of two at one place the larger counts`()
        throws
    {
        let count: UInt64 = 10_000
        var symbols = (0..<count).map { Symbol(name: 0, address: 100 + $0 * 32, size: 16) }
        symbols += (0..<count).map { Symbol(name: 0, address: 100 + $0 * 32, size: 8) }
        // Not a function, and without a name that is known: left out.
        symbols.append(Symbol(name: 0, address: 116, type: 0))
        let index = FunctionIndex(try image([0], symbols), base: 0)
        for number in stride(from: 0, to: count, by: 997) {
            #expect(index.function(at: 100 + number * 32 + 15)?.range == 100 + number * 32..<100 + number * 32 + 16)
            #expect(index.function(at: 100 + number * 32 + 16) == nil)
        }
    }

    @Test func `names beyond the table and tables beyond the file are survived`() throws {
        let symbols = [Symbol(name: .max, address: 5), Symbol(name: 3, address: .max)]
        #expect(FunctionIndex(try image([0], symbols), base: 0).function(at: 6)?.role == .ordinary)
        #expect(FunctionIndex(try image([], []), base: 0).isEmpty)
    }
}
