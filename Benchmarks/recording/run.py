#!/usr/bin/env python3
"""What recording costs: sprof, perf and no profiler at all on the same work in the same run, as tables for docs/performance.md.

Compiles the programs beside this file and takes a few minutes. Costs are CPU time, which a busy machine changes less than wall
time; trust the ratios. Needs root, gcc, g++, setpriv (util-linux) and, for the comparison, perf (linux-perf).

    Benchmarks/recording/run.py [--sprof PATH] [--only TEXT] [--rounds N]
"""
import argparse
import gzip
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# Without CAP_BPF sprof binds its events to threads, as it does for everyone but root.
PER_THREAD = ["setpriv", "--bounding-set=-bpf,-sys_admin"]
# How long a recorder is given to open its events before the work begins.
SETTLING_SECONDS = 1.5


class Run:
    """A command that runs with its output in a file; `end` waits for it."""

    def __init__(self, command, folder, environment=None):
        self.path = os.path.join(folder, f"output{time.monotonic_ns()}")
        with open(self.path, "wb") as output, open(self.path + ".error", "wb") as error:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=error, env=environment)

    def end(self):
        """The CPU seconds and the largest resident set of the command and the children that it waited for."""
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.process.stdin.close()
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        self.peak_bytes = usage.ru_maxrss * 1024
        with open(self.path, encoding="utf-8", errors="replace") as output:
            self.output = output.read()
        return self

    def wait_for_line(self, text):
        while text not in open(self.path, encoding="utf-8").read():
            if self.process.poll() is not None:
                sys.exit(f"{self.process.args[0]} ended early")
            time.sleep(0.01)

    def go(self):
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()


class Bench:
    def __init__(self, sprof, folder, rounds):
        self.sprof = sprof
        self.folder = folder
        self.rounds = rounds
        self.profile = os.path.join(folder, "profile.pb.gz")
        self.data = os.path.join(folder, "perf.data")
        self.has_perf = shutil.which("perf") is not None
        for name in ["pingpong", "spin", "storm"]:
            source = os.path.join(HERE, "programs", name + ".c")
            subprocess.run(["gcc", "-O2", "-g", "-pthread", "-o", self.program(name), source], check=True)
        subprocess.run(
            ["g++", "-O2", "-g", "-o", self.program("wordcount"), os.path.join(ROOT, "Examples", "wordcount.cpp")],
            check=True)

    def program(self, name):
        return os.path.join(self.folder, name)

    # Recorders: each a command to which "-p PID" or "-- COMMAND" is added.

    def sprof_record(self, hertz, *options):
        return [self.sprof, "record", "-F", str(hertz), "--json", "-q", "-o", self.profile, *options]

    def perf_record(self, hertz, graph):
        return ["perf", "record", "-q", "-F", str(hertz), "--call-graph", graph, "-o", self.data]

    def work(self, program, recorder=None):
        """Runs `program`, which waits for a line, under a recorder that is attached before; both, ended."""
        work = Run(program, self.folder)
        work.wait_for_line("ready")
        watch = None
        if recorder:
            watch = Run([*recorder, "-p", str(work.process.pid)], self.folder)
            time.sleep(SETTLING_SECONDS)
        work.go()
        work.end()
        return work, watch.end() if watch else None

    def perf_counts(self):
        """Samples and lost records of perf's file."""
        stats = subprocess.run(["perf", "report", "--stats", "-i", self.data], capture_output=True, text=True).stdout
        samples = re.search(r"SAMPLE events: +(\d+)", stats)
        lost = subprocess.run(
            f"perf script -i {self.data} --show-lost-events -F comm 2>/dev/null | grep -o 'LOST.*' | grep -o 'lost [0-9]*'",
            shell=True, capture_output=True, text=True).stdout
        return int(samples.group(1)) if samples else 0, sum(int(line.split()[1]) for line in lost.splitlines())


def account(run):
    """The account that `sprof record --json` printed."""
    for line in run.output.splitlines():
        if line.startswith("{"):
            return json.loads(line)
    sys.exit(f"sprof failed: {open(run.path + '.error').read()}")


def start_of(profile):
    """When sampling began, in nanoseconds since 1970: field 9 of profile.proto."""
    data = gzip.open(profile).read()
    position = 0

    def varint():
        nonlocal position
        value = shift = 0
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while position < len(data):
        key = varint()
        if key & 7 == 2:
            length = varint()
            position += length
        else:
            value = varint()
            if key >> 3 == 9:
                return value
    sys.exit("the profile does not say when it began")


def table(title, command, header, rows):
    print(f"\n{title}: `{command}`.\n")
    print("| " + " | ".join(header) + " |")
    print("|" + " --- |" * len(header))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)


def cost(bench):
    """What the recorder uses for each sample, all in but names: two busy threads with stacks of 27 KB."""
    rows = []
    for hertz, size in [(999, 16384), (999, 65520), (4999, 16384)]:
        work = [bench.program("spin"), "2600", "100", "2"]
        _, sprof = bench.work(work, bench.sprof_record(hertz, "--stack-size", str(size)))
        facts = account(sprof)
        samples = max(1, facts["samples"])
        rows.append([
            f"{hertz} Hz, {round(size / 1024)} KB", "sprof", facts["samples"], facts["lost"],
            f"{facts['recording_cpu_ns'] / samples / 1e3:.1f} µs",
            f"{facts['recording_peak_memory_bytes'] / 1e6:.0f} MB",
            f"{os.path.getsize(bench.profile) / 1e6:.2f} MB"])
        if bench.has_perf:
            _, perf = bench.work(work, bench.perf_record(hertz, f"dwarf,{size}"))
            samples, lost = bench.perf_counts()
            if samples == 0:
                sys.exit(f"perf failed: {open(perf.path + '.error').read()}")
            rows.append([
                "", "perf record", samples, lost, f"{perf.cpu_seconds / max(1, samples) * 1e6:.1f} µs",
                f"{perf.peak_bytes / 1e6:.0f} MB", f"{os.path.getsize(bench.data) / 1e6:.2f} MB"])
            os.unlink(bench.data)
    table(
        "CPU time for each sample, with unwinding in sprof and without in perf; two busy threads, start and end included",
        "record -F HZ --stack-size BYTES -p PID", ["rate, copy", "", "samples", "lost", "CPU per sample", "memory", "disk"],
        rows)


def slowdown(bench, title, program, unit, rate=None):
    """CPU time of a program alone and under recorders that are attached at 99 Hz, in turns; the program's last number. `rate`
    says what the number before it counts in a second."""
    recorders = [
        ("alone", None), ("sprof, root", bench.sprof_record(99)),
        ("sprof, events bound to threads", PER_THREAD + bench.sprof_record(99))]
    if bench.has_perf:
        recorders.append(("perf record", bench.perf_record(99, "dwarf,65528")))
    times = {name: [] for name, _ in recorders}
    rates = {name: [] for name, _ in recorders}
    for _ in range(bench.rounds):
        for name, recorder in recorders:
            work, watch = bench.work(program, recorder)
            times[name].append(int(work.output.split()[-1]))
            if rate:
                rates[name].append(int(work.output.split()[-2]))
            if recorder and recorder[-2] == "-o" and "sprof" in name:
                expected = "filteredCPUs" if name == "sprof, root" else "perTask"
                if account(watch)["attachment"] != expected:
                    sys.exit(f"{name}: sprof did not attach as {expected}; are we root?")
    alone = statistics.median(times["alone"])
    rows = []
    for name, values in times.items():
        middle = statistics.median(values)
        rows.append([
            name, f"{middle / unit[0]:.2f} {unit[1]}", f"{min(values) / unit[0]:.2f}–{max(values) / unit[0]:.2f}",
            "" if name == "alone" else f"{(middle / alone - 1) * 100:+.1f} %",
            "" if name == "alone" else f"{(min(values) / min(times['alone']) - 1) * 100:+.1f} %",
            *([f"{statistics.median(rates[name]) / 1000:.0f} 000"] if rate else [])])
    table(
        f"{title}, median of {bench.rounds} rounds", "record -F 99 -p PID",
        ["", "CPU time", "range", "against alone, medians", "least values", *([rate] if rate else [])], rows)


def switches(bench):
    trips = 400_000
    cpus = min(2, os.cpu_count())
    slowdown(
        bench, f"A round trip of two threads over pipes on one CPU, two context switches, on {cpus} CPUs at once",
        [bench.program("pingpong"), str(trips), str(cpus)], (trips * cpus * 1000, "µs"), "switches a second")


def busy(bench):
    slowdown(
        bench, "A target that only computes", [bench.program("spin"), "1300", "100", "1"], (1e9, "s"))


def start(bench):
    """How long it takes from the start of sprof until it samples. Before others, as the machine may be busy."""
    os.nice(-10)
    rows = []
    waiting = 1000
    for name, prefix in [("root", []), ("events bound to threads", PER_THREAD)]:
        attach, command, cpu = [], [], []
        for _ in range(bench.rounds):
            work = Run([bench.program("spin"), "1", "1", "1", str(waiting)], bench.folder)
            work.wait_for_line("ready")
            before = time.time_ns()
            watch = Run(
                [*prefix, *bench.sprof_record(999, "-d", "300ms"), "-p", str(work.process.pid)], bench.folder)
            time.sleep(SETTLING_SECONDS)
            work.go()
            work.end()
            watch.end()
            account(watch)
            attach.append((start_of(bench.profile) - before) / 1e6)
            before = time.time_ns()
            watch = Run([*prefix, *bench.sprof_record(999), "--", "date", "+%s%N"], bench.folder).end()
            command.append((int(re.search(r"^\d{19}$", watch.output, re.M).group()) - before) / 1e6)
            cpu.append(account(watch)["recording_cpu_ns"] / 1e6)
        rows.append([
            name, f"{min(attach):.0f} ms, {statistics.median(attach):.0f} ms",
            f"{min(command):.0f} ms, {statistics.median(command):.0f} ms",
            f"{min(cpu):.0f} ms, {statistics.median(cpu):.0f} ms"])
    table(
        f"From the start of sprof until samples count, wall time, least and median of {bench.rounds}",
        "record -p PID; record -- date", ["", f"-p, {waiting + 1} threads", "-- command", "CPU until the end of recording, -- date"],
        rows)
    os.nice(10)


def storms(bench):
    rows = []
    loop = "i=0; while [ $i -lt 500 ]; do /bin/true; i=$((i+1)); done"
    for name, hertz, command in [
            ("4 000 threads of 300 µs", 999, [bench.program("storm"), "4000", "300"]),
            ("1 000 threads of 3 ms", 999, [bench.program("storm"), "1000", "3000"]),
            ("500 processes", 999, ["sh", "-c", loop])]:
        for kind, prefix in [("root", []), ("events bound to threads", PER_THREAD)]:
            before = time.monotonic()
            facts = account(Run([*prefix, *bench.sprof_record(hertz), "--", *command], bench.folder).end())
            elapsed = time.monotonic() - before
            weight = facts["events"][0]["weight"]
            rows.append([
                name, kind, f"{elapsed:.1f} s", facts["samples"], facts["lost"], facts["processes"], facts["threads"],
                f"{weight / facts['kernel_cpu_ns'] * 100:.0f} %",
                f"{facts['recording_cpu_ns'] / 1e6:.0f} ms"])
    table(
        "Threads and processes that come and go", "record -F 999 -- COMMAND",
        ["", "", "took", "samples", "lost", "processes sampled", "threads sampled", "of the kernel's account", "sprof's CPU"], rows)


def finish(bench):
    """From the end of the target to names: sprof's file is finished, perf's is reported."""
    rows = []
    for name, command in [("wordcount", [bench.program("wordcount")]),
                          ("python3", ["python3", "-c", "print(sum(len(str(i)) for i in range(6000000)))"])]:
        facts = account(Run([*bench.sprof_record(999), "--", *command], bench.folder).end())
        row = [name, facts["samples"], f"{facts['symbolizing_cpu_ns'] / 1e9:.2f} s"]
        if bench.has_perf:
            Run([*bench.perf_record(999, "dwarf,65528"), "--", *command], bench.folder).end()
            report = Run(
                ["timeout", "60", "perf", "report", "--stdio", "--percent-limit", "1", "-i", bench.data], bench.folder).end()
            if report.process.returncode not in (0, 124) or "%" not in report.output:
                sys.exit(f"perf report failed: {open(report.path + '.error').read()}")
            limit = "> " if report.process.returncode == 124 else ""
            row.append(f"{limit}{report.cpu_seconds:.2f} s")
            os.unlink(bench.data)
        rows.append(row)
    table(
        "From the target's end to named stacks, CPU time", "record -F 999 -- COMMAND (perf: + perf report --stdio)",
        ["", "samples", "sprof"] + (["perf report"] if bench.has_perf else []), rows)


PARTS = {"cost": cost, "switches": switches, "busy": busy, "start": start, "storms": storms, "finish": finish}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sprof", default=os.path.join(ROOT, ".build", "release", "sprof"))
    options.add_argument("--only", default="", help="parts whose names contain this: " + ", ".join(PARTS))
    options.add_argument("--rounds", type=int, default=5)
    options = options.parse_args()
    if os.geteuid() != 0:
        sys.exit("recording by CPU needs root: sudo Benchmarks/recording/run.py")
    with tempfile.TemporaryDirectory(prefix="sprof-bench-") as folder:
        bench = Bench(options.sprof, folder, options.rounds)
        for name, part in PARTS.items():
            if options.only in name:
                part(bench)


main()
