#!/usr/bin/env bash
# Measures the weights of this project's own pallets on this machine and writes pallets/*/src/weights.rs.
#
# Usage: scripts/benchmark.sh [PALLET...]
#
# PALLET is a folder below pallets/; all of them when none is named. The node has to have been built with the
# feature runtime-benchmarks: `make bench` does that, and builds the usual node again afterwards.
#
# Environment:
#   CARGO_TARGET_DIR   where the node was built; ./target when unset
#   STEPS, REPEAT      how many values of each parameter are tried, and how often; 50 and 20 when unset
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly loopin_node=${CARGO_TARGET_DIR:-$PWD/target}/release/loopin-node

pallets=("$@")
if ((${#pallets[@]} == 0)); then
	for folder in pallets/*/; do
		pallets+=("$(basename "$folder")")
	done
fi

for pallet in "${pallets[@]}"; do
	# The chain has no proofs of validity, so their recording would only blur the times.
	"$loopin_node" benchmark pallet --chain dev --pallet "pallet_${pallet//-/_}" --extrinsic '*' \
		--steps "${STEPS:-50}" --repeat "${REPEAT:-20}" --wasm-execution compiled --disable-proof-recording \
		--template scripts/pallet-weights.hbs --output "pallets/$pallet/src/weights.rs"
done
