import ELF
import Glibc
import Primitives

/// A folder for programs that inputs are made from, removed at the end.
final class SampleFolder {
    let path: String

    /// The variable that tells a target's process where the programs are.
    private static let variable = "SPROF_FUZZ_SAMPLES"

    init() {
        if let made = getenv(Self.variable) {
            path = String(cString: made)
            return
        }
        // Some targets write a file per input: in memory, if there is room for that.
        var template = Array("/dev/shm/sprof-fuzz-XXXXXX".utf8CString)
        if mkdtemp(&template) == nil {
            template = Array("/tmp/sprof-fuzz-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { fatalError("cannot make a folder in /tmp") }
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        setenv(Self.variable, path, 1)
        atexit { system("rm -rf \"$\(SampleFolder.variable)\"") }
    }

    /// The bytes of a program compiled from `source` by `command`; nil without that compiler.
    func program(_ source: String, _ command: String, name: String, language: String) -> [UInt8]? {
        let output = "\(path)/\(name)"
        if let known = try? FileDescriptor(opening: output) { return try? known.readToEnd(limit: 16 << 20) }
        let file = "\(output).\(language)"
        write(Array(source.utf8), to: file)
        guard system("cd '\(path)' && \(command) -o \(name) '\(file)' >log 2>&1") == 0 else { return nil }
        return try? FileDescriptor(opening: output).readToEnd(limit: 16 << 20)
    }

    /// Makes `path` hold just `bytes`.
    func write(_ bytes: [UInt8], to path: String) {
        guard let file = try? FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600),
            (try? file.write(bytes.rawSpan)) != nil
        else { fatalError("cannot write \(path)") }
    }

    /// Small C++ programs with inlined calls and `.eh_frame`, compiled in several ways.
    lazy var programs: [[UInt8]] = {
        let commands = [
            "g++ -O2 -g -gdwarf-5 -gz=none -nostartfiles -Wl,-e,main",
            "g++ -O2 -g -gdwarf-4 -gz=none -nostartfiles -Wl,-e,main",
            "g++ -O1 -g -gdwarf-2 -gstrict-dwarf -gz=none -no-pie -nostartfiles -Wl,-e,main",
            "clang++ -O2 -g -gdwarf-5 -nostartfiles -Wl,-e,main",
        ]
        return commands.enumerated().compactMap {
            program(Self.source, $0.element, name: "program\($0.offset)", language: "cpp")
        }
    }()

    private static let source = """
        struct Shape { virtual int area(int) const { return 1; } virtual ~Shape() {} };
        struct Square : Shape { int side; int area(int k) const override { return side * side * k; } };
        void operator delete(void *, unsigned long) {}
        extern "C" void __cxa_pure_virtual() {}
        namespace inner {
            template <typename T> static inline T twice(T x) { return x * 2; }
            static inline int both(int x) { return twice(x) + twice(x + 1); }
            __attribute__((noinline)) int outer(int x) { volatile int big[40]; big[x & 31] = both(x); return big[3]; }
            __attribute__((noinline)) int recurse(int n) { return n < 2 ? n : recurse(n - 1) + recurse(n - 2) * outer(n); }
            __attribute__((noinline)) double other(double y) { double s = 0; for (int i = 0; i < 9; i++) s += y / (i + 1); return s; }
        }
        extern "C" int main(int count, char **) {
            Square square; square.side = count;
            const Shape *shape = &square;
            volatile int size = count * 16 + 16;
            volatile char *room = (volatile char *)__builtin_alloca(size);
            room[1] = 2;
            return shape->area(3) + inner::recurse(count) + (int)inner::other(count) + room[1];
        }
        """
}

/// Where sections of a sound image are, for making inputs.
struct ImageMap {
    let image: ElfImage

    /// Nil if `bytes` are no image.
    init?(_ bytes: [UInt8]) {
        guard let image = try? ElfImage(bytes: bytes) else { return nil }
        self.image = image
    }

    /// The places of the sections called `names`, in the file.
    func places(_ names: [String]) -> [Range<Int>] {
        image.sections.filter { names.contains($0.name) && !$0.hasNoBytes }
            .map { Int($0.offset.value)..<Int($0.offset.value + $0.size) }
    }

    /// The file header, the program headers, the section headers and their names, and the notes.
    func headers(_ bytes: [UInt8]) -> [Range<Int>] {
        var reader = ByteReader(bytes.rawSpan)
        guard (try? reader.seek(to: 40)) != nil, let table = try? reader.read(UInt64.self) else { return [0..<64] }
        let sections = Int(table)..<Int(table) + image.sections.count * 64
        let notes = image.sections.filter { $0.type == 7 }.map { $0.name }
        return [0..<64, 64..<64 + image.segments.count * 56, sections] + places([".shstrtab"] + notes)
    }

    /// Addresses spread over the code.
    func addresses(_ count: UInt64) -> [UInt64] {
        guard let text = image.section(named: ".text"), text.size > count else { return [image.entry.value] }
        return (0..<count).map { text.address.value + $0 * text.size / count + 3 }
    }
}
