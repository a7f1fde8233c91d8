#!/usr/bin/env python3
"""Which share of the stacks of all kinds of programs reaches its root, as `sprof record` states it.

Compiles the programs beside this file, records each with copies of 64 KB, and prints a table for docs/performance.md;
exits with 1 when a share is below what the project demands. What a tool that is missing or fails leaves out is named at the end.

    Benchmarks/completeness/run.py [--sprof PATH] [--seconds N] [--only TEXT] [--keep FOLDER]
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(HERE, "programs")

C = "gcc -O2 -fomit-frame-pointer"
NO_CFI = "-fno-asynchronous-unwind-tables -fno-unwind-tables"

# Name, least share in percent, how to build it, and what to run. {src} is the folder of sources, {out} the program,
# {seconds} the CPU time that it should take, {rounds} that for programs that count rounds instead.
CASES = [
    ("C, dynamic", 99.95, C + " -o {out} {src}/work.c", "{out} {seconds}"),
    ("C, -O0", 99.95, "gcc -O0 -o {out} {src}/work.c", "{out} {seconds}"),
    ("C, clang and lld", 99.95, "clang -O2 -fuse-ld=lld -o {out} {src}/work.c", "{out} {seconds}"),
    ("C, static", 99.95, C + " -static -o {out} {src}/work.c", "{out} {seconds}"),
    ("C, static-PIE", 99.95, C + " -static-pie -fPIE -o {out} {src}/work.c", "{out} {seconds}"),
    ("C, stripped", 99.95, C + " -s -o {out} {src}/work.c", "{out} {seconds}"),
    ("C, static and stripped", 99.95, C + " -s -static -o {out} {src}/work.c", "{out} {seconds}"),
    ("C++ with exceptions and threads", 99.95, "g++ -O2 -pthread -o {out} {src}/work.cpp", "{out} {seconds}"),
    ("Rust", 99.95, "rustc -O -o {out} {src}/work.rs", "{out} {rounds10000}"),
    ("Swift", 99.95, "swiftc -O -o {out} {src}/work.swift", "{out} {rounds30000}"),
    ("Swift, static standard library", 99.95, "swiftc -O -static-stdlib -o {out} {src}/work.swift", "{out} {rounds30000}"),
    ("vDSO (clock_gettime)", 99.95, C + " -o {out} {src}/clock.c", "{out} {seconds}"),
    ("kernel-heavy (pread, pipe, page faults)", 99.95, C + " -o {out} {src}/kernel.c", "{out} {seconds}"),
    ("signal handlers, nested", 99.8, C + " -o {out} {src}/signals.c", "{out} {seconds}"),
    ("no CFI, frame pointers", 99.9, f"gcc -O2 -fno-omit-frame-pointer {NO_CFI} -o {{out}} {{src}}/work.c", "{out} {seconds}"),
    ("no CFI, no frame pointers", 99.9, f"{C} {NO_CFI} -o {{out}} {{src}}/work.c", "{out} {seconds}"),
    ("python3", 99.9, None, "/usr/bin/python3 {src}/work.py {rounds8000}"),
    ("python3.12 -X perf, without frame pointers", 99.4, None, "python3.12 -X perf {src}/work.py {rounds4000}"),
    ("cc1plus", 99.6, None, "g++ -O2 -c -o {out} {src}/compiled.cpp"),
    ("OpenSSL's assembly", 99.8, None, "openssl speed -seconds 1 -bytes 8192 sha256 sha512 aes-256-cbc ghash rsa2048 ecdsap256 ecdhx25519"),
    ("Node", 99.4, None, "node {src}/work.js {rounds2500}"),
    ("Node, --perf-prof", 99.4, None, "node --perf-prof {src}/work.js {rounds2500}"),
    ("Java", 99.4, None, "java -XX:+PreserveFramePointer {src}/Work.java {rounds4000}"),
    ("Go", 97.5, "env GO111MODULE=off GOCACHE={out}.cache go build -o {out} {src}/work.go", "{out} {rounds6000}"),
    ("Go, stripped", 97.5, "env GO111MODULE=off GOCACHE={out}.cache go build -ldflags -s -o {out} {src}/work.go", "{out} {rounds6000}"),
]


def has(command):
    words = command.split()
    if words[0] == "env":
        words = [word for word in words[1:] if "=" not in word]
    return shutil.which(words[0]) is not None


def fill(command, out, seconds):
    for word in command.split():
        if word.startswith("{rounds"):
            # So many rounds take a few seconds.
            yield str(int(word[7:-1]) * seconds // 4)
        else:
            yield word.format(src=SOURCES, out=out, seconds=seconds)


def measure(case, arguments, folder):
    """The account of one program's recording; None when a tool is missing or does not work."""
    name, _, build, command = case
    if not has(build or command):
        return None
    out = os.path.join(folder, "".join(c if c.isalnum() else "-" for c in name))
    if build:
        subprocess.run(list(fill(build, out, arguments.seconds)), check=True, stdout=subprocess.DEVNULL)
    record = [arguments.sprof, "record", "-F", "1999", "--stack-size", "65528", "--json", "-q", "-o", out + ".pb.gz", "--"]
    result = subprocess.run(
        record + list(fill(command, out, arguments.seconds)), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    # The program's own status: a tool may be a script that only says how to install it.
    if result.returncode:
        return None
    return json.loads(result.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sprof", default=os.path.join(HERE, "../../.build/release/sprof"))
    parser.add_argument("--seconds", type=int, default=2, help="CPU time of each program")
    parser.add_argument("--only", default="", help="the programs whose name contains this")
    parser.add_argument("--keep", help="leave programs and profiles in this folder")
    arguments = parser.parse_args()
    folder = arguments.keep or tempfile.mkdtemp(prefix="sprof-completeness-")
    os.makedirs(folder, exist_ok=True)
    missing, failed = [], False
    print("| program | user stacks | lost | reach their root | demanded | cut at 64 KB | failed | guessed frames |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for case in CASES:
        name, demanded = case[:2]
        if arguments.only not in name:
            continue
        account = measure(case, arguments, folder)
        if account is None:
            missing.append(name)
            continue
        stacks = account["user_stacks"]
        share = 100 * account["complete_stacks"] / max(stacks, 1)
        reasons = ", ".join(f"{count} {reason}" for reason, count in account["failed_stacks"].items())
        mark = "" if share >= demanded and stacks > 0 else " **missed**"
        failed = failed or mark != ""
        print(
            f"| {name} | {stacks} | {account['lost']} | {share:.2f} %{mark} | {demanded} % "
            f"| {account['truncated_stacks']} | {reasons or 0} | {account['guessed_frames']} |", flush=True)
    if not arguments.keep:
        shutil.rmtree(folder)
    if missing:
        print("\nNot measured, as a tool is missing or fails: " + ", ".join(missing) + ".")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
