import CodeListing
import Primitives
import ProfileModel
import ProfileReport
import ProfileWriter
import Testing

@Suite(
    .enabled(if: Tool.sprof != nil && Tool.has("gcc") && Tool.has("objdump"), "SPROF_BINARY, gcc or objdump is missing")
)
struct ListingTests {
    @Test func `Addresses without names get the functions, lines and inlined calls of their binary`() throws {
        let program = try ListedProgram()
        let (profile, result) = try program.named()
        #expect(result.namedCount == program.instructions.count + 1)
        #expect(result.addressCount == result.namedCount)
        #expect(profile.mappings[0].hasFunctions && profile.mappings[0].hasInlineFrames)
        let names = Set(profile.functions.map { profile.string($0.name) })
        #expect(names == ["work", "mix", "main"])
    }

    @Test(
        .enabled(if: PprofProgram.isPresent, Comment(rawValue: PprofProgram.reason)),
        arguments: ["work", "mix", "main|mix", "."])
    func `Sources are listed as by pprof`(pattern: String) throws {
        let program = try ListedProgram()
        let file = program.folder + "/cpu.pb.gz"
        try ProfileFile.write(program.named().profile, to: file)
        let ours = try ListReport(
            program.context(.list), matching: pattern, sources: SourceFiles(searchPath: "", trimPath: "")
        ).render()
        let theirs = Tool.run("\(PprofProgram.path ?? "") -list '\(pattern)' \(file)")
        #expect(ours == theirs)
        #expect(ours.contains("mix"))
    }

    @Test(.enabled(if: PprofProgram.isPresent, Comment(rawValue: PprofProgram.reason)))
    func `Machine code has the addresses and values that pprof finds`() throws {
        // Go's pprof of 1.19 finds no code of C programs whose segments are at other offsets than their addresses.
        let program = try ListedProgram(options: "-g -O2 -no-pie -Wl,-z,noseparate-code")
        let file = program.folder + "/cpu.pb.gz"
        try ProfileFile.write(program.named().profile, to: file)
        let ours = try DisassemblyReport(
            program.context(.disasm), matching: "^work$", binaries: Binaries(),
            workerExecutable: Tool.sprof ?? ""
        ).render()
        // It matches the expression against an address with the name behind it: `^work$` would find nothing.
        let theirs = Tool.run("\(PprofProgram.path ?? "") -disasm work \(file)")
        func values(_ text: String) -> [String] {
            text.split(separator: "\n").filter { $0.contains(": ") && !$0.hasPrefix("Total") }.map { line in
                String(line[...(line.firstIndex(of: ":") ?? line.startIndex)])
            }
        }
        // Theirs ends one byte early, and so lacks the last instruction.
        #expect(values(ours).dropLast() == values(theirs)[...])
        #expect(ours.split(separator: "\n").prefix(2) == theirs.split(separator: "\n").prefix(2))
        #expect(ours.contains("\n     2.53s      2.53s (flat, cum)   100% of Total\n"))
    }

    @Test func `Instructions begin where objdump's begin`() throws {
        let program = try ListedProgram()
        let ours = try DisassemblyReport(
            program.context(.disasm), matching: "^work$", binaries: Binaries(),
            workerExecutable: Tool.sprof ?? ""
        ).render()
        let addresses = ours.split(separator: "\n").dropFirst(3).compactMap { line in
            line.split(separator: " ", omittingEmptySubsequences: true).dropFirst(2).first.flatMap {
                UInt64($0.dropLast(), radix: 16)
            }
        }
        #expect(addresses == program.instructions.map(\.address))
        #expect(ours.contains(" <work+0x"))
    }

    @Test func `Another build of the binary is not used, and the reason says so`() throws {
        let program = try ListedProgram()
        let context = try program.context(.disasm)
        _ = Tool.run("cd \(program.folder) && gcc -g -O1 -o prog prog.c")
        let error = #expect(throws: CodeListingError.self) {
            try DisassemblyReport(
                context, matching: "work", binaries: Binaries(), workerExecutable: Tool.sprof ?? "")
        }
        #expect(error?.description.contains("\(program.path) is another build: its build ID is ") == true)
    }

    @Test func `Of two builds at one path, as in merged profiles, only the one that is there is used`() throws {
        let program = try ListedProgram()
        var profile = program.profile
        let other = profile.addMapping(
            addresses: Address(0x10_0000)..<Address(0x11_0000), fileOffset: FileOffset(0), filename: program.path,
            buildID: BuildID(Array(1...20)))
        for order in [[MappingIndex(rawValue: 0), other], [other, MappingIndex(rawValue: 0)]] {
            var binaries = Binaries()
            for mapping in order {
                let binary = binaries.binary(of: profile.mappings[Int(mapping.rawValue)], in: profile)
                #expect((binary != nil) == (mapping != other))
            }
            #expect(binaries.notes.count == 1 && binaries.notes.first?.contains("is another build") == true)
        }
    }

    @Test func `A stripped binary's functions are told apart by its unwind information`() throws {
        let program = try ListedProgram()
        let context = try program.context(.disasm)
        let whole = try DisassemblyReport(
            context, matching: "^work$", binaries: Binaries(), workerExecutable: Tool.sprof ?? "")
        _ = Tool.run("strip \(program.path)")
        let stripped = try DisassemblyReport(
            context, matching: "^work$", binaries: Binaries(), workerExecutable: Tool.sprof ?? "")
        func code(_ report: DisassemblyReport) -> [Substring] {
            report.render().split(separator: "\n").filter { $0.contains(": ") && !$0.hasPrefix("Total") }
                .map { $0.prefix(35) }
        }
        #expect(code(stripped) == code(whole))
    }

    @Test func `A binary that is not here is asked for by its build ID`() throws {
        let program = try ListedProgram()
        let context = try program.context(.disasm)
        _ = Tool.run("mv \(program.path) \(program.path).moved")
        let error = #expect(throws: CodeListingError.self) {
            try DisassemblyReport(
                context, matching: "^work$", binaries: Binaries(), workerExecutable: Tool.sprof ?? "")
        }
        let identity = program.profile.string(program.profile.mappings[0].buildID)
        #expect(error?.description.contains("PPROF_BINARY_PATH (its build ID is \(identity))") == true)
    }

    @Test func `A page of sources has the machine code under its lines, and escapes what is shown`() throws {
        let program = try ListedProgram()
        let page = try WebListReport(
            program.context(.weblist), matching: "work|mix", sources: SourceFiles(searchPath: "", trimPath: ""),
            binaries: Binaries(), workerExecutable: Tool.sprof ?? ""
        ).render()
        #expect(page.contains("return (c ^ (b &gt;&gt; 3)) + b;"))
        #expect(page.contains("for (unsigned i = 0; i &lt; count; i++)"))
        // The call's line holds what was inlined there.
        let call = page.split(separator: "\n").first { $0.contains("sum += mix(sum, i);") }
        #expect(call?.contains("<div class=call>") == true && call?.contains("mix  prog.c:6") == true)
        #expect(!page.contains("<script src") && !page.contains("http:") && !page.contains("https:"))
    }

    @Test func `The code of an inlined function is shown where it was inlined`() throws {
        let program = try ListedProgram()
        let ours = try DisassemblyReport(
            program.context(.disasm), matching: "^mix$", binaries: Binaries(),
            workerExecutable: Tool.sprof ?? ""
        ).render()
        #expect(ours.contains("ROUTINE ======================== mix\n    inlined into work\n"))
    }
}
