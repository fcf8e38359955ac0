# LooPIN: everything that is done often. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# The stages of a target follow each other; cargo uses all processors by itself.
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules

override CARGO_TARGET_DIR := $(abspath $(or $(CARGO_TARGET_DIR),target))
export CARGO_TARGET_DIR

stage := scripts/stage.sh
loopin_node := $(CARGO_TARGET_DIR)/release/loopin-node
runtime_wasm := $(CARGO_TARGET_DIR)/release/wbuild/loopin-runtime/loopin_runtime.compact.compressed.wasm
# What the compressed runtime may measure, so that it stays small enough for an upgrade in one transaction.
runtime_limit_bytes := 1500000
stage_times := $(CARGO_TARGET_DIR)/stage-times.txt

# One profile and one set of features for the node and its tests, those of `cargo build --release`, so that every
# dependency is compiled once. Naming single packages would already change the features of some.
cargo_build := cargo build --release --locked --workspace
cargo_test := cargo test --release --locked --workspace
# The benchmarks' own tests need the SDK with other features than the node's, so they compile it again: for the
# pallets alone, as fast as it goes, and without the runtime, whose build needs half of the node.
benchmark_tests = cargo test --release --locked $(patsubst pallets/%/Cargo.toml,-p pallet-%,$(wildcard pallets/*/Cargo.toml)) \
	--features runtime-benchmarks,try-runtime $(unoptimised_everything)

# Clippy and rustdoc as the compiler of the workspace's own crates: see the script. The runtime is not made to Wasm
# there, as the build does that. The lint stages run nothing of what they compile, so they do not optimise it;
# that leaves the dependencies as they are. It comes before the build, as it leaves a node without a runtime behind.
lint := env RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/scripts/lint-rustc.sh CLIPPY_ARGS=-Dwarnings__CLIPPY_HACKERY__ \
	LINT_DOCUMENTATION=$(CARGO_TARGET_DIR)/lint-documentation SKIP_WASM_BUILD=1
unoptimised_everything = --config 'profile.release.opt-level=0' --config 'profile.release.build-override.opt-level=0'
unoptimised := --config 'profile.release.opt-level=0' --config 'profile.release.package."*".opt-level=3'

.PHONY: help
help: ## Show this list
	@echo 'Targets:'
	@sed -n -E 's/^([a-z0-9-]+):.*## (.*)$$/\1\t\2/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r target text; do \
		printf '  %-16s %s\n' "$$target" "$$text"; done
	@echo 'CARGO_TARGET_DIR says where to build: $(CARGO_TARGET_DIR)'

.PHONY: setup
setup: ## Install what building and testing need (scripts/setup.sh)
	@$(stage) 'setup' scripts/setup.sh

.PHONY: build
build: setup ## Build the node and the agent
	@$(stage) 'build node and agent' $(cargo_build)

.PHONY: dev
dev: build tests/node_modules/.package-lock.json ## Run a development chain with a miner, and tell what happens; ARGS=--show-log shows the node's log, other ARGS are options of the node
	@exec scripts/dev.sh $(ARGS)

.PHONY: node
node: build ## Run a development chain alone; ARGS adds options, as in: make node ARGS=--sealing=instant
	@exec $(loopin_node) --dev $(ARGS)

.PHONY: test
test: export STAGE_TIMES := $(stage_times)
test: begin-times setup check-format check-scripts lint build check-runtime test-rust test-chain-specs test-compose test-e2e ## Run everything that continuous integration runs
	@echo
	@cat $(stage_times)

.PHONY: begin-times
begin-times:
	@mkdir -p $(CARGO_TARGET_DIR)
	@: > $(stage_times)

.PHONY: check-format
check-format: setup ## Check the format of the Rust code
	@$(stage) 'check the format' cargo fmt --all --check

.PHONY: check-scripts
check-scripts: setup ## Check the shell scripts, the links of the documents, and who depends on whom
	@$(stage) 'check the scripts' shellcheck scripts/*.sh docker/*.sh .ci/run
	@$(stage) 'check the documents' node scripts/check-links.mjs $$(git ls-files --cached --others --exclude-standard '*.md')
	@$(stage) 'check the architecture' node scripts/check-dependencies.mjs

.PHONY: check-runtime
check-runtime: build ## Check the size of the runtime
	@$(stage) 'check the runtime' scripts/check-size.sh $(runtime_wasm) $(runtime_limit_bytes)

.PHONY: lint
lint: setup ## Fail on any warning of rustc, clippy and rustdoc
	@$(stage) 'lint' $(lint) $(cargo_build) $(unoptimised)
	@$(stage) 'lint tests and benches' $(lint) $(cargo_test) $(unoptimised) --no-run --all-targets

.PHONY: test-rust
test-rust: build ## Run the tests of all crates; those of the runtime also check every pallet's invariants
	@$(stage) 'tests of all crates' $(cargo_test)
	@$(stage) 'tests of the benchmarks' $(benchmark_tests) benchmarking

.PHONY: test-random
test-random: setup ## Make a million random calls over years of the chain's time, with all invariants checked
	@$(stage) 'random calls' env LOOPIN_RANDOM_CALLS=1000000 $(cargo_test) --lib random_calls

.PHONY: test-rounds
test-rounds: setup ## Challenge an honest device a thousand times at its benchmark, in some seventy minutes
	@$(stage) 'honest rounds' env LOOPIN_ROUNDS=1000 $(cargo_test) --test honest_rounds -- --nocapture

.PHONY: test-chain-specs
test-chain-specs: build ## Check that chain-specs/ is in sync with the runtime
	@$(stage) 'check the chain specs' scripts/chain-specs.sh --check

.PHONY: test-compose
test-compose: build ## Run the validators of docker/compose.yaml as processes, with their health checks
	@$(stage) 'check the containers' scripts/check-compose.sh

tests/node_modules/.package-lock.json: tests/package-lock.json
	@$(stage) 'npm ci' npm ci --prefix tests
	@touch $@

.PHONY: test-e2e
test-e2e: build tests/node_modules/.package-lock.json ## Run the end-to-end tests on the command line and on one node
	@$(stage) 'end-to-end tests' npm --prefix tests run test:e2e

.PHONY: test-network
test-network: build tests/node_modules/.package-lock.json ## Run the end-to-end tests of networks of several nodes, which take longest
	@$(stage) 'multi-node tests' npm --prefix tests run test:network

.PHONY: local-net
local-net: build ## Start a network of three validators, each with its own keys and database
	@scripts/local-net.sh start

.PHONY: local-net-stop
local-net-stop: ## Stop that network; the next start goes on where it ended
	@scripts/local-net.sh stop

.PHONY: chain-specs
chain-specs: build ## Write chain-specs/*.json from the runtime
	@scripts/chain-specs.sh

.PHONY: bench
bench: setup ## Measure the weights of our own pallets on this machine, and build the node with them
	@$(stage) 'build for benchmarks' $(cargo_build) --features runtime-benchmarks
	@$(stage) 'benchmarks' scripts/benchmark.sh
	@$(stage) 'build the node' $(cargo_build)
	@$(MAKE) bench-market
	@$(MAKE) bench-challenge

# All crates without debug assertions and overflow checks, as those of the SDK always are, for a fair comparison.
# Naming the workspace keeps the features of the dependencies, and with them what is compiled already.
.PHONY: bench-market
bench-market: setup ## Measure the calls of the market beside a swap of pallet-asset-conversion
	@$(stage) 'compare with asset-conversion' cargo bench --profile release --locked --workspace --bench market \
		--config 'profile.release.debug-assertions=false' --config 'profile.release.overflow-checks=false' \
		-- --write $(CURDIR)/docs/performance.md

# The first without debug assertions, as those of the crates that it compares with.
.PHONY: bench-challenge
bench-challenge: setup ## Measure agent and verifier on this machine, and what one chain carries of them
	@$(stage) 'measure agent and verifier' cargo bench --profile release --locked --workspace \
		--bench cpu --bench verifier \
		--config 'profile.release.debug-assertions=false' --config 'profile.release.overflow-checks=false' \
		-- --write $(CURDIR)/docs/performance.md
	@$(stage) 'what one chain carries' cargo bench --profile release --locked --workspace --bench capacity \
		-- --write $(CURDIR)/docs/performance.md

# All of the workspace is named, so that the dependencies keep the features, and what is compiled already.
.PHONY: simulate
simulate: setup ## Simulate the market with agents on the real pallets, and draw its phase diagram into docs/simulation; ARGS adds options
	@$(stage) 'build the simulation' $(cargo_build) --bin loopin-simulation
	@$(stage) 'simulate the market' $(CARGO_TARGET_DIR)/release/loopin-simulation $(ARGS)

.PHONY: clean-data
clean-data: local-net-stop ## Delete the local network with its keys
	rm -rf local-net local-net.draft
