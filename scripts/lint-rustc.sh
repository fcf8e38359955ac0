#!/usr/bin/env bash
# Compiles a crate of this workspace as rustc does, and fails on any warning of rustc, clippy or rustdoc.
#
# Cargo calls it, for the workspace's own crates only, in place of rustc: see RUSTC_WORKSPACE_WRAPPER in the
# Makefile. `cargo clippy` and `cargo doc` would first check every dependency again, some 900 crates, because
# they do not use what `cargo build` compiled. This does. The artefacts are kept apart from those of a plain
# `cargo build`, and a crate that passed is not looked at again until it changes.
#
# Arguments: the path of rustc, and rustc's arguments.
set -euo pipefail

rustc=$1
shift

crate_name=''
crate_type=''
is_test=false
documentation_arguments=()
arguments=("$@")
for ((index = 0; index < ${#arguments[@]}; index++)); do
	argument=${arguments[index]}
	case $argument in
	--crate-name) crate_name=${arguments[index + 1]} ;;
	--crate-type) crate_type=${arguments[index + 1]} ;;
	--test) is_test=true ;;
	esac
	case $argument in
	# What rustc writes, and where, means nothing to rustdoc.
	--emit=* | --json=* | --error-format=*) ;;
	--out-dir) ((index += 1)) ;;
	*) documentation_arguments+=("$argument") ;;
	esac
done

# Tests and build scripts have no documentation. Cargo asks the compiler about itself with the crate name `___`.
if [[ $is_test == false && $crate_name != ___ && $crate_name != build_script_* ]]; then
	documentation_arguments+=(-D warnings --out-dir "$LINT_DOCUMENTATION")
	case $crate_type in
	lib) rustdoc "${documentation_arguments[@]}" ;;
	# All items of a program are private.
	bin) rustdoc "${documentation_arguments[@]}" --document-private-items -A rustdoc::private-intra-doc-links ;;
	esac
fi

exec clippy-driver "$rustc" "$@"
