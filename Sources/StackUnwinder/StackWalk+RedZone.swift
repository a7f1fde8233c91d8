import Primitives

/// Leaving frames that keep their CFA below the stack pointer.
extension StackWalk {
    /// The words of a frame that are searched.
    private static let keptAddressWords = 1_024

    /// Leaves a frame whose row reads the CFA from the red zone, which is not in the copy.
    ///
    /// OpenSSL's SHA-2 code for AVX2 carries the stack pointer that it was called with along below its moving stack pointer
    /// (crypto/sha/asm/sha512-x86_64.pl). It is also where it was first saved, further up in the frame: a word that points
    /// to a return address. What is behind that address's call must lead here, or the frame is marked as guessed.
    mutating func leaveByKeptAddress(
        _ frame: inout FrameState, _ location: CodeLocation, _ row: CfiRow, _ common: CommonInformation,
        _ section: CfiSection, in space: borrowing AddressSpace
    ) -> Step? {
        guard let module = location.module, let start = module.functionStart(around: location.address) else {
            return nil
        }
        var slot = frame.stackPointer
        for _ in 0..<Self.keptAddressWords {
            scanBudget -= 1
            guard scanBudget >= 0, let kept = memory.word(at: slot) else { return nil }
            slot &+= 8
            guard kept & 7 == 0, kept >= slot, let returnAddress = memory.word(at: kept) else { continue }
            let isProved: Bool
            switch callSite(returnAddress, in: space) {
            case .none, .unknown: continue
            case .indirect: isProved = false
            case .direct(let called):
                let function = called &- location.bias
                isProved = function == start || module.jumps(from: function, to: start)
            }
            guard
                let result = try? GeneralStep.leave(
                    frame.allRegisters(layout), by: row, common: common, section: section, bias: location.bias,
                    memory: memory, layout: layout, knownCfa: kept &+ 8),
                case .caller(let flags) = enter(result.registers, &frame, isSignalFrame: false)
            else { continue }
            return .caller(isProved ? flags : flags.union(.guessed))
        }
        return nil
    }
}
