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

    static let names = [
        "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    ]

    @Test(.enabled(if: libc != nil, "needs a libc.so.6"))
    func `every row of libc has the CFA and return address that readelf prints`() throws {
        let path = try #require(Self.libc)
        let module = UnwindModule(try ElfImage(reading: try FileDescriptor(opening: path)), displayName: "libc")
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
                ? "exp" : Self.names[row.cfaRegister] + (row.cfa.value < 0 ? "" : "+") + "\(row.cfa.value)"
            if cfa != words[1] { different.append("\(line): \(cfa)") }
            for (column, name) in columns.enumerated().dropFirst(2) {
                let number = name == "ra" ? common.returnRegister : Self.names.firstIndex(of: name) ?? -1
                guard number >= 0 else { continue }
                let rule = row.registers[number]
                let text: String
                switch rule.kind {
                case .unspecified, .undefined: text = "u"
                case .sameValue: text = "s"
                case .offset: text = "c" + (rule.value < 0 ? "" : "+") + "\(rule.value)"
                case .valueOffset: text = "v" + (rule.value < 0 ? "" : "+") + "\(rule.value)"
                case .register: text = Self.names[Int(rule.value)]
                case .expression: text = "exp"
                case .valueExpression: text = "vexp"
                }
                if text != words[column] { different.append("\(line): \(name) \(text)") }
            }
        }
        print("rows compared with readelf:", rows)
        #expect(rows > 10_000)
        #expect(different.isEmpty, "\(different.count) differ: \(different.prefix(10))")
    }
}
