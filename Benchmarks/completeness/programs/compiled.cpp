// For cc1plus to chew on.
#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <regex>
#include <string>
#include <unordered_map>

bool matches(const std::string &text) { return std::regex_match(text, std::regex("([a-z]+)=([0-9]+)")); }

std::map<std::string, std::function<int(int)>> table() { return {{"one", [](int n) { return n + 1; }}}; }

void shuffle(std::vector<std::string> &words) {
    std::mt19937 random(7);
    std::shuffle(words.begin(), words.end(), random);
    std::stable_sort(words.begin(), words.end());
}
