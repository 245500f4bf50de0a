# The front door. Each target installs what it needs, builds what it needs, and can be called first.

JOBS ?= $(shell nproc)
CMAKE_FLAGS ?=
SEEDS ?= 10000
DAYS ?= 10
FROM ?= 1
PREFIX ?= /usr/local
BIN := build/release/bin

.DEFAULT_GOAL := help
.PHONY: help run build test interop package install sim check format tidy bench bench-peers asan tsan clang debug coverage docs headers clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z ]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build (release) and run the main job over IPC and UDP: embedded driver, stream, ping-pong (3 min the first time, then 20 s)
	@scripts/install-packages build test
	@scripts/build release embedded_stream
	@$(BIN)/embedded_stream
	@$(BIN)/embedded_stream --channel 'aeron:udp?endpoint=127.0.0.1:20121'

build: ## Build everything in release mode
	@scripts/install-packages build test
	@scripts/build release all

package: ## Make Debian packages and a tarball in build/release/packages
	@scripts/install-packages build test package
	@scripts/build release products
	@cpack --config build/release/CPackConfig.cmake

install: ## Install into PREFIX (/usr/local): libraries, headers, programs
	@scripts/install-packages build test
	@scripts/build release products
	@cmake --install build/release --prefix "$(PREFIX)"

test: ## Build and run all tests in release mode, but for the longer part of the scenarios with real peers
	@scripts/install-packages build test browser package
	@scripts/build release all
	@ctest --preset release -j $(JOBS) -LE interop-more

interop: ## Play all scenarios with the reference clients and drivers, and write docs/interop.md if all pass (15 min)
	@scripts/install-packages build test package
	@scripts/build release all
	@ctest --preset release -L interop
	@cp build/interop/interop.md docs/interop.md

asan tsan clang debug: ## The same tests with sanitizers, with clang, with assertions
	@scripts/install-packages build test check
	@scripts/build $@ all
	@ctest --preset $@ -j $(JOBS)

headers: ## Compile each public header by itself, and the code in the guides, with clang
	@scripts/install-packages build test check
	@scripts/build clang public_headers_test
	@scripts/build clang guide_snippets

sim: ## Play SEEDS (10000) random scenarios on simulated hosts and networks, and DAYS (10) of two drivers
	@scripts/install-packages build test
	@scripts/build release sim
	@$(BIN)/sim --seeds $(SEEDS) --from $(FROM)
	@$(BIN)/sim --day --seeds $(DAYS) --from $(FROM)

coverage: ## Test with coverage counters and print the line coverage per file
	@scripts/install-packages build test check
	@scripts/build coverage all
	@ctest --preset coverage -j $(JOBS)
	@scripts/coverage build/coverage

check: format tidy test ## Formatting, clang-tidy, layers, tests

format: ## Report every file that clang-format would change
	@scripts/install-packages check
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-14 --dry-run -Werror
	@echo "format: clean"

tidy: ## Run clang-tidy over the library, tools, samples and benchmarks
	@scripts/install-packages build test check
	@scripts/build clang --configure-only
	@scripts/tidy build/clang

bench: ## Run the benchmarks; see bench/README.md
	@scripts/install-packages build test bench
	@scripts/build release all
	@for name in ipc_hot_path udp_transport udp_stream many_streams receiver; do $(BIN)/bench_$$name; done

bench-peers: ## Compare with the reference C and Java, ZeroMQ and nng, on a quiet machine; writes bench/README.md (12 min)
	@scripts/install-packages build test peers
	@bench/peers/run.py --publish

docs: ## Make the API reference in build/docs/html
	@scripts/install-packages build docs
	@cmake -P cmake/CpperonDocs.cmake

clean: ## Remove all build folders
	@rm -rf build
