import Primitives

/// Something that has to stand any bytes.
public struct FuzzTarget {
    /// How it is named on the command line and in the results.
    public let name: String
    /// Inputs that it understands, from which others are made.
    public let seeds: [FuzzSeed]
    /// The most bytes of an input.
    public let sizeLimit: Int
    /// What is tried. To return or to throw is fine; to trap, to hang or to take more memory than allowed is not.
    public let body: ([UInt8]) throws -> Void

    /// A target.
    public init(_ name: String, seeds: [[UInt8]], sizeLimit: Int = 1 << 16, body: @escaping ([UInt8]) throws -> Void) {
        self.init(name, seeds: seeds.map { FuzzSeed($0) }, sizeLimit: sizeLimit, body: body)
    }

    /// A target some of whose inputs are to be changed in certain places only.
    public init(_ name: String, seeds: [FuzzSeed], sizeLimit: Int = 1 << 16, body: @escaping ([UInt8]) throws -> Void) {
        self.name = name
        self.seeds = seeds
        self.sizeLimit = sizeLimit
        self.body = body
    }

    /// The input with the number `number` of the series `series`: the same every time.
    func input(_ number: UInt64, series: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: series &* 0xd6e8_feb8_6659_fd93 ^ number)
        let seed = seeds.isEmpty ? FuzzSeed([]) : seeds[random.below(seeds.count)]
        var bytes = seed.bytes
        if let places = seed.places {
            for _ in 0..<(1 << random.below(6)) where !places.isEmpty {
                overwrite(&bytes, places[random.below(places.count)], &random)
            }
            return bytes
        }
        // One change finds what is checked first; many find what comes after.
        for _ in 0..<(1 << random.below(6)) { mutate(&bytes, &random) }
        if bytes.count > sizeLimit { bytes.removeLast(bytes.count - sizeLimit) }
        return bytes
    }

    /// Changes bytes in `place`, whose length stays.
    private func overwrite(_ bytes: inout [UInt8], _ place: Range<Int>, _ random: inout SeededGenerator) {
        let position = place.lowerBound + random.below(place.count)
        switch random.below(6) {
        case 0: bytes[position] ^= 1 << UInt8(random.below(8))
        case 1: bytes[position] = UInt8(truncatingIfNeeded: random.next())
        case 2: bytes[position] = random.element([0, 1, 0x7f, 0x80, 0xff])
        // A little more or less than it was.
        case 3: bytes[position] &+= UInt8(truncatingIfNeeded: 253 + random.below(7))
        case 4:
            for (distance, byte) in random.number().enumerated() where position + distance < place.upperBound {
                bytes[position + distance] = byte
            }
        default:
            // Bytes from somewhere else in the place.
            let start = place.lowerBound + random.below(place.count)
            let count = min(1 + random.below(16), place.upperBound - max(start, position))
            for distance in 0..<count { bytes[position + distance] = bytes[start + distance] }
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard !bytes.isEmpty else {
            bytes = random.bytes(1 + random.below(16))
            return
        }
        let position = random.below(bytes.count)
        let length = min(bytes.count - position, 1 + random.below(1 << random.below(8)))
        switch random.below(10) {
        case 0: bytes[position] ^= 1 << UInt8(random.below(8))
        case 1: bytes[position] = UInt8(truncatingIfNeeded: random.next())
        case 2: bytes[position] = random.element([0, 1, 0x7f, 0x80, 0xff])
        case 3: bytes.removeSubrange(position..<position + length)
        case 4: bytes.insert(contentsOf: random.bytes(length), at: position)
        case 5: bytes.insert(contentsOf: bytes[position..<position + length], at: random.below(bytes.count))
        case 6: bytes.removeLast(length)
        case 7: bytes.insert(contentsOf: random.number(), at: position)
        case 8: bytes.replaceSubrange(position..<position + length, with: random.number())
        default:
            let other = seeds[random.below(seeds.count)].bytes
            guard !other.isEmpty else { return }
            let start = random.below(other.count)
            let end = min(other.count, start + 1 + random.below(1 << random.below(12)))
            bytes.insert(contentsOf: other[start..<end], at: position)
        }
    }
}
