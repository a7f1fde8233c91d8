import Primitives
import ProfileModel
import RegularExpressions
import Testing

@testable import ProfileShell

@Suite struct CompleterTests {
    private let completer: Completer

    init() {
        var profile = Profile(sampleTypes: [("alloc_space", "bytes"), ("inuse_space", "bytes")])
        var locations: [LocationIndex] = []
        for name in ["main.main", "main.(*Pool).Get", "std::vector<int, 2>::push_back(int)", "main.Ünicode", ""] {
            let function = profile.addFunction(name: name, systemName: name)
            locations.append(profile.addLocation(mapping: nil, address: .init(1), lines: [Line(function: function)]))
        }
        let key = profile.intern("request")
        profile.addSample(
            locations: locations, values: [1, 2], labels: [Label(key: key, number: 1, unit: profile.intern("bytes"))])
        completer = Completer(profile)
    }

    @Test(
        "A word becomes what may stand in its place",
        arguments: [
            ("comm", ["comments"]), ("to", ["top", "topproto", "total_alloc_space", "total_inuse_space"]),
            ("alloc", ["alloc_space"]), ("nodec", ["nodecount="]), ("call_t", ["call_tree"]), ("cu", ["cum"]),
            ("help lis", ["list"]), ("help x", []), ("sort=", ["sort=cum", "sort=flat"]), ("trim=f", ["trim=false"]),
            ("sample_index=in", ["sample_index=inuse_space"]), ("tagroot=a,re", ["tagroot=a,request"]),
            ("tagfocus=r", ["tagfocus=request="]), ("focus=main.m", ["focus=main\\.main"]),
            ("top main.m", ["main\\.main"]), ("top10 -main.m", ["-main\\.main"]),
            ("list push_b", ["std::vector<int,.2>::push_back\\(int\\)"]),
            ("list main\\.m", ["main\\.main"]), ("tags re", ["request:"]), ("top >ma", []), ("nothing ma", []),
            ("list ", []), ("top main.Ü", ["main\\.Ünicode"]), ("focus=zzz", []),
        ])
    func proposals(line: String, words: [String]) {
        #expect(completer.proposals(for: line) == words)
    }

    @Test("A function is proposed as an expression that matches it, and nothing but it")
    func expressions() throws {
        for name in ["main.(*Pool).Get", "a b\tc", "x[1]{2}^$|?*+\\", "operator()<>", "main.Ünicode"] {
            let expression = Completer.expression(for: name)
            #expect(expression.filter { $0.isWhitespace }.isEmpty)
            #expect(try RegularExpression("^" + expression + "$").matches(name))
            #expect(try RegularExpression("^" + expression + "$").matches(name + "x") == false)
        }
    }

    @Test("What all proposals begin with takes the word's place, unless that would take something away")
    func commonStart() {
        #expect(Completer.commonStart(of: ["nodecount=", "nodefraction="], typed: "no") == "node")
        #expect(Completer.commonStart(of: ["a.b", "x.b"], typed: "b") == "b")
        #expect(Completer.commonStart(of: ["main\\.add"], typed: "main.add(x)yz") == "main\\.add")
        #expect(Completer.commonStart(of: [], typed: "b") == "b")
    }
}
