#!/usr/bin/env python3
"""What names and lines cost: sprof's symbolizer beside others on the same addresses in the same run, as tables for
docs/performance.md; and with --compare, what sprof says beside what llvm-symbolizer and libdw say.

Builds a program with over 400 MB of DWARF on the way (a minute), and takes a few minutes. Costs are CPU time, which a busy
machine changes less than wall time; memory is the most anonymous memory seen at once (RssAnon, looked at every 10 ms).
Needs g++, libdw-dev and, for the comparison, llvm-symbolizer, binutils, elfutils and perf.

    Benchmarks/symbolizing/run.py --symbolize PATH --sprof PATH [--folder FOLDER] [--only TEXT]
    Benchmarks/symbolizing/run.py --symbolize PATH --compare [--folder FOLDER]
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WALK = os.path.join(HERE, "walk.c")


class Cost:
    """A command that has ended: its CPU and wall seconds, its largest anonymous memory, and what it printed."""

    def __init__(self, command, addresses=None, seconds=None):
        start = time.monotonic()
        with tempfile.TemporaryFile() as output, open(addresses or os.devnull, "rb") as given:
            process = subprocess.Popen(command, stdin=given, stdout=output, stderr=subprocess.DEVNULL)
            self.anonymous = 0
            self.is_complete = True
            while True:
                pid, status, usage = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    break
                self.anonymous = max(self.anonymous, anonymous_bytes(process.pid))
                if seconds and time.monotonic() - start > seconds:
                    self.is_complete = False
                    process.kill()
                time.sleep(0.01)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.cpu = usage.ru_utime + usage.ru_stime
            self.wall = time.monotonic() - start
            output.seek(0)
            self.output = output.read().decode(errors="replace")
        if process.returncode and self.is_complete:
            raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")


def anonymous_bytes(process):
    try:
        with open(f"/proc/{process}/status") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) << 10
    except OSError:
        pass
    return 0


def table(title, columns, rows):
    print(f"\n### {title}\n\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def count(number):
    return f"{int(number):,}".replace(",", " ")


def megabytes(number):
    return f"{number / 1e6:.0f} MB"


class Bench:
    def __init__(self, options):
        self.symbolize = options.symbolize
        self.sprof = options.sprof
        self.folder = options.folder or tempfile.mkdtemp(prefix="sprof-symbols-")
        self.removes = options.folder is None
        os.makedirs(self.folder, exist_ok=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def make(self, name, *settings):
        """The program of `LargeProgram` with other settings, in a folder of its own."""
        folder = self.path(name)
        subprocess.run(
            ["make", "-s", "-f", os.path.join(HERE, "LargeProgram", "Makefile"), f"OUT={folder}", *settings], check=True)
        return os.path.join(folder, "large")

    def rust(self, scheme):
        """A Rust program whose names are mangled in that way."""
        program = self.path("rust-" + scheme)
        more = ["-C", "symbol-mangling-version=v0"] if scheme == "v0" else []
        subprocess.run(["rustc", "-O", "-g", *more, "-o", program, os.path.join(HERE, "program.rs")], check=True)
        return program

    def shell(self, commands, folder):
        subprocess.run(["sh", "-ec", commands], cwd=self.path(folder), check=True, stdout=subprocess.DEVNULL)

    def addresses(self, program, number, name):
        path = self.path(name)
        with open(path, "w") as output:
            subprocess.run([self.symbolize, "--random", str(number), "1", program], stdout=output, check=True)
        return path

    def walk(self):
        tool = self.path("walk")
        subprocess.run(["gcc", "-O2", "-o", tool, WALK, "-ldw", "-lelf"], check=True)
        return tool

    # What is measured

    def cold(self):
        program = self.make("large")
        rows = []

        def row(name, command, number, addresses):
            if not shutil.which(command[0]):
                return
            cost = Cost(command, addresses)
            rows.append([
                name, count(number), f"{cost.cpu:.2f} s", f"{cost.wall:.2f} s", count(number / cost.cpu),
                megabytes(cost.anonymous)])

        many = self.addresses(program, 100_000, "many")
        some = self.addresses(program, 10_000, "some")
        few = self.addresses(program, 500, "few")
        fewest = self.addresses(program, 50, "fewest")
        row("sprof", [self.symbolize, "--quiet", program], 100_000, many)
        row("llvm-symbolizer", ["llvm-symbolizer", "--no-demangle", "-i", "-e", program], 100_000, many)
        row("libdw, each unit walked", [self.walk(), program], 100_000, many)
        row("addr2line", ["addr2line", "-f", "-i", "-e", program], 500, few)
        row("eu-addr2line", ["eu-addr2line", "-f", "-i", "-e", program], 50, fewest)
        row("sprof", [self.symbolize, "--quiet", program], 10_000, some)
        row("sprof, two workers, demangled", [self.symbolize, "--quiet-pool", program], 10_000, some)
        row("llvm-symbolizer", ["llvm-symbolizer", "--no-demangle", "-i", "-e", program], 10_000, some)
        table(
            f"Cold random addresses of a program of {os.path.getsize(program) >> 20} MB",
            ["symbolizer", "addresses", "CPU", "wall", "addresses/s of CPU", "anonymous memory"], rows)

    def warm(self):
        program = self.make("large")
        many = self.addresses(program, 100_000, "many")
        with open(many) as lines:
            first = [int(line, 16) for line in lines]
        both = sorted(set(first) | {address + 1 for address in first})
        path = self.path("both")
        with open(path, "w") as output:
            output.writelines(f"{address:#x}\n" for address in both)
        alone = min(Cost([self.symbolize, "--quiet", program], many).cpu for _ in range(3))
        together = min(Cost([self.symbolize, "--quiet", program], path).cpu for _ in range(3))
        table(
            "One more address beside each of 100 000", ["addresses", "CPU", "each more"],
            [[count(len(first)), f"{alone:.2f} s", ""],
             [count(len(both)), f"{together:.2f} s", f"{(together - alone) / (len(both) - len(first)) * 1e6:.1f} µs"]])

    def demangling(self):
        rows = []
        programs = [self.make("large")]
        if shutil.which("swift-package"):
            programs.append(os.path.realpath(shutil.which("swift-package")))
        library = subprocess.run(["gcc", "-print-file-name=libstdc++.so.6"], capture_output=True, text=True).stdout
        programs.append(os.path.realpath(library.strip()))
        if shutil.which("rustc"):
            programs += [self.rust("legacy"), self.rust("v0")]
        for program in programs:
            output = Cost([self.symbolize, "--demangle-speed", program]).output
            found = re.search(r"(\d+) names, .*: ([\d.e-]+) s CPU\n.*: ([\d.e-]+) s CPU", output)
            names = int(found[1])
            demangling, shortening = float(found[2]), float(found[3])
            rows.append([
                os.path.basename(program), count(names), f"{names / demangling / 1e6:.2f} million/s",
                f"{names / (demangling + shortening) / 1e6:.2f} million/s"])
        table("Demangling, each name once", ["program", "names", "demangled", "and shortened"], rows)

    def finishing(self):
        source = os.path.join(HERE, "LargeProgram", "unit.cpp")
        loop = "t=__import__('time')\nend=t.process_time()+5\nwhile t.process_time()<end: sorted(str(i) for i in range(999))"
        compiler = ["g++", "-std=c++17", "-O2", "-DUNIT=10", "-DKINDS=2", "-c", "-o", os.devnull, source]
        rows = []
        for name, command in [
            ("the large program, 5 s", [self.make("large"), "5"]), ("g++ -O2 of one unit", compiler),
            ("python3, 5 s", ["/usr/bin/python3", "-c", loop]),
        ]:
            ended = self.path("ended")
            words = ["sh", "-c", '"$@"; date +%s.%N >' + ended, "sh", *command]
            cost = subprocess.run(
                [self.sprof, "record", "-F", "999", "-o", self.path("profile.pb.gz"), "--", *words],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
            finished = time.time()
            text = cost.stderr.decode()
            used = re.search(r"to record and ([\d. ]+) (ms|s) to finish", text)
            comments = subprocess.run(
                [self.sprof, "comments", self.path("profile.pb.gz")], capture_output=True, check=True, text=True).stdout
            addresses = re.search(r"addresses: (\d+)", comments)
            with open(ended) as file:
                wall = finished - float(file.read())
            rows.append([
                name, count(addresses[1]) if addresses else "", used[1] + " " + used[2] if used else "", f"{wall:.2f} s"])
        table(
            "From the target's end to the written profile, 999 Hz",
            ["target", "distinct addresses", "CPU to finish", "wall"], rows)

    # Comparing

    def compare(self):
        """Differences to llvm-symbolizer and libdw over programs of every kind; whether all of them are explained."""
        split = "CXXFLAGS=-std=c++17 -O2 -g -gsplit-dwarf"
        jobs = [[self.make("large")]]
        small = self.make("small", "UNITS=2", "KINDS=2")
        # GNU dwp knows DWARF 4 only; LLVM's takes minutes for more than a small unit.
        for version, kinds, packer in ((4, 3, "dwp"), (5, 1, "llvm-dwp")):
            name = f"split{version}"
            jobs.append([self.make(name, "UNITS=1", f"KINDS={kinds}", f"{split} -gdwarf-{version}")])
            self.shell(f"rm -rf ../package{version}; cp -r . ../package{version}", name)
            # The objects name their .dwo files by path: the walk has those of the first folder, sprof the package.
            self.shell(f"timeout 300 {packer} -o large.dwp unit.dwo main.dwo && rm *.dwo", f"package{version}")
            jobs.append([self.path(f"package{version}", "large"), WALK, jobs[-1][0]])
        self.shell("cp large one && cp large two && dwz -m common one two", "small")
        jobs.append([self.path("small", "one"), WALK, self.path("small", "one"), self.path("small", "common")])
        self.shell(
            "objcopy --only-keep-debug large whole && strip -o stripped large"
            " && objcopy --add-gnu-debuglink=whole stripped", "small")
        jobs.append([self.path("small", "stripped"), WALK, self.path("small", "whole")])
        jobs += self.installed()
        is_equal = True
        for job in jobs:
            command = [self.symbolize, "--compare", job[0], WALK, *job[2:]]
            result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            print(result.stdout, flush=True)
            is_equal = is_equal and result.returncode == 0
        return is_equal

    def installed(self):
        """Programs of the machine and of its compilers, as far as they are there."""
        jobs = []
        if shutil.which("swift-package"):
            jobs.append([os.path.realpath(shutil.which("swift-package"))])
        python = "/usr/bin/python3.11"
        if os.path.exists(python):
            notes = subprocess.run(["readelf", "-n", python], capture_output=True, text=True).stdout
            digits = re.search(r"Build ID: (\w+)", notes)
            debug = f"/usr/lib/debug/.build-id/{digits[1][:2]}/{digits[1][2:]}.debug" if digits else ""
            if os.path.exists(debug):
                jobs.append([python, WALK, debug])
        if shutil.which("rustc"):
            jobs += [[self.rust("legacy")], [self.rust("v0")]]
        if shutil.which("go"):
            program = self.path("go-compile")
            subprocess.run(["go", "build", "-o", program, "cmd/compile"], check=True, cwd="/")
            jobs.append([program])
        return jobs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--symbolize", required=True)
    parser.add_argument("--sprof")
    parser.add_argument("--folder")
    parser.add_argument("--only", default="")
    parser.add_argument("--compare", action="store_true")
    options = parser.parse_args()
    bench = Bench(options)
    try:
        if options.compare:
            sys.exit(0 if bench.compare() else 1)
        for name in ("cold", "warm", "demangling", "finishing"):
            if options.only in name and (name != "finishing" or options.sprof):
                getattr(bench, name)()
    finally:
        if bench.removes:
            shutil.rmtree(bench.folder)


if __name__ == "__main__":
    main()
