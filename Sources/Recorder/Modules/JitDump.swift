internal import Primitives
internal import Symbolizer
internal import TargetFiles

/// The jitdump of a process while it is recorded: how it grows, so that samples before and after can be told apart.
///
/// Memory of code is used again, so an address alone does not say which code a sample was in. Runtimes write late (V8 by
/// two megabytes), so what the file has to say is not known yet when the sample comes. Hence each sample belongs to a slice
/// of time, within which the file did not grow; once it is complete, the file tells what was where at the end of a slice.
final class JitDump {
    private let file: JitDumpFile
    let path: String
    private var byteCount: UInt64 = 0
    /// Where the first record begins whose time is not known yet.
    private var walkedByteCount: UInt64 = 0
    /// When the slices ended, but for the last.
    private var ends: [UInt64] = []
    /// When the next slices begin: code came into being then.
    private var comingStarts: [UInt64] = []
    /// Up to when it is known that the file did not grow.
    private var checkedNanoseconds: UInt64 = 0
    private var lastSampleNanoseconds: UInt64 = 0
    private var shortestSlice: UInt64 = 50_000_000

    /// So many slices double the shortest: their number grows with the logarithm of the time.
    private static let slicesPerLength = 64
    /// Records whose times are read at once.
    private static let recordsPerCheck = 4_096

    init(_ path: String, of process: ProcessID, patience: Patience) throws(JitDumpFailure) {
        file = try JitDumpFile(path, of: process, patience: patience)
        self.path = path
    }

    /// The slice of samples at `time`, which must not be before that of an earlier call. A system call per drained batch.
    func slice(at time: UInt64) -> UInt32 {
        if time > checkedNanoseconds {
            checkedNanoseconds = Clock.monotonicNanoseconds
            noteGrowth(at: time)
        }
        while let start = comingStarts.first, time >= start {
            comingStarts.removeFirst()
            begin(at: start)
        }
        lastSampleNanoseconds = time
        return UInt32(ends.count)
    }

    private func noteGrowth(at time: UInt64) {
        let newCount = file.byteCount
        guard newCount > byteCount else { return }
        byteCount = newCount
        var isLate = walkedByteCount == 0
        for recordTime in file.recordTimes(from: &walkedByteCount, most: Self.recordsPerCheck) {
            if recordTime <= lastSampleNanoseconds {
                isLate = true
            } else if recordTime >= (comingStarts.last ?? ends.last ?? 0) &+ shortestSlice {
                comingStarts.append(recordTime)
            }
        }
        if isLate, time >= (ends.last ?? 0) &+ shortestSlice, comingStarts.first.map({ $0 > time }) ?? true {
            begin(at: time)
        }
    }

    private func begin(at time: UInt64) {
        ends.append(time - 1)
        if ends.count % Self.slicesPerLength == 0 { shortestSlice *= 2 }
    }

    /// The code at each address in its slice, and what was wrong with the file.
    func symbols(
        for positions: [(address: Address, slice: UInt32)]
    ) -> (symbols: [JitDumpSymbol?], problem: String?) {
        let queries = positions.map { position in
            let slice = Int(position.slice)
            return JitDumpQuery(
                address: position.address, timeNanoseconds: slice < ends.count ? ends[slice] : UInt64.max)
        }
        return file.symbols(for: queries)
    }
}
