#!/usr/bin/env bash
# Prepares a machine to build, run and test LooPIN, and says what it does.
#
# Usage: scripts/setup.sh [--build-only]
#   --build-only  only what compiling the node needs: no Node.js, no Python, no tools of the tests
#
# It may be run as often as you like: what is already there is left alone, and then nothing is downloaded.
#
# Environment:
#   LOOPIN_SKIP_SETUP=1              do nothing: the machine was prepared by hand
#   LOOPIN_WASM_TOOLCHAIN=rustup     compile the runtime with rustup's own wasm32v1-none target, or fail
#   LOOPIN_WASM_TOOLCHAIN=debian     compile the runtime with Debian's Rust, even where rustup has the target
#   CARGO_TARGET_DIR                 honoured where compiled runtimes have to be thrown away
set -euo pipefail

readonly minimum_rust=1.95.0
readonly minimum_node=20
readonly wasm_target=wasm32v1-none
readonly linked_toolchain=loopin-wasm
readonly debian_rustc=/usr/bin/rustc
readonly debian_cargo=/usr/bin/cargo
# A download that has not ended by then counts as impossible; the target is some 10 MB, the client in Python 22.
readonly download_seconds=60
readonly pip_seconds=180

cd "$(dirname "${BASH_SOURCE[0]}")/.."
repository=$PWD
readonly repository
readonly toolchain_directory=${XDG_CACHE_HOME:-$HOME/.cache}/loopin/wasm-toolchain
# The tests look for it there.
readonly python_directory=${XDG_CACHE_HOME:-$HOME/.cache}/loopin/python

scratch=$(mktemp -d)
readonly scratch
trap 'rm -rf "$scratch"' EXIT

say() { printf 'setup: %s\n' "$*"; }
fail() {
	printf 'setup: %s\n' "$*" >&2
	exit 1
}

last_words() { # last_words FILE: its last line, cut short
	tail --lines=1 "$1" | cut --characters=-160
}

at_least() { # at_least MINIMUM VERSION
	printf '%s\n%s\n' "$1" "$2" | sort --version-sort --check=silent
}

# Without a terminal nobody can answer sudo's question for the password.
sudo=(sudo)
[[ -t 0 ]] || sudo+=(--non-interactive)

as_root() {
	if [[ $(id -u) == 0 ]]; then
		"$@"
	elif ! command -v sudo >/dev/null; then
		echo "this needs root, and there is no sudo" >&2
		return 1
	else
		"${sudo[@]}" "$@"
	fi
}

operating_system() { # "debian", "ubuntu" and what calls itself like them; otherwise its own name
	local ID=unknown ID_LIKE=''
	# shellcheck source=/dev/null
	[[ ! -r /etc/os-release ]] || . /etc/os-release
	case " $ID $ID_LIKE " in
	*' debian '* | *' ubuntu '*) echo debian ;;
	*) echo "$ID" ;;
	esac
}

apt_install() {
	say "installing with apt-get: $*"
	if ! { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes \
		--no-install-recommends -o DPkg::Lock::Timeout=120 "$@"; } </dev/null >"$scratch/apt.log" 2>&1; then
		tail --lines=5 "$scratch/apt.log" >&2
		fail "apt-get failed. Run as root, then this again: apt-get update && apt-get install $*"
	fi
}

install_system_tools() {
	local tool missing=() packages=()
	for tool in cc c++ make git pkg-config protoc "${test_tools[@]}"; do
		command -v "$tool" >/dev/null || missing+=("$tool")
	done
	# OpenSSL is a dependency of the networking crates; .cargo/config.toml says why it is the system's.
	if ! command -v pkg-config >/dev/null || ! pkg-config --exists openssl; then missing+=(libssl-dev); fi
	[[ -e /etc/ssl/certs/ca-certificates.crt || $(operating_system) != debian ]] || missing+=(ca-certificates)
	"$build_only" || find_python >/dev/null || missing+=(python3-venv)

	if ((${#missing[@]} == 0)); then
		say "system tools: all there"
		return
	fi
	if [[ $(operating_system) != debian ]] || ! command -v apt-get >/dev/null; then
		fail "the system '$(operating_system)' is not known here. Install by hand, then run this again: ${missing[*]}"
	fi
	for tool in "${missing[@]}"; do
		case $tool in
		cc | c++) packages+=(build-essential) ;;
		protoc) packages+=(protobuf-compiler) ;;
		*) packages+=("$tool") ;;
		esac
	done
	apt_install "${packages[@]}"
	# Debian serves a page on port 80 as soon as Caddy is installed. Tests start their own.
	if [[ " ${packages[*]} " == *" caddy "* && -d /run/systemd/system ]]; then
		as_root systemctl disable --now caddy </dev/null >"$scratch/caddy.log" 2>&1 || true
	fi
}

check_rust() {
	local rust_hint="Install Rust's stable toolchain with rustup (https://rustup.rs), open a new shell and run this again."
	local version sysroot tool component
	for tool in rustup cargo rustc; do
		command -v "$tool" >/dev/null || fail "$tool is not on the PATH. $rust_hint"
	done

	version=$(rustc --version | cut --delimiter=' ' --fields=2)
	at_least "$minimum_rust" "$version" ||
		fail "rustc $version is too old: LooPIN needs $minimum_rust. Run: rustup update stable"
	say "rustc $version"

	sysroot=$(rustup which rustc)
	sysroot=${sysroot%/bin/rustc}
	if [[ $(rustc --print sysroot) != "$sysroot" ]]; then
		say "warning: $(command -v rustc) hides rustup's rustc. Put ${CARGO_HOME:-$HOME/.cargo}/bin first in your PATH."
	fi

	for component in "${rust_components[@]}"; do
		[[ -x $sysroot/bin/cargo-${component/rustfmt/fmt} ]] && continue
		say "installing with rustup: $component"
		rustup_download component add "$component" ||
			say "warning: 'make test' needs $component, which rustup could not install."
	done
}

rustup_download() {
	local status=0
	RUSTUP_MAX_RETRIES=1 timeout "$download_seconds" rustup "$@" </dev/null || status=$?
	# This is the exit status of `timeout` for a command that it had to end.
	((status != 124)) || echo "rustup: no answer within $download_seconds seconds" >&2
	return "$status"
}

check_node() {
	local version tool
	local node_hint="Install it from https://nodejs.org or with your version manager, then run this again."
	for tool in node npm; do
		command -v "$tool" >/dev/null || fail "$tool is not on the PATH: LooPIN needs Node.js. $node_hint"
	done
	version=$(node --version)
	at_least "$minimum_node" "${version#v}" ||
		fail "Node.js ${version#v} is too old: LooPIN needs $minimum_node or newer. $node_hint"
	say "Node.js ${version#v}"
}

# A Python that can make environments. The system's comes first: that of a version manager may be anything.
find_python() {
	local python
	for python in /usr/bin/python3 python3; do
		if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
			echo "$python"
			return
		fi
	done
	return 1
}

# The tests use the chain with a client in Python. It has an environment outside of the clone, where other clones find
# it without a network, with a copy of the list of what is in it.
install_python_client() {
	local requirements=tests/requirements.txt
	if ! cmp --silent "$requirements" "$python_directory/requirements.txt" ||
		! "$python_directory/bin/python" -I -c 'import substrateinterface'; then
		say "installing with pip in $python_directory: the client in Python (22 MB)"
		rm -rf "$python_directory"
		if ! { "$(find_python)" -m venv "$python_directory" && timeout "$pip_seconds" \
			"$python_directory/bin/python" -I -m pip install --require-hashes --only-binary=:all: --retries 1 --timeout 20 \
			--requirement "$requirements"; } </dev/null >"$scratch/pip.log" 2>&1; then
			say "warning: 'make test' needs the client in Python, which pip could not install: $(last_words "$scratch/pip.log")"
			return
		fi
		cp "$requirements" "$python_directory/"
	fi
	say "Python: the client is there"
}

# Whether this compiler makes Wasm in the way the runtime needs it: `no_std` with `alloc`, and optimised at
# link time. Trying it finds everything that can be amiss: the target's libraries, their version and bitcode,
# and the linker.
compiles_wasm() { # compiles_wasm COMMAND...
	cat >"$scratch/probe.rs" <<-'RUST'
		#![no_std]
		extern crate alloc;

		struct NoMemory;
		unsafe impl core::alloc::GlobalAlloc for NoMemory {
			unsafe fn alloc(&self, _: core::alloc::Layout) -> *mut u8 {
				core::ptr::null_mut()
			}
			unsafe fn dealloc(&self, _: *mut u8, _: core::alloc::Layout) {}
		}
		#[global_allocator]
		static ALLOCATOR: NoMemory = NoMemory;

		#[panic_handler]
		fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
			loop {}
		}

		#[unsafe(no_mangle)]
		pub extern "C" fn length(number: u32) -> usize {
			alloc::format!("{number}").len()
		}
	RUST
	"$@" --edition 2024 --crate-type cdylib --target "$wasm_target" -C opt-level=2 -C panic=abort -C lto=fat \
		-o "$scratch/probe.wasm" "$scratch/probe.rs" >"$scratch/probe.log" 2>&1
}

get_wasm_target() {
	case ${LOOPIN_WASM_TOOLCHAIN:-} in
	debian) debian_wasm_toolchain ;;
	rustup)
		rustup_wasm_target || fail "rustup could not install $wasm_target: $(last_words "$scratch/rustup.log")"
		;;
	'')
		# What is there already comes first, so that a machine without rustup's servers waits for them once.
		if compiles_wasm rustc; then
			say "Wasm: the target $wasm_target is there"
		elif compiles_wasm rustup run "$linked_toolchain" rustc; then
			say "Wasm: the toolchain $linked_toolchain is there"
		elif ! rustup_wasm_target; then
			say "rustup could not install $wasm_target ($(last_words "$scratch/rustup.log")); taking Debian's Rust"
			debian_wasm_toolchain
		fi
		;;
	*) fail "LOOPIN_WASM_TOOLCHAIN is '$LOOPIN_WASM_TOOLCHAIN': it must be 'rustup' or 'debian'." ;;
	esac
}

rustup_wasm_target() {
	if ! compiles_wasm rustc; then
		say "installing with rustup: $wasm_target"
		rustup_download target add "$wasm_target" >"$scratch/rustup.log" 2>&1 || return
		compiles_wasm rustc || fail "rustc cannot make Wasm: $(last_words "$scratch/probe.log")"
	fi
	say "Wasm: the target $wasm_target is there"
}

# Debian packages a current Rust for its web browsers, with the sources of the standard library. From these the
# target's libraries are built here, and rustup learns of that compiler under a name of our own. The node itself
# keeps being compiled by rustup's toolchain.
debian_wasm_toolchain() {
	local version tool
	if [[ ! -x $debian_rustc || ! -x $debian_cargo || ! -d /usr/lib/rustlib/src/rust/library ]]; then
		apt-cache show rustc-web >/dev/null 2>&1 ||
			fail "rustup cannot install $wasm_target here, and only Debian offers another way. Give rustup a network and run this again."
		apt_install rustc-web cargo-web rust-web-src
	fi
	version=$("$debian_rustc" --version | cut --delimiter=' ' --fields=2)
	at_least "$minimum_rust" "$version" ||
		fail "Debian's rustc-web $version is too old: LooPIN needs $minimum_rust. Enable Debian's security updates and run: apt-get install rustc-web cargo-web rust-web-src"

	if ! compiles_wasm "$debian_rustc"; then
		build_wasm_libraries
		compiles_wasm "$debian_rustc" || fail "Debian's rustc cannot make Wasm: $(last_words "$scratch/probe.log")"
	fi

	if ! compiles_wasm rustup run "$linked_toolchain" rustc; then
		say "linking Debian's Rust as rustup's toolchain $linked_toolchain in $toolchain_directory"
		# rustup wants a toolchain to have a lib folder; this compiler finds its libraries by itself.
		mkdir -p "$toolchain_directory"/{bin,lib}
		for tool in rustc cargo rustdoc; do
			ln --symbolic --force "/usr/bin/$tool" "$toolchain_directory/bin/$tool"
		done
		rustup toolchain link "$linked_toolchain" "$toolchain_directory"
		compiles_wasm rustup run "$linked_toolchain" rustc ||
			fail "the toolchain $linked_toolchain cannot make Wasm: $(last_words "$scratch/probe.log")"
	fi
	say "Wasm: the toolchain $linked_toolchain, Debian's rustc $version, is there"
}

build_wasm_libraries() {
	local host linker rustlib=/usr/lib/rustlib built=$scratch/libraries/target/$wasm_target/release/deps
	host=$("$debian_rustc" --version --verbose | sed --quiet 's/^host: //p')

	# Debian's compiler looks for the linker of this name in its own library folder, but comes without it.
	if [[ ! -x $rustlib/$host/bin/rust-lld ]]; then
		linker=$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld
		[[ -x $linker ]] || fail "rustup's toolchain has no $linker. Run: rustup toolchain install stable"
		say "linking rustup's rust-lld into $rustlib/$host/bin"
		as_root mkdir -p "$rustlib/$host/bin"
		as_root ln --symbolic --force "$linker" "$rustlib/$host/bin/rust-lld"
	fi

	say "building the core libraries for $wasm_target with Debian's Rust (about 20 seconds)"
	mkdir -p "$scratch/libraries/src"
	cat >"$scratch/libraries/Cargo.toml" <<-'TOML'
		[package]
		name = "wasm-libraries"
		edition = "2024"

		[lib]
		crate-type = ["cdylib"]
	TOML
	cat >"$scratch/libraries/src/lib.rs" <<-'RUST'
		#![no_std]

		#[panic_handler]
		fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
			loop {}
		}
	RUST
	# The bitcode is for the runtime's optimisation at link time. `-Z build-std` wants a nightly compiler, or one
	# told to behave like one.
	(
		cd "$scratch/libraries"
		unset RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER CARGO_ENCODED_RUSTFLAGS
		RUSTC=$debian_rustc RUSTFLAGS='-C embed-bitcode=yes' RUSTC_BOOTSTRAP=1 \
			CARGO_TARGET_DIR=$scratch/libraries/target \
			"$debian_cargo" build --quiet --release --target "$wasm_target" -Z build-std=core,alloc
	) || fail "the core libraries could not be built; cargo's message is above"

	say "installing them in $rustlib/$wasm_target/lib"
	as_root rm -rf "$rustlib/$wasm_target/lib"
	as_root mkdir -p "$rustlib/$wasm_target/lib"
	as_root cp "$built"/lib{core,alloc,compiler_builtins}-*.rlib "$rustlib/$wasm_target/lib/"

	# Runtimes compiled against earlier libraries are of no use any more, and cargo would not notice.
	rm -rf "${CARGO_TARGET_DIR:-$repository/target}"/*/wbuild
}

test_tools=(shellcheck caddy)
rust_components=(rustfmt clippy)
case ${1:-} in
'') build_only=false ;;
--build-only)
	build_only=true
	test_tools=()
	rust_components=()
	;;
*) fail "'$1' is not an option. Usage: scripts/setup.sh [--build-only]" ;;
esac

if [[ ${LOOPIN_SKIP_SETUP:-} == 1 ]]; then
	say "skipped, as LOOPIN_SKIP_SETUP=1 asks"
	exit 0
fi
install_system_tools
check_rust
"$build_only" || check_node
get_wasm_target
"$build_only" || install_python_client
say "ready"
