#!/usr/bin/env bash
# Measures and checks the CUDA backend on a machine that has a GPU, NVIDIA's driver and nothing else, in nine minutes.
#
# Usage: scripts/gpu-check.sh pack                          builds here what the other machine runs, into gpu-check/
#        scripts/gpu-check.sh run --class "H100 SXM" OUT    runs it there; results go to the folder OUT
#        scripts/gpu-check.sh table OUT/gpu-check.json...   writes their tables into docs/performance.md
#        scripts/gpu-check.sh rehearse OUT                  packs, and runs on the emulator of the tests: no GPU needed
#
# The folder of the repository must be there, or this script, scripts/gpu-check-table.mjs (for `table`) and gpu-check/.
# `run` takes --device N for another GPU than the first. Each step has a limit of its own, and what it said and found
# stays when a later one fails, or takes too long. Power and clocks are logged meanwhile, where nvidia-smi is there.
#
# OUT/gpu-check.json has everything, with date, card and driver; OUT/STEP.log what each step said.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly package=gpu-check
# What a machine takes from another in one go.
readonly most_bytes=$((64 << 20))
# All steps together, in seconds.
readonly total_limit=540
# Each step and its limit in seconds, in their order.
readonly steps=(
	card:60 roots:80 tests:60 products:60 torch:30 walk:60 pulse:60 challenge:60 memory:20 agent:50
)

fail() {
	echo "gpu-check: $*" >&2
	exit 1
}

# The program that cargo says it made of a target.
built() {
	sed -n -E "s|^ *Executable .*\((.*/$1-[0-9a-f]+)\)\$|\1|p" | tail -1
}

pack() {
	local target=${CARGO_TARGET_DIR:-$PWD/target} tests bench bytes
	local log
	log=$(mktemp)
	SKIP_WASM_BUILD=1 cargo test --release --locked -p loopin-cuda --lib --no-run 2>&1 | tee "$log"
	tests=$(built loopin_cuda <"$log")
	SKIP_WASM_BUILD=1 cargo bench --profile release --locked -p loopin-cuda --bench device --no-run 2>&1 | tee "$log"
	bench=$(built device <"$log")
	rm "$log"
	SKIP_WASM_BUILD=1 cargo build --release --locked -p loopin-agent
	mkdir -p "$package"
	strip -o "$package/tests" "$tests"
	strip -o "$package/bench" "$bench"
	strip -o "$package/loopin-agent" "$target/release/loopin-agent"
	# The emulator, for rehearsals, is compiled next to the tests.
	echo "$tests" >"$package/unstripped-tests"
	bytes=$(cat "$package"/* | wc -c)
	((bytes <= most_bytes)) || fail "$package/ has $bytes bytes, and $most_bytes are the most"
	echo "$package/ has $bytes bytes"
}

# What a step does. Its results go to a file, what it says to standard output.
step() {
	local name=$1 json=$2
	case $name in
	tests) "$package/tests" tests::device:: --test-threads=1 ;;
	torch) torch_products "$json" ;;
	# What an agent checks when it starts is too much for the emulator.
	agent) "$package/loopin-agent" benchmark ${rehearse[0]:+--backend cpu} --gpu "$device" --class "$class" ;;
	*) "$package/bench" "${rehearse[@]}" --device "$device" --class "$class" --json "$json" "$name" ;;
	esac
}

# The int8 product of PyTorch, where that is installed, at the sizes of `products`.
torch_products() {
	if ! python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
		echo "no PyTorch that finds the GPU: left out"
		return
	fi
	JSON=$1 DEVICE=$device python3 - <<'PYTHON'
import json, os, time, torch

torch.cuda.set_device(int(os.environ["DEVICE"]))
found = []
for n in (8192, 16384):
    a = torch.randint(-128, 128, (n, n), dtype=torch.int8, device="cuda")
    b = torch.randint(-128, 128, (n, n), dtype=torch.int8, device="cuda").t()
    for _ in range(8):
        torch._int_mm(a, b)
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(8):
        torch._int_mm(a, b)
    torch.cuda.synchronize()
    milliseconds = (time.perf_counter() - start) * 1000 / 8
    print(f"  n {n}: {milliseconds:.3f} ms")
    found.append({"n": n, "product_ms": round(milliseconds, 3), "gops": round(2 * n**3 / milliseconds / 1e6)})
with open(os.environ["JSON"], "w") as file:
    json.dump({"torch": found}, file)
PYTHON
}

# What nvidia-smi says of the device, or nothing; fit for a JSON string.
smi() {
	nvidia-smi --id="$device" --query-gpu="$1" --format=csv,noheader 2>/dev/null | head -1 | tr -cd 'A-Za-z0-9 .,:%/()[]-' || true
}

run() {
	local out=$1 name limit left began seconds status logger='' separator=''
	[[ -x $package/bench ]] || fail "there is no $package/: run \`scripts/gpu-check.sh pack\`, and bring it along"
	mkdir -p "$out"
	out=$(cd "$out" && pwd)
	local json=$out/gpu-check.json
	if command -v nvidia-smi >/dev/null; then
		nvidia-smi -q >"$out/nvidia-smi.txt" 2>&1 || true
		nvidia-smi --id="$device" --format=csv -lms 500 --query-gpu=timestamp,power.draw,clocks.sm,clocks.mem,temperature.gpu \
			>"$out/power-and-clocks.csv" 2>&1 &
		logger=$!
	fi
	{
		printf '{\n"date": "%s",\n"class": "%s",\n"card": "%s",\n"driver": "%s",\n"limits": "%s",\n"is_rehearsal": %s,\n"steps": [' \
			"$(date -u +%F)" "$class" "$(smi name)" "$(smi driver_version)" "$(smi power.limit,clocks.max.sm,clocks.max.mem)" \
			"$([[ ${#rehearse[@]} -gt 0 ]] && echo true || echo false)"
	} >"$json.part"
	SECONDS=0
	for entry in "${steps[@]}"; do
		name=${entry%:*} limit=${entry#*:} left=$((total_limit - SECONDS))
		((left > 0)) || left=1
		((limit <= left)) || limit=$left
		echo "== $name, at most $limit s"
		began=$SECONDS status=0
		timeout --kill-after=5 "$limit" "${BASH_SOURCE[0]}" step "$name" "$out/$name.json" "$device" "$class" "${rehearse[@]}" \
			>"$out/$name.log" 2>&1 || status=$?
		seconds=$((SECONDS - began))
		cat "$out/$name.log"
		((status == 0)) || echo "== $name ended with status $status after $seconds s"
		{
			printf '%s\n{"name": "%s", "seconds": %s, "status": %s, "result": ' "$separator" "$name" "$seconds" "$status"
			if [[ -s $out/$name.json ]]; then cat "$out/$name.json"; else echo null; fi
			printf '}'
		} >>"$json.part"
		separator=,
		# What there is, is a whole file after every step.
		{ cat "$json.part" && printf '\n]}\n'; } >"$json"
	done
	rm "$json.part"
	[[ -z $logger ]] || kill "$logger" || true
	echo "$json: $SECONDS s"
}

rehearse() {
	local out=$1 tests emulator
	pack
	tests=$(cat "$package/unstripped-tests")
	# A test that needs the emulator compiles it, in the folder of its own sources.
	(cd agent/cuda && "$tests" tests::driver::the_slices --nocapture)
	emulator=$(find "$(dirname "$tests")" -maxdepth 2 -path '*loopin-cuda-emulator-*/libcuda.so' -printf '%T@ %h\n' |
		sort -n | tail -1 | cut -d' ' -f2)
	rehearse=(--rehearse)
	LD_LIBRARY_PATH=$emulator run "$out"
}

device=0 class=
rehearse=()
command=${1:-}
[[ $# -eq 0 ]] || shift
case $command in
pack) pack ;;
run)
	while [[ ${1:-} == --* ]]; do
		case $1 in
		--device) device=${2:?--device takes a number} ;;
		--class) class=${2:?--class takes the name of a class} ;;
		*) fail "unknown option $1" ;;
		esac
		shift 2
	done
	[[ $class ]] || fail "name the card's class, as in --class \"H100 SXM\": nothing tells an A100 from an H100 by its memory"
	run "${1:?name a folder for the results}"
	;;
rehearse)
	class="cpu-reference"
	rehearse "${1:?name a folder for the results}"
	;;
step)
	device=$3 class=$4 rehearse=("${@:5}")
	step "$1" "$2"
	;;
table) node scripts/gpu-check-table.mjs docs/performance.md "$@" ;;
*)
	sed -n '/^# Usage/,/^set/p' "${BASH_SOURCE[0]}" | grep '^#' >&2
	exit 1
	;;
esac
