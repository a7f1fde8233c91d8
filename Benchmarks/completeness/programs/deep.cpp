// Deep stacks of an ordinary C++ program: a tree of expressions evaluated by virtual calls and templates, whose leaves sort,
// fill maps, format numbers and call back through C, for as many seconds of CPU time as the argument says.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

using Environment = std::map<std::string, long>;

struct Node {
    virtual ~Node() = default;
    virtual long evaluate(Environment &environment) const = 0;
};
using NodePointer = std::unique_ptr<Node>;

template <typename Operation> struct Binary : Node {
    NodePointer left, right;
    Binary(NodePointer left, NodePointer right) : left(std::move(left)), right(std::move(right)) {}
    long evaluate(Environment &environment) const override {
        return Operation()(left->evaluate(environment), right->evaluate(environment));
    }
};

struct Call : Node {
    std::function<long(long)> function;
    NodePointer argument;
    Call(std::function<long(long)> function, NodePointer argument)
        : function(std::move(function)), argument(std::move(argument)) {}
    long evaluate(Environment &environment) const override { return function(argument->evaluate(environment)); }
};

struct Variable : Node {
    std::string name;
    explicit Variable(std::string name) : name(std::move(name)) {}
    long evaluate(Environment &environment) const override { return ++environment[name]; }
};

// The median of pseudo-random records, sorted by a comparison that looks at strings.
struct Median : Node {
    struct Record { std::string key; long value; };
    long seed;
    explicit Median(long seed) : seed(seed) {}
    long evaluate(Environment &environment) const override {
        std::vector<Record> records;
        for (long i = 0; i < 40; i++) {
            long value = (i * 7919 + seed) % 509;
            records.push_back({"record number " + std::to_string(value), value});
        }
        std::sort(records.begin(), records.end(), [](const Record &a, const Record &b) { return a.key < b.key; });
        return records[records.size() / 2].value + long(environment.size());
    }
};

extern "C" int compareLongs(const void *a, const void *b) {
    long left = *static_cast<const long *>(a), right = *static_cast<const long *>(b);
    return left < right ? -1 : left > right;
}

struct CallBack : Node {
    long evaluate(Environment &environment) const override {
        std::vector<long> values(64);
        std::iota(values.begin(), values.end(), -20L);
        for (auto &value : values) value = value * value % 61;
        qsort(values.data(), values.size(), sizeof(long), compareLongs);
        char text[64];
        std::snprintf(text, sizeof text, "%ld %.3f", values[7], double(values[9]) / 3);
        return std::strtol(text, nullptr, 10) + long(environment.size());
    }
};

static NodePointer leaf(int number) {
    switch (number % 3) {
    case 0: return std::make_unique<Variable>("variable " + std::to_string(number % 20));
    case 1: return std::make_unique<Median>(number);
    default: return std::make_unique<CallBack>();
    }
}

// A spine of `depth` nodes with a leaf at each.
static NodePointer tree(int depth, int number) {
    if (depth == 0) return leaf(number);
    auto inner = tree(depth - 1, number * 5 + 1);
    switch (depth % 4) {
    case 0: return std::make_unique<Binary<std::plus<long>>>(std::move(inner), leaf(number));
    case 1: return std::make_unique<Binary<std::bit_xor<long>>>(leaf(number), std::move(inner));
    case 2: return std::make_unique<Binary<std::minus<long>>>(std::move(inner), leaf(number + depth));
    default: return std::make_unique<Call>([depth](long value) { return value % (depth + 7); }, std::move(inner));
    }
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? std::atof(argv[1]) : 1;
    auto root = tree(70, 1);
    Environment environment;
    volatile long sink = 0;
    while (std::clock() < seconds * CLOCKS_PER_SEC) sink = sink + root->evaluate(environment);
}
