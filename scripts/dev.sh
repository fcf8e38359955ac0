#!/usr/bin/env bash
# Runs a development chain whose node verifies devices, and a miner with one device on it, until Ctrl-C.
#
# Usage: scripts/dev.sh [OPTION OF loopin-node...]
#
# The chain is temporary unless --base-path is given. The device is a computation on this machine's processor, in
# the pool `cpu`; tests/demo/miner.mjs is what its miner does.
#
# Environment: CARGO_TARGET_DIR, where node and agent were built; ./target when unset
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
readonly loopin_node=$CARGO_TARGET_DIR/release/loopin-node

echo
echo '  LooPIN development chain. It is temporary: stop it with Ctrl-C, and nothing is left.'
echo '  RPC       ws://127.0.0.1:9944'
echo '  explorer  https://polkadot.js.org/apps/?rpc=ws://127.0.0.1:9944#/explorer'
echo '  ⛏  is a miner with one device: within two minutes it is challenged, verified and staked.'
echo

processes=()
finish() {
	kill "${processes[@]}" 2>/dev/null || true
	wait
}
trap finish EXIT

"$loopin_node" --dev "$@" &
processes+=($!)
node tests/demo/miner.mjs &
processes+=($!)
# Whichever of the two ends takes the other with it.
wait -n
