import ELF
import Primitives
import Testing

@testable import StackUnwinder

/// Our rows against those of readelf.
@Suite(.enabled(if: CompiledPrograms.has("readelf"), "needs readelf"))
struct CfiRowTests {
    static let libc = ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/libc.so.6"].first { path in
        (try? FileDescriptor(opening: path)) != nil
    }

    /// Of the package libc6-arm64-cross.
    static let armFiles = ["libc.so.6", "ld-linux-aarch64.so.1", "libm.so.6"].map { "/usr/aarch64-linux-gnu/lib/" + $0 }

    static let names = [
        "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    ]
    static let armNames = (0..<31).map { "x\($0)" } + ["sp"]

    @Test(arguments: ([libc] + armFiles).compactMap { $0 })
    func `every row of a library has the CFA and registers that readelf prints`(path: String) throws {
        guard let file = try? FileDescriptor(opening: path) else { return }
        let module = UnwindModule(try ElfImage(reading: file), displayName: "library")
        let names = module.image.machine == .arm64 ? Self.armNames : Self.names
        let output = CompiledPrograms.output("readelf --debug-dump=frames-interp \(path) 2>/dev/null")
        var columns: [String] = []
        var rows = 0
        var different: [String] = []
        var isFunction = false
        for line in output.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if line.contains(" FDE ") || line.contains(" CIE ") {
                isFunction = line.contains(" FDE ")
                continue
            }
            if words.first == "LOC" {
                columns = words
                continue
            }
            guard isFunction, !line.contains("ZERO"), words.count == columns.count,
                let address = UInt64(words[0], radix: 16)
            else { continue }
            rows += 1
            guard let (row, common, _) = module.row(at: address) else {
                different.append("\(line): no row")
                continue
            }
            let cfa =
                row.cfaIsExpression
                ? "exp" : names[row.cfaRegister] + (row.cfa.value < 0 ? "" : "+") + "\(row.cfa.value)"
            if cfa != words[1] { different.append("\(line): \(cfa)") }
            for (column, name) in columns.enumerated().dropFirst(2) {
                let number = name == "ra" ? common.returnRegister : names.firstIndex(of: name) ?? -1
                guard number >= 0 else { continue }
                let rule = row.registers[number]
                let text: String
                switch rule.kind {
                case .unspecified, .undefined: text = "u"
                case .sameValue: text = "s"
                case .offset: text = "c" + (rule.value < 0 ? "" : "+") + "\(rule.value)"
                case .valueOffset: text = "v" + (rule.value < 0 ? "" : "+") + "\(rule.value)"
                case .register: text = names[Int(rule.value)]
                case .expression: text = "exp"
                case .valueExpression: text = "vexp"
                }
                if text != words[column] { different.append("\(line): \(name) \(text)") }
            }
        }
        print("rows compared with readelf:", path, rows)
        #expect(rows > (path.hasSuffix("libc.so.6") ? 10_000 : 1_000))
        #expect(different.isEmpty, "\(different.count) differ: \(different.prefix(10))")
    }
}
