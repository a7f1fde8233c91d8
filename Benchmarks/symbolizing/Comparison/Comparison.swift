package import Primitives
package import Symbolizer

/// Counts of differences between our answers and another tool's, with an example of each.
package struct Comparison {
    /// One kind of difference.
    package struct Entry {
        package var addressCount = 0
        /// The first address where it is, and what the two say there.
        package var example: String
    }

    package private(set) var entries: [Difference: Entry] = [:]
    /// Addresses at which both say the same, and more than nothing.
    package private(set) var equalCount = 0
    package private(set) var addressCount = 0
    /// Frames of all our answers.
    package private(set) var frameCount = 0

    /// The differences that nothing explains, in words.
    package var unexplained: [String] {
        entries.filter(\.key.isUnexplained).map { "\($0.key.rawValue) (\($0.value.addressCount)): \($0.value.example)" }
    }

    /// Our answers against what libdw finds in the entries of debug information: nothing but that is compared, so an
    /// answer from the symbol table is equal.
    package init(walk: [[PeerFrame]], addresses: [FileAddress], ours: [SymbolizedAddress]) {
        for index in addresses.indices {
            note(Self.differences(ours[index].frames, walk: walk[index]), addresses[index], ours[index], walk[index])
        }
    }

    /// Our answers against llvm-symbolizer's. Where libdw's `walk` sides with us, the difference is llvm's.
    package init(llvm: [[PeerFrame]], walk: [[PeerFrame]], addresses: [FileAddress], ours: [SymbolizedAddress]) {
        for index in addresses.indices {
            let isConfirmed =
                walk[index][0].name.isEmpty == false
                && Self.differences(ours[index].frames, walk: walk[index]).allSatisfy { !$0.isUnexplained }
            let found = Self.differences(
                ours[index].frames, llvm: llvm[index], isConfirmed: isConfirmed,
                isNoFunction: walk[index][0].name.isEmpty)
            note(found, addresses[index], ours[index], llvm[index])
        }
    }

    private mutating func note(
        _ found: Set<Difference>, _ address: FileAddress, _ ours: SymbolizedAddress, _ peer: [PeerFrame]
    ) {
        addressCount += 1
        frameCount += ours.frames.count
        if found.isEmpty, !ours.frames.isEmpty { equalCount += 1 }
        for difference in found {
            if entries[difference] == nil {
                let left = ours.frames.map { "\($0.linkageName) \($0.file):\($0.line) (\($0.startLine))" }
                let right = peer.map { "\($0.name) \($0.file):\($0.line) (\($0.declarationLine))" }
                entries[difference] = Entry(
                    example: "\(address): \(left.joined(separator: " < ")), not \(right.joined(separator: " < "))")
            }
            entries[difference]?.addressCount += 1
        }
    }

    private static func differences(_ ours: [SymbolizedFrame], walk: [PeerFrame]) -> Set<Difference> {
        if walk.count == 1, walk[0].name.isEmpty {
            if walk[0].line == 0 { return [] }
            if ours.isEmpty { return [.betweenFunctions] }
            return ours[0].file == walk[0].file && ours[0].line == walk[0].line ? [] : [.position]
        }
        guard ours.count == walk.count else { return [.chain] }
        var found: Set<Difference> = []
        for (index, (our, peer)) in zip(ours, walk).enumerated() {
            if our.linkageName != peer.name {
                let isOutermost = index == ours.count - 1
                let isCopy = isOutermost && withoutSuffixes(our.linkageName) == peer.name[...]
                if !isCopy { found.insert(isOutermost && isPlain(peer, of: our) ? .symbolName : .name) }
            }
            let isStated = peer.line != 0 || peer.declarationLine == 0 || peer.declarationFile.isEmpty
            if our.file != (isStated ? peer.file : peer.declarationFile)
                || our.line != (isStated ? peer.line : peer.declarationLine)
            {
                found.insert(.position)
            }
            if our.startLine != peer.declarationLine { found.insert(.declaration) }
        }
        return found
    }

    /// Whether the peer's name is the plain name of the function that we call by its linkage name.
    private static func isPlain(_ peer: PeerFrame, of frame: SymbolizedFrame) -> Bool {
        let plain = peer.name.prefix { $0 != "<" && $0 != "(" }
        return !plain.isEmpty && demangle(frame.linkageName)?.contains(plain) == true
    }

    /// `isConfirmed`: libdw finds our answer as well. `isNoFunction`: debug information knows no function there.
    private static func differences(
        _ ours: [SymbolizedFrame], llvm: [PeerFrame], isConfirmed: Bool, isNoFunction: Bool
    ) -> Set<Difference> {
        if llvm.count == 1, llvm[0].isEmpty { return ours.isEmpty ? [] : [.peerHasNothing] }
        if ours.isEmpty {
            if llvm[0].name.isEmpty { return [llvm[0].line == 0 ? .sourceFileSymbol : .betweenFunctions] }
            return isNoFunction ? [.beyondSymbol] : [.name]
        }
        guard ours.count == llvm.count else { return [isConfirmed ? .peerChain : .chain] }
        var found: Set<Difference> = []
        for (index, (our, peer)) in zip(ours, llvm).enumerated() {
            if our.linkageName != peer.name {
                if our.displayName?.hasSuffix("@plt") == true {
                    found.insert(.stub)
                } else if peer.name.isEmpty {
                    found.insert(.peerHasNoName)
                } else if index == ours.count - 1, withoutSuffixes(our.linkageName) == withoutSuffixes(peer.name) {
                    found.insert(.copyMark)
                } else if index == ours.count - 1, isPlain(peer, of: our) {
                    found.insert(.symbolName)
                } else {
                    found.insert(!isConfirmed ? .name : index == ours.count - 1 ? .folded : .peerName)
                }
            }
            if peer.line == 0 {
                if our.line != 0 {
                    found.insert(.lineZero)
                } else if our.file != peer.file {
                    found.insert(our.file.isEmpty && isNoFunction ? .sourceFileSymbol : .position)
                }
            } else if our.file != peer.file || our.line != peer.line {
                found.insert(isConfirmed ? .peerPosition : .position)
            }
        }
        return found
    }
}
