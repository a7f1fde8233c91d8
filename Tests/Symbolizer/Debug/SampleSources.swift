/// Programs with inlined calls, closures and generic functions, by the names of their source files.
enum SampleSources {
    static let all = [
        "program.cpp": cxx, "program.rs": rust, "program.swift": swift, "program.go": go,
    ]

    private static let cxx = """
        #include <algorithm>
        #include <cstdio>
        #include <map>
        #include <string>
        #include <vector>
        namespace space {
        struct Counter {
            std::vector<int> values;
            int above(int limit) const {
                return std::count_if(values.begin(), values.end(), [limit](int value) { return value > limit; });
            }
        };
        }
        namespace {
        struct Hidden {
            std::string text;
            std::string twice() const { return text + text; }
        };
        }
        static int square(int x) {
            auto scale = [x](auto y) { return int(y * x) % 101; };
            return scale(x) + scale(2.5);
        }
        int main(int count, char **words) {
            space::Counter counter;
            std::map<std::string, std::vector<int>> groups;
            for (int i = 0; i < count * 10; i++) {
                counter.values.push_back(square(i));
                groups[std::to_string(i % 7)].push_back(i);
            }
            std::sort(counter.values.begin(), counter.values.end(), [](int a, int b) { return a > b; });
            Hidden hidden{std::to_string(counter.above(7))};
            for (const auto &[key, values] : groups) hidden.text += key + std::to_string(values.size());
            puts(hidden.twice().c_str());
        }
        """

    private static let rust = """
        use std::collections::{BTreeMap, HashMap};
        #[derive(Clone, Debug, PartialEq)]
        enum Value { Number(f64), Text(String), List(Vec<Value>) }
        trait Visitor { fn visit(&mut self, value: &Value) -> usize; }
        struct Depth(usize);
        impl Visitor for Depth {
            fn visit(&mut self, value: &Value) -> usize {
                self.0 += 1;
                match value {
                    Value::List(items) => items.iter().map(|v| self.visit(v)).max().unwrap_or(0) + 1,
                    Value::Text(text) => text.chars().filter(|c| c.is_alphanumeric()).count(),
                    Value::Number(number) => *number as usize % 7,
                }
            }
        }
        fn build(depth: usize, seed: u64) -> Value {
            match (seed >> 7) % 3 {
                _ if depth == 0 => Value::Number(seed as f64 / 3.0),
                0 => Value::Text(format!("{seed:x}-{depth:?}")),
                _ => Value::List((0..4).map(|i| build(depth - 1, seed.wrapping_mul(6364136223846793005) + i)).collect()),
            }
        }
        fn main() {
            let mut sizes: HashMap<usize, BTreeMap<String, Value>> = HashMap::new();
            for seed in 0..40 {
                let value = build(seed as usize % 5, seed);
                let mut depth = Depth(0);
                sizes.entry(depth.visit(&value)).or_default().insert(format!("{value:?}"), value);
            }
            let mut sorted: Vec<_> = sizes.iter().map(|(k, v)| (k, v.len())).collect();
            sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
            println!("{sorted:?}");
        }
        """

    private static let swift = """
        protocol Shape { var area: Double { get } }
        struct Square: Shape { var side: Double; var area: Double { side * side } }
        final class Circle: Shape {
            var radius: Double
            init(_ radius: Double) { self.radius = radius }
            var area: Double { radius * radius * 3 }
        }
        enum Tree<Value: Comparable> {
            case leaf
            indirect case node(Tree, Value, Tree)
            func inserting(_ value: Value) -> Tree {
                guard case .node(let left, let own, let right) = self else { return .node(.leaf, value, .leaf) }
                return value < own
                    ? .node(left.inserting(value), own, right) : .node(left, own, right.inserting(value))
            }
            func forEach(_ body: (Value) -> Void) {
                guard case .node(let left, let own, let right) = self else { return }
                left.forEach(body)
                body(own)
                right.forEach(body)
            }
        }
        var shapes: [any Shape] = []
        for index in 0..<50 {
            if index % 2 == 0 { shapes.append(Square(side: Double(index))) } else { shapes.append(Circle(2)) }
        }
        var tree = Tree<String>.leaf
        var groups: [Int: [Double]] = [:]
        for (index, shape) in shapes.enumerated() {
            tree = tree.inserting("\\(shape.area)")
            groups[index % 5, default: []].append(shape.area)
        }
        tree.forEach { print($0, terminator: " ") }
        for (key, areas) in groups.sorted(by: { $0.key < $1.key }) { print(key, areas.reduce(0, +)) }
        """

    private static let go = """
        package main

        import (
        \t"fmt"
        \t"sort"
        \t"strings"
        )

        type shape interface{ area() float64 }
        type square struct{ side float64 }

        func (s square) area() float64 { return s.side * s.side }
        func double(x float64) float64 { return x * 2 }

        func main() {
        \tgroups := map[string][]shape{}
        \tfor i := 0; i < 50; i++ {
        \t\tkey := strings.Repeat("x", i%7)
        \t\tgroups[key] = append(groups[key], square{double(float64(i))})
        \t}
        \tkeys := []string{}
        \tfor key := range groups {
        \t\tkeys = append(keys, key)
        \t}
        \tsort.Slice(keys, func(a, b int) bool { return len(keys[a]) > len(keys[b]) })
        \tfor _, key := range keys {
        \t\tfmt.Println(key, len(groups[key]), groups[key][0].area())
        \t}
        }
        """
}
