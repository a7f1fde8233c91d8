#!/usr/bin/env python3
"""Measures sprof's reports beside `go tool pprof`'s: CPU seconds and peak memory of each, on two generated profiles.

    run.py SPROF GENERATOR [--all] [--only NAME]...

The small profile has 50 000 stacks of 40 frames, the large one 1 000 000. On the large one pprof is run for top, raw and
proto only, which takes it five minutes of CPU; with --all for every report that fits into 16 GB, which takes an hour.
--only names rows of the table. Prints tables in Markdown.
"""

import argparse
import os
import subprocess
import sys
import tempfile

PEEK = "-peek=Class7::method28"
# The arguments by the name of the row; BASE stands for a profile of 40 000 of the stacks.
REPORTS = {
    "top": ["-top"],
    "raw": ["-raw"],
    "proto": ["-proto"],
    "topproto": ["-topproto"],
    "traces": ["-traces"],
    "tree": ["-tree"],
    "peek": [PEEK],
    "tags": ["-tags"],
    "comments": ["-comments"],
    "dot": ["-dot"],
    "callgrind": ["-callgrind"],
    "dot, call tree": ["-dot", "-call_tree"],
    "top, focus": ["-top", "-focus=Class7::"],
    "top, tagfocus": ["-top", "-tagfocus=thread=^worker-1$"],
    "top, tagroot": ["-top", "-tagroot=thread"],
    "top, base": ["-top", "-base", "BASE"],
    "top, diff_base": ["-top", "-diff_base", "BASE"],
}
# Of everything on the large profile pprof would need an hour.
QUICK_REPORTS = ["top", "raw", "proto"]
# What pprof takes more than 16 GB for there: 1.5 GB and more on the small one.
HUGE_REPORTS = ["callgrind", "dot, call tree"]
# What pprof has not.
OWN_COMMANDS = {
    "sprof diff with itself": ["diff", "PROFILE", "PROFILE"],
    "sprof flamegraph": ["flamegraph", "PROFILE"],
    "sprof flamegraph, diff base": ["flamegraph", "--diff-base", "BASE", "PROFILE"],
    "sprof convert --to folded": ["convert", "--to", "folded", "PROFILE"],
}


def measure(command):
    """CPU seconds and peak megabytes of a command, whose output goes to a file that is thrown away."""
    with tempfile.TemporaryFile() as output, open(os.devnull) as empty:
        process = subprocess.Popen(command, stdin=empty, stdout=output, stderr=subprocess.PIPE)
        errors = process.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit(f"{' '.join(command)} failed: {errors}")
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def row(name, ours, theirs):
    """Prints a row; `theirs` is None where pprof is not run."""
    seconds, megabytes = measure(ours)
    cells = [name, f"{seconds:.2f}", f"{megabytes:.0f}"]
    if theirs:
        their_seconds, their_megabytes = measure(theirs)
        cells += [f"{their_seconds:.1f}", f"{their_megabytes:.0f}", f"{their_seconds / seconds:.0f}×"]
    else:
        cells += ["–", "–", "–"]
    print("| " + " | ".join(cells) + " |", flush=True)


def heading(title):
    print(f"\n{title}\n", flush=True)
    print("| report | sprof s | MB | pprof s | MB | less CPU |\n| --- | ---: | ---: | ---: | ---: | ---: |", flush=True)


def start_up(sprof, pprof, profile):
    """Prints the least CPU time of 20 runs on a profile with hardly anything in it."""
    print("\nA profile of 10 stacks of 5 frames, least of 20 runs\n")
    print("| report | sprof ms | pprof ms |\n| --- | ---: | ---: |")
    best = [min(measure(command)[0] for _ in range(20)) for command in [[sprof, "top", profile], [pprof, "-top", profile]]]
    print(f"| top | {best[0] * 1000:.1f} | {best[1] * 1000:.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sprof", type=os.path.abspath)
    parser.add_argument("generator", type=os.path.abspath)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", action="append", default=[])
    arguments = parser.parse_args()
    sprof = arguments.sprof
    pprof = subprocess.run(["go", "tool", "-n", "pprof"], check=True, capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for samples, depth in [(10, 5), (40_000, 40), (50_000, 40), (1_000_000, 40)]:
            paths[samples] = f"{folder}/{samples}.pb.gz"
            subprocess.run([arguments.generator, str(samples), str(depth), paths[samples]], check=True)
        start_up(sprof, pprof, paths[10])
        for samples in [50_000, 1_000_000]:
            profile = paths[samples]
            size = os.path.getsize(profile) / 1e6
            heading(f"{samples:,} stacks of 40 frames ({size:.1f} MB compressed)".replace(",", " "))
            for name, options in REPORTS.items():
                if arguments.only and name not in arguments.only:
                    continue
                is_large = samples > 100_000
                runs_pprof = not is_large or name in QUICK_REPORTS or arguments.all and name not in HUGE_REPORTS
                options = [paths[40_000] if option == "BASE" else option for option in options]
                theirs = [pprof, *options, profile] if runs_pprof else None
                row(name, [sprof, "pprof", *options, profile], theirs)
            for name, options in OWN_COMMANDS.items():
                if arguments.only and name not in arguments.only:
                    continue
                names = {"BASE": paths[40_000], "PROFILE": profile}
                row(name, [sprof, *(names.get(option, option) for option in options)], None)


if __name__ == "__main__":
    main()
