#!/usr/bin/env bash
# Writes the chain specs in chain-specs/ from the presets in the runtime, or checks that they are in sync.
#
# Usage: scripts/chain-specs.sh [--check]
#
# The runtime is left out of them: its bytes depend on the compiler and on the paths of the machine.
#
# Environment: CARGO_TARGET_DIR, where the node was built; ./target when unset
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly loopin_node=${CARGO_TARGET_DIR:-$PWD/target}/release/loopin-node
declare -rA chains=([development]=dev [local]=local [production]=production)

fail() {
	echo "chain-specs: $*" >&2
	exit 1
}

export_specs() { # export_specs FOLDER
	local name
	for name in "${!chains[@]}"; do
		"$loopin_node" export-chain-spec --chain "${chains[$name]}" --output "$scratch/spec.json" >/dev/null
		# In the text, so that no number passes through a parser.
		sed --regexp-extended 's/"code": "0x[0-9a-f]+"/"code": "0x"/' "$scratch/spec.json" >"$1/$name.json"
		grep --quiet '"code": "0x"' "$1/$name.json" || fail "no runtime found in the spec of ${chains[$name]}."
	done
}

[[ -x $loopin_node ]] || fail "there is no $loopin_node: run 'make build' first."
scratch=$(mktemp -d)
readonly scratch
trap 'rm -rf "$scratch"' EXIT

case ${1:-} in
'')
	export_specs chain-specs
	echo "chain-specs: wrote chain-specs/{$(IFS=,; echo "${!chains[*]}")}.json"
	;;
--check)
	mkdir "$scratch/fresh"
	export_specs "$scratch/fresh"
	for name in "${!chains[@]}"; do
		diff --unified "chain-specs/$name.json" "$scratch/fresh/$name.json" ||
			fail "chain-specs/$name.json differs from the runtime's preset: run 'make chain-specs' and commit it."
		echo "chain-specs: chain-specs/$name.json is in sync"
	done
	;;
*) fail "'$1' is not an option. Usage: scripts/chain-specs.sh [--check]" ;;
esac
