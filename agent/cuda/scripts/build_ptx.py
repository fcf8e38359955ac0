"""Compiles kernels/*.cu to kernels/*.ptx with NVRTC, which needs no GPU, and says what ptxas makes of them.

Called by build-ptx.sh, which brings NVRTC and ptxas. Usage: build_ptx.py LIBNVRTC PTXAS KERNELS
"""

import ctypes
import hashlib
import pathlib
import re
import subprocess
import sys
import tempfile

# The oldest architecture that can run the kernels: the driver compiles them for whatever card it finds.
TARGET = "compute_80"
CARDS = ["sm_80", "sm_86", "sm_89", "sm_90"]


def sources_hash(kernels: pathlib.Path) -> str:
    """Over all sources, since any header may be in any kernel. `tests/ptx.rs` has the same."""
    hasher = hashlib.sha256()
    for path in sorted(p for p in kernels.iterdir() if p.suffix in (".cu", ".cuh")):
        content = path.read_bytes()
        hasher.update(f"{path.name} {len(content)}\n".encode())
        hasher.update(content)
    return hasher.hexdigest()


def compile_ptx(nvrtc: ctypes.CDLL, source: pathlib.Path) -> tuple[str, str]:
    def check(code: int, what: str) -> None:
        if code != 0:
            raise SystemExit(f"{what}: NVRTC error {code}\n{log() if program else ''}")

    def log() -> str:
        size = ctypes.c_size_t()
        nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
        text = ctypes.create_string_buffer(size.value)
        nvrtc.nvrtcGetProgramLog(program, text)
        return text.value.decode()

    major, minor, program = ctypes.c_int(), ctypes.c_int(), ctypes.c_void_p()
    check(nvrtc.nvrtcVersion(ctypes.byref(major), ctypes.byref(minor)), "version")
    check(
        nvrtc.nvrtcCreateProgram(
            ctypes.byref(program), source.read_bytes(), source.name.encode(), 0, None, None
        ),
        source.name,
    )
    options = [f"--gpu-architecture={TARGET}", "--std=c++17", f"--include-path={source.parent}"]
    encoded = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
    check(nvrtc.nvrtcCompileProgram(program, len(options), encoded), source.name)
    if warnings := log().strip("\0\n "):
        raise SystemExit(f"{source.name}: {warnings}")
    size = ctypes.c_size_t()
    check(nvrtc.nvrtcGetPTXSize(program, ctypes.byref(size)), source.name)
    ptx = ctypes.create_string_buffer(size.value)
    check(nvrtc.nvrtcGetPTX(program, ptx), source.name)
    return f"{major.value}.{minor.value}", ptx.value.decode()


def without_comments(ptx: str) -> str:
    """NVRTC's header names its build; what matters stays in the directives."""
    lines = [line for line in ptx.splitlines() if not line.startswith("//")]
    return "\n".join(lines).strip("\n") + "\n"


def figures(ptxas: str, ptx: pathlib.Path) -> dict[str, dict[str, tuple[str, str, str, str]]]:
    """Registers, bytes of shared memory, of stack and spilled, of each kernel on each card."""
    found: dict[str, dict[str, tuple[str, str, str, str]]] = {}
    for card in CARDS:
        with tempfile.NamedTemporaryFile() as cubin:
            command = [ptxas, "-v", f"-arch={card}", str(ptx), "-o", cubin.name]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        entry, stack, spills = "", "", ""
        for line in done.stderr.splitlines():
            if match := re.search(r"Compiling entry function '(\w+)'", line):
                entry = match[1]
            elif match := re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores", line):
                stack, spills = match[1], match[2]
            elif match := re.search(r"Used (\d+) registers", line):
                shared = re.search(r"(\d+) bytes smem", line)
                found.setdefault(entry, {})[card] = (match[1], shared[1] if shared else "0", stack, spills)
    return found


def check_neighbours(cards: dict[str, dict[str, tuple[str, str, str, str]]]) -> None:
    """Fails unless a block of `row_nodes` fits beside two of `product` on the smallest multiprocessor, which has 100 KiB
    of shared memory: else rows are hashed after the products, and not meanwhile."""
    for card in CARDS:
        registers, shared = 0, 0
        for entry, blocks in (("product", 2), ("row_nodes", 1)):
            # Four warps a block. Registers are dealt to warps by 256, and the system takes 1 KiB for each block.
            of_warp = -(-int(cards[entry][card][0]) * 32 // 256) * 256
            registers += blocks * 4 * of_warp
            shared += blocks * (int(cards[entry][card][1]) + 1024)
        if registers > 65_536 or shared > 100 * 1024:
            raise SystemExit(f"{card}: hashing does not fit beside the product: {registers} registers, {shared} bytes")


def main() -> None:
    nvrtc, ptxas, kernels = ctypes.CDLL(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    sources, table, found = sources_hash(kernels), [], {}
    for source in sorted(kernels.glob("*.cu")):
        version, ptx = compile_ptx(nvrtc, source)
        header = f"// Made from {source.name} by scripts/build-ptx.sh with NVRTC {version}; do not edit.\n"
        header += f"// sources: {sources}\n"
        target = source.with_suffix(".ptx")
        target.write_text(header + without_comments(ptx))
        made = figures(ptxas, target)
        found.update(made)
        for entry, cards in sorted(made.items()):
            columns = [", ".join(dict.fromkeys(cards[card][i] for card in CARDS)) for i in (1, 2, 3)]
            registers = [cards[card][0] for card in CARDS]
            table.append(f"| `{entry}` | {' | '.join(registers + columns)} |")
    check_neighbours(found)
    print(f"| kernel | {' | '.join(f'registers, {card}' for card in CARDS)} | shared, bytes | stack | spilled |")
    print("|---" * (4 + len(CARDS)) + "|")
    print("\n".join(table))


if __name__ == "__main__":
    main()
