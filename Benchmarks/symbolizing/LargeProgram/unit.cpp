// One unit of the large program: the same templates over types of its own, so that each unit has names, inlined calls
// and lines of its own, as units of large programs have. UNIT is the unit's number, KINDS how many types it has.
#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#define JOINED(a, b) a##b
#define NAMED(a, b) JOINED(a, b)

namespace NAMED(component_number_, UNIT) {

template <int Kind>
struct Record {
    std::string name;
    unsigned key;
    std::array<unsigned, 4> parts;

    bool operator<(const Record &other) const { return key != other.key ? key < other.key : name < other.name; }
};

template <int Kind>
struct Generator {
    unsigned state;

    unsigned next() { return state = state * 1664525u + 1013904223u; }

    Record<Kind> record() {
        Record<Kind> record{std::string(next() >> 28, 'a' + next() % 26), next() >> 16, {}};
        std::generate(record.parts.begin(), record.parts.end(), [this] { return next() >> 20; });
        return record;
    }
};

template <int Kind>
unsigned ordered(const std::vector<Record<Kind>> &records) {
    auto copy = records;
    std::sort(copy.begin(), copy.end(), [](const auto &a, const auto &b) { return b < a; });
    std::stable_sort(copy.begin(), copy.end(), [](const auto &a, const auto &b) { return a.parts[1] < b.parts[1]; });
    std::partial_sort(copy.begin(), copy.begin() + copy.size() / 2, copy.end());
    auto unique = std::unique(
        copy.begin(), copy.end(), [](const auto &a, const auto &b) { return a.parts[0] == b.parts[0]; });
    copy.erase(unique, copy.end());
    return std::accumulate(copy.begin(), copy.end(), 0u, [](unsigned sum, const auto &r) { return sum * 31 + r.key; });
}

template <int Kind>
unsigned mapped(const std::vector<Record<Kind>> &records) {
    std::map<std::string, std::vector<Record<Kind>>> byName;
    std::unordered_map<unsigned, std::shared_ptr<Record<Kind>>> byKey;
    std::set<Record<Kind>> all;
    for (const auto &record : records) {
        byName[record.name].push_back(record);
        byKey.emplace(record.key, std::make_shared<Record<Kind>>(record));
        all.insert(record);
    }
    unsigned sum = 0;
    for (const auto &[name, list] : byName) sum += name.size() * list.size();
    for (const auto &[key, record] : byKey) sum ^= key + record->parts[2];
    for (auto record = all.lower_bound(records.front()); record != all.end(); ++record) sum += record->key;
    return sum;
}

template <int Kind>
unsigned queued(const std::vector<Record<Kind>> &records) {
    std::deque<std::pair<unsigned, std::optional<Record<Kind>>>> queue;
    std::vector<std::variant<unsigned, Record<Kind>, std::unique_ptr<Record<Kind>>>> values;
    std::multimap<unsigned, std::variant<unsigned, Record<Kind>>> later;
    for (const auto &record : records) {
        if (record.key % 2) queue.emplace_back(record.key, record);
        else queue.emplace_front(record.key, std::nullopt);
        if (queue.size() > 16) queue.pop_front();
        later.emplace(record.parts[3], record);
        if (record.key % 3) values.emplace_back(record);
        else values.emplace_back(std::make_unique<Record<Kind>>(record));
    }
    std::function<unsigned(const Record<Kind> &)> weigh = [&queue](const Record<Kind> &record) {
        return record.key + unsigned(queue.size());
    };
    unsigned sum = 0;
    for (const auto &[key, record] : queue) sum += record ? weigh(*record) : key;
    for (const auto &value : values) {
        sum += std::visit(
            [&](const auto &held) -> unsigned {
                using Held = std::decay_t<decltype(held)>;
                if constexpr (std::is_same_v<Held, unsigned>) return held;
                else if constexpr (std::is_same_v<Held, Record<Kind>>) return weigh(held);
                else return weigh(*held) * 7;
            },
            value);
    }
    std::make_heap(values.begin(), values.end(), [](const auto &a, const auto &b) { return a.index() < b.index(); });
    for (const auto &[key, value] : later) sum ^= key + value.index();
    return sum;
}

template <int Kind>
__attribute__((noinline)) unsigned work(unsigned seed) {
    Generator<Kind> generator{seed};
    std::vector<Record<Kind>> records;
    for (int index = 0; index < 24; index++) records.push_back(generator.record());
    return ordered(records) + mapped(records) + queued(records);
}

template <int... Kinds>
unsigned all(unsigned seed, std::integer_sequence<int, Kinds...>) {
    return (work<Kinds>(seed + Kinds) + ...);
}

}  // namespace

unsigned NAMED(run_unit_, UNIT)(unsigned seed) {
    return NAMED(component_number_, UNIT)::all(seed, std::make_integer_sequence<int, KINDS>());
}
