#!/usr/bin/env bash
# Makes kernels/*.ptx from kernels/*.cu. Needs neither a GPU nor CUDA: NVRTC and ptxas come from PyPI, of the
# oldest CUDA 12, so that drivers from 525 on take what NVRTC writes. Prints the table of the crate's README.
set -euo pipefail

version=12.0.140
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${LOOPIN_CUDA_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/loopin-cuda-$version}

if [[ ! -d $tools ]]; then
	mkdir -p "$(dirname "$tools")"
	wheels=$(mktemp -d)
	trap 'rm -rf "$wheels"' EXIT
	python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$wheels" \
		"nvidia-cuda-nvrtc-cu12==$version" "nvidia-cuda-nvcc-cu12==$version"
	mkdir "$wheels/tools"
	for wheel in "$wheels"/*.whl; do
		python3 -m zipfile -e "$wheel" "$wheels/tools"
	done
	chmod +x "$wheels/tools/nvidia/cuda_nvcc/bin/ptxas"
	mv "$wheels/tools" "$tools"
fi

# NVRTC looks for the rest of itself by name.
export LD_LIBRARY_PATH=$tools/nvidia/cuda_nvrtc/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
python3 "$here/build_ptx.py" "$tools/nvidia/cuda_nvrtc/lib/libnvrtc.so.12" \
	"$tools/nvidia/cuda_nvcc/bin/ptxas" "$here/../kernels"
