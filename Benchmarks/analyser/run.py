#!/usr/bin/env python3
"""Measures sprof's reports beside `go tool pprof`'s: CPU seconds and peak memory of each, on two generated profiles.

    run.py SPROF GENERATOR [--all]

The small profile has 50 000 stacks of 40 frames, the large one 1 000 000. On the large one pprof is run for top, raw and
proto only, which takes it five minutes; with --all for every report. Prints tables in Markdown.
"""

import os
import subprocess
import sys
import tempfile

REPORTS = ["top", "raw", "proto", "traces", "tree", "peek", "tags", "dot"]
# Of everything on the large profile pprof would need half an hour.
SLOW_REPORTS = ["top", "raw", "proto"]


def measure(command):
    """CPU seconds and peak megabytes of a command, whose output goes to a file that is thrown away."""
    with tempfile.TemporaryFile() as output, open(os.devnull) as empty:
        process = subprocess.Popen(command, stdin=empty, stdout=output, stderr=subprocess.PIPE)
        errors = process.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit(f"{' '.join(command)} failed: {errors}")
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def commands(sprof, pprof, report, profile):
    option = "-peek=Class7::method28" if report == "peek" else "-" + report
    return [sprof, "pprof", option, profile], [pprof, option, profile]


def row(sprof, pprof, report, profile, runs_pprof):
    ours, theirs = commands(sprof, pprof, report, profile)
    seconds, megabytes = measure(ours)
    cells = [report, f"{seconds:.2f}", f"{megabytes:.0f}"]
    if runs_pprof:
        their_seconds, their_megabytes = measure(theirs)
        cells += [f"{their_seconds:.1f}", f"{their_megabytes:.0f}", f"{their_seconds / seconds:.0f}×"]
    else:
        cells += ["–", "–", "–"]
    print("| " + " | ".join(cells) + " |", flush=True)


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--all"]
    if len(arguments) != 2:
        sys.exit(__doc__)
    sprof, generator = map(os.path.abspath, arguments)
    pprof = subprocess.run(["go", "tool", "-n", "pprof"], check=True, capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        for samples in [50_000, 1_000_000]:
            profile = f"{folder}/{samples}.pb.gz"
            subprocess.run([generator, str(samples), "40", profile], check=True)
            size = os.path.getsize(profile) / 1e6
            print(f"\n{samples:,} stacks of 40 frames ({size:.1f} MB compressed)\n".replace(",", " "))
            print("| report | sprof s | MB | pprof s | MB | less CPU |\n| --- | ---: | ---: | ---: | ---: | ---: |")
            for report in REPORTS:
                is_slow = samples > 100_000 and report not in SLOW_REPORTS
                row(sprof, pprof, report, profile, not is_slow or "--all" in sys.argv)


if __name__ == "__main__":
    main()
