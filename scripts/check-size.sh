#!/usr/bin/env bash
# Prints the size of a file, and fails when it is above the limit.
#
# Usage: scripts/check-size.sh FILE BYTES
set -euo pipefail

size=$(wc --bytes <"$1")
echo "$1: $size bytes of at most $2"
((size <= $2))
