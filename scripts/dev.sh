#!/usr/bin/env bash
# Runs a development chain whose node verifies devices, and a miner with one device on it, until Ctrl-C, and tells what
# happens (tests/demo/main.mjs).
#
# Usage: scripts/dev.sh [--show-log] [OPTION OF loopin-node...]
#
#   --show-log   shows what the node writes as well
#
# The chain is temporary unless --base-path is given. The device is a computation on this machine's processor, in
# the pool `cpu`.
#
# Environment: CARGO_TARGET_DIR, where node and agent were built; ./target when unset
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
exec node tests/demo/main.mjs "$@"
