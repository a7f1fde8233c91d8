// The standard library's containers, virtual calls, exceptions through several frames, and threads, for as many seconds
// of CPU time as the argument says.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

struct Shape {
    virtual ~Shape() = default;
    virtual double area(int depth) const = 0;
};

struct Square : Shape {
    double side = 2;
    [[gnu::noinline]] double area(int depth) const override { return depth ? side + area(depth - 1) : side * side; }
};

[[gnu::noinline]] static int thrower(int depth) {
    std::string local(depth + 20, 'x');
    if (depth == 0) throw std::runtime_error(local);
    return thrower(depth - 1) + int(local.size());
}

[[gnu::noinline]] static int catcher(int depth) {
    try {
        return thrower(depth);
    } catch (const std::exception &error) {
        return int(std::string(error.what()).size());
    }
}

[[gnu::noinline]] static long round(int seed) {
    std::map<std::string, long> counts;
    std::vector<std::string> words;
    for (int i = 0; i < 2000; i++) words.push_back("word" + std::to_string((i * 7919 + seed) % 509));
    for (auto &word : words) counts[word]++;
    std::sort(words.begin(), words.end(), [](auto &a, auto &b) { return a > b; });
    std::function<long(int)> walk = [&](int n) -> long { return n ? walk(n - 1) + counts.size() : 0; };
    auto shape = std::make_unique<Square>();
    long sum = walk(60) + long(shape->area(50));
    for (int i = 0; i < 20; i++) sum += catcher(i);
    return sum;
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 1;
    volatile long sink = 0;
    while (std::clock() < seconds * CLOCKS_PER_SEC) {
        std::thread other([&] { for (int i = 0; i < 10; i++) sink = sink + round(i); });
        for (int i = 0; i < 10; i++) sink = sink + round(i + 100);
        other.join();
    }
}
