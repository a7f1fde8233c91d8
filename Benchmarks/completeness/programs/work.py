"""Objects, strings, sorting, regular expressions, JSON and recursion, for as many rounds as the argument says."""
import json
import re
import sys


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def deep(n):
    return fibonacci(8) if n == 0 else deep(n - 1) + 1


def round_of_work(seed):
    words = ["word%d" % ((i * 7919 + seed) % 509) for i in range(500)]
    counts = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    words.sort(key=lambda word: word[::-1])
    text = json.dumps(json.loads(json.dumps(words)))
    return len(re.sub(r"word(\d)", lambda match: match.group(1), text)) + len(counts) + deep(100)


print(sum(round_of_work(seed) for seed in range(int(sys.argv[1]) if len(sys.argv) > 1 else 100)))
