// The program that `make demo` records: it makes up text, counts its words in a hash table and sorts the counts.
// About two seconds of CPU time, in functions whose names show up in the profile.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

// A small generator with a fixed seed, so that every run does the same work.
class Random {
public:
    std::uint32_t next() {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::uint32_t>(state_ >> 33);
    }

private:
    std::uint64_t state_ = 42;
};

__attribute__((noinline)) std::string make_text(Random& random, std::size_t words) {
    std::string text;
    for (std::size_t i = 0; i < words; ++i) {
        for (std::uint32_t letters = 1 + random.next() % 4; letters > 0; --letters)
            text += static_cast<char>('a' + random.next() % 16);
        text += ' ';
    }
    return text;
}

using Counts = std::unordered_map<std::string, int>;

__attribute__((noinline)) void count_words(const std::string& text, Counts& counts) {
    std::size_t start = 0;
    for (std::size_t end; (end = text.find(' ', start)) != std::string::npos; start = end + 1)
        ++counts[text.substr(start, end - start)];
}

__attribute__((noinline)) std::vector<std::pair<int, std::string>> rank_words(const Counts& counts) {
    std::vector<std::pair<int, std::string>> ranking;
    for (const auto& [word, count] : counts) ranking.emplace_back(count, word);
    std::sort(ranking.begin(), ranking.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    return ranking;
}

}  // namespace

int main() {
    Random random;
    Counts counts;
    for (int round = 0; round < 30; ++round) {
        count_words(make_text(random, 500000), counts);
        const auto ranking = rank_words(counts);
        if (round == 29)
            std::printf("%zu words, most often: %s (%d)\n", ranking.size(), ranking[0].second.c_str(), ranking[0].first);
    }
}
