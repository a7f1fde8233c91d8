# make demo      records an example program and prints its top functions
# make test      builds everything and runs all tests
# make fuzz      feeds damaged inputs to all that reads strangers' bytes, FUZZ_SECONDS each
# make bench     measures, beside other profilers where Debian has them; prints the tables of docs/performance.md
# make compare-symbols  holds names and lines of large programs against llvm-symbolizer's and libdw's; a few minutes
# make install   puts sprof, its man page and shell completions under PREFIX
# The Debian packages that are missing are installed first, with sudo when that is needed.

PREFIX ?= /usr/local
DESTDIR ?=

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
BUILD_PACKAGES := g++ libcapstone-dev libdeflate-dev libdw-dev libelf-dev liblzma-dev libre2-dev pkg-config zlib1g-dev
TEST_PACKAGES := $(BUILD_PACKAGES) binutils chromium elfutils gdb golang-go graphviz libc6-arm64-cross libcurl4 libedit2 lld llvm mold \
    dwz musl-tools python3 python3-jsonschema procps redis-server redis-tools xz-utils
BENCH_PACKAGES := $(BUILD_PACKAGES) binutils dwz elfutils golang-go linux-perf llvm python3

SWIFT_BUILD := swift build -c release --static-swift-stdlib --product sprof
SPROF := .build/release/sprof

.PHONY: all build demo test bench bench-completeness bench-recording bench-analyser bench-symbolizing compare-symbols bench-packages fuzz fuzz-parsers fuzz-profiles lint format install clean build-packages test-packages

all: build

# Installs only what is missing, so that a machine that has everything needs neither the network nor sudo.
define install-missing
	@missing=""; for package in $(1); do \
	    dpkg-query -W -f '$${Status}' "$$package" 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    echo "installing$$missing"; \
	    $(SUDO) apt-get update -qq && \
	    $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; \
	fi
endef

build-packages:
	$(call install-missing,$(BUILD_PACKAGES))

test-packages:
	$(call install-missing,$(TEST_PACKAGES))

build: build-packages
	$(SWIFT_BUILD)

demo: build
	@mkdir -p demo
	g++ -O2 -g -o demo/wordcount Examples/wordcount.cpp
	$(SPROF) record -F 999 -o demo/wordcount.pb.gz -- demo/wordcount
	$(SPROF) top -n 12 demo/wordcount.pb.gz

test: test-packages build
	SPROF_BINARY="$(CURDIR)/$(SPROF)" swift test

# Tries made-up files for FUZZ_SECONDS on each target; a finding says how to have the same input again.
FUZZ_SECONDS ?= 30
FUZZ_SERIES ?= 1

fuzz: fuzz-parsers fuzz-profiles

fuzz-profiles: build-packages
	swift build -c release --product profile-fuzzer
	.build/release/profile-fuzzer --seconds $(FUZZ_SECONDS) --series $(FUZZ_SERIES)

# The parsers of strangers' bytes, in an optimised build with all checks, through @testable.
fuzz-parsers: test-packages
	SPROF_FUZZ=1 swift build -c release -Xswiftc -enable-testing --scratch-path .build/fuzz --product parser-fuzzer
	.build/fuzz/release/parser-fuzzer --seconds $(FUZZ_SECONDS) --series $(FUZZ_SERIES)

bench-packages:
	$(call install-missing,$(BENCH_PACKAGES))

# Each part has a folder in Benchmarks and takes a few minutes at most.
bench: bench-recording bench-completeness bench-analyser bench-symbolizing

bench-completeness: bench-packages build
	$(SUDO) Benchmarks/completeness/run.py --sprof "$(CURDIR)/$(SPROF)"

# As root, as whom sprof samples by CPU.
bench-recording: bench-packages build
	$(SUDO) Benchmarks/recording/run.py --sprof "$(CURDIR)/$(SPROF)"

# Needs Go's pprof beside; with BENCH_ANALYSER=--all it takes half an hour.
bench-analyser: bench-packages build
	swift build -c release --product profile-generator
	Benchmarks/analyser/run.py "$(CURDIR)/$(SPROF)" .build/release/profile-generator $(BENCH_ANALYSER)

SYMBOLIZE := .build/release/symbolize

bench-symbolizing: bench-packages build
	swift build -c release --static-swift-stdlib --product symbolize
	$(SUDO) Benchmarks/symbolizing/run.py --symbolize "$(CURDIR)/$(SYMBOLIZE)" --sprof "$(CURDIR)/$(SPROF)"

# Every difference is of a kind that docs/symbolizing-differences.md explains, or this fails.
compare-symbols: bench-packages
	swift build -c release --static-swift-stdlib --product symbolize
	Benchmarks/symbolizing/run.py --symbolize "$(CURDIR)/$(SYMBOLIZE)" --compare

lint:
	swift format lint --strict -r Package.swift Sources Tests Benchmarks Fuzzing

format:
	swift format -i -r Package.swift Sources Tests Benchmarks Fuzzing

install: build
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/man/man1" \
	    "$(DESTDIR)$(PREFIX)/share/bash-completion/completions" \
	    "$(DESTDIR)$(PREFIX)/share/zsh/site-functions" "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d"
	install -m 755 $(SPROF) "$(DESTDIR)$(PREFIX)/bin/sprof"
	strip "$(DESTDIR)$(PREFIX)/bin/sprof"
	install -m 644 docs/sprof.1 "$(DESTDIR)$(PREFIX)/share/man/man1/sprof.1"
	$(SPROF) --generate-completion-script bash >"$(DESTDIR)$(PREFIX)/share/bash-completion/completions/sprof"
	$(SPROF) --generate-completion-script zsh >"$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_sprof"
	$(SPROF) --generate-completion-script fish >"$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/sprof.fish"

clean:
	rm -rf .build demo
