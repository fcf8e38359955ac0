#!/usr/bin/env python3
"""Second implementation of the challenge, from its description in ../README.md. Standard library only.

    reference.py          compares with vectors.json, says what differs, exits with 1 if anything does
    reference.py --write  writes vectors.json

Takes about two minutes. It shares no code with the crate, so a mistake would have to be made twice to go unseen.
"""

import hashlib
import json
import struct
import sys
from array import array
from pathlib import Path

VECTORS = Path(__file__).with_name("vectors.json")
M32, M64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
OPERAND, ROW_KEY, COLUMN_KEY, WALK_KEY, LANE_START, SAMPLE = 1, 2, 3, 4, 5, 6
READS = 32
ZERO = bytes(32)


def sha256(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


# --- pseudo-random numbers ------------------------------------------------------------------------------------------


def rotate(word, bits):
    return ((word << bits) | (word >> (32 - bits))) & M32


def quarter_round(s, a, b, c, d):
    s[a] = (s[a] + s[b]) & M32
    s[d] = rotate(s[d] ^ s[a], 16)
    s[c] = (s[c] + s[d]) & M32
    s[b] = rotate(s[b] ^ s[c], 12)
    s[a] = (s[a] + s[b]) & M32
    s[d] = rotate(s[d] ^ s[a], 8)
    s[c] = (s[c] + s[d]) & M32
    s[b] = rotate(s[b] ^ s[c], 7)


def chacha8_block(seed, domain, matrix, row, block):
    start = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, *struct.unpack("<8I", seed), block, row, matrix, domain]
    state = list(start)
    for _ in range(4):
        for a, b, c, d in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)):
            quarter_round(state, a, b, c, d)
        for a, b, c, d in ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter_round(state, a, b, c, d)
    return struct.pack("<16I", *((x + y) & M32 for x, y in zip(state, start)))


def stream(seed, domain, matrix, row, length):
    blocks = (chacha8_block(seed, domain, matrix, row, block) for block in range(-(-length // 64)))
    return b"".join(blocks)[:length]


# --- filling --------------------------------------------------------------------------------------------------------


def mix(h):
    h ^= h >> 16
    h = (h * 0x7FEB352D) & M32
    h ^= h >> 15
    h = (h * 0x846CA68B) & M32
    return h ^ (h >> 16)


# Adds 128 to an int8, giving an unsigned byte.
LIFT = bytes(b ^ 0x80 for b in range(256))


def product_rows(left, right, n):
    """Rows of left * transpose(right), exact. All entries of a row are summed at once, as the 32-bit digits of one
    large integer: with both factors lifted by 128 every digit stays below 2^32."""
    left, right = left.translate(LIFT), right.translate(LIFT)
    columns = []
    for k in range(n):
        digits = bytearray(4 * n)
        digits[0::4] = right[k::n]
        columns.append(int.from_bytes(digits, "little"))
    right_sums = [sum(right[c * n : (c + 1) * n]) for c in range(n)]
    for r in range(n):
        row = left[r * n : (r + 1) * n]
        total = sum(a * column for a, column in zip(row, columns))
        lifted = array("I", total.to_bytes(4 * n, "little"))
        if sys.byteorder == "big":
            lifted.byteswap()
        correction = n * 128 * 128 - 128 * sum(row)
        yield [digit + correction - 128 * right_sum for digit, right_sum in zip(lifted, right_sums)]


def fill(seed, n, matrices):
    """All matrices from X_0 to X_{N+1}."""
    xs = [b"".join(stream(seed, OPERAND, i, row, n) for row in range(n)) for i in (0, 1)]
    for i in range(2, matrices + 2):
        row_keys = struct.unpack(f"<{n}I", stream(seed, ROW_KEY, i, 0, 4 * n))
        column_keys = struct.unpack(f"<{n}I", stream(seed, COLUMN_KEY, i, 0, 4 * n))
        made = bytearray()
        for row_key, products in zip(row_keys, product_rows(xs[i - 1], xs[i - 2], n)):
            made += bytes(
                mix((mix((product + row_key) & M32) + column_key) & M32) >> 24
                for product, column_key in zip(products, column_keys)
            )
        xs.append(bytes(made))
    return xs


# --- committing -----------------------------------------------------------------------------------------------------


def tree(leaves):
    levels = [leaves]
    while len(levels[-1]) > 1:
        level = levels[-1]
        if len(level) % 2:
            level = level + [ZERO]
        levels.append([sha256(level[i], level[i + 1], b"\x01") for i in range(0, len(level), 2)])
    return levels


def path(levels, index):
    siblings = []
    for level in levels[:-1]:
        siblings.append(level[index ^ 1] if index ^ 1 < len(level) else ZERO)
        index >>= 1
    return siblings


# --- walking --------------------------------------------------------------------------------------------------------


def walk(walk_seed, chunks, lanes):
    words = len(chunks[0]) // 4
    keys = struct.unpack(f"<{words + 1020}I", stream(walk_seed, WALK_KEY, 0, 0, 4 * (words + 1020)))
    starts = struct.unpack(f"<{lanes}Q", stream(walk_seed, LANE_START, 0, 0, 8 * lanes))
    traces = []
    for s in starts:
        trace = []
        for _ in range(READS):
            w = struct.unpack(f"<{words}I", chunks[(s * len(chunks)) >> 64])
            k = keys[4 * (s % 256) :]
            z = s
            for j in range(0, words, 2):
                z += ((w[j] + k[j]) & M32) * ((w[j + 1] + k[j + 1]) & M32)
            z &= M64
            z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M64
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
            s = z ^ (z >> 31)
            trace.append(s)
        traces.append(trace)
    return keys, starts, traces


# --- opening --------------------------------------------------------------------------------------------------------


def sample(seed, n, matrices, lanes, entries, opened_lanes):
    position = 0

    def below(bound):
        nonlocal position
        block = chacha8_block(seed, SAMPLE, 0, 0, position // 8)
        (draw,) = struct.unpack_from("<Q", block, 8 * (position % 8))
        position += 1
        return (draw * bound) >> 64

    def distinct(count, bound):
        chosen = []
        for j in range(bound - count, bound):
            t = below(j + 1)
            chosen.append(j if t in chosen else t)
        return chosen

    opened = []
    for _ in range(2):
        row = below(n)
        opened.append((2, row, below(n)))
    for t in distinct(entries - 2, matrices - 1):
        row = below(n)
        opened.append((3 + t, row, below(n)))
    return opened, distinct(opened_lanes, lanes)


def compact(value):
    if value < 1 << 6:
        return bytes([value << 2])
    if value < 1 << 14:
        return struct.pack("<H", value << 2 | 1)
    return struct.pack("<I", value << 2 | 2)


def encode_path(siblings):
    return compact(len(siblings)) + b"".join(siblings)


# --- the whole conversation -----------------------------------------------------------------------------------------


def conversation(name, n, matrices, lanes, entries, opened_lanes, limits):
    profile = struct.pack("<9I", n, matrices, lanes, entries, opened_lanes, *limits)
    genesis, round_seed = sha256(b"genesis"), sha256(b"round seed")
    round_number, device = 7, 42
    assignment = genesis + struct.pack("<Q", round_number) + round_seed + struct.pack("<Q", device) + profile
    # Three verifiers, the first of which opens, and what they contribute to both seeds.
    verifiers = sorted(sha256(b"verifier", bytes([number])) for number in range(3))
    fill_nonces, walk_nonces = (
        [sha256(step, bytes([number])) for number in range(len(verifiers))] for step in (b"fill", b"walk")
    )
    verifier, open_nonce = verifiers[0], sha256(b"open")

    def context(what, *body):
        return sha256(b"loopin/challenge/2/" + what.encode() + b"\0", *body)

    def contributors(nonces):
        pairs = [verifier + nonce for verifier, nonce in zip(verifiers, nonces, strict=True)]
        return compact(len(pairs)) + b"".join(pairs)

    seed = context("seed", assignment, contributors(fill_nonces))
    xs = fill(seed, n, matrices)
    chunk = min(n, 1024)
    per_row = n // chunk
    state = b"".join(xs[2:])
    chunks = [state[at : at + chunk] for at in range(0, len(state), chunk)]
    state_tree = tree([sha256(data, b"\x00") for data in chunks])
    height = per_row.bit_length() - 1
    row_tree = state_tree[height:]
    state_root = state_tree[-1][0]

    walk_seed = context("walk-seed", seed, state_root, contributors(walk_nonces))
    walk_keys, starts, traces = walk(walk_seed, chunks, lanes)
    lane_tree = tree([sha256(struct.pack("<32Q", *trace), b"\x02") for trace in traces])
    walk_root = lane_tree[-1][0]

    claim = context("claim", seed, state_root, walk_seed, walk_root)
    open_request = assignment + verifier + claim + open_nonce
    sample_seed = context("sample-seed", open_request)
    opened, opened_lane_numbers = sample(sample_seed, n, matrices, lanes, entries, opened_lanes)

    def row_opening(matrix, row):
        if matrix < 2:
            return b"\x00"
        data = xs[matrix][row * n : (row + 1) * n]
        return b"\x01" + compact(n) + data + encode_path(path(row_tree, (matrix - 2) * n + row))

    def chunk_opening(index):
        return compact(chunk) + chunks[index] + encode_path(path(state_tree, index))

    # The parts in which openings are hashed, each after what was hashed before.
    parts = [compact(len(opened))]
    for matrix, row, column in opened:
        rows = row_opening(matrix - 1, row) + row_opening(matrix - 2, column)
        parts.append(rows + chunk_opening(((matrix - 2) * n + row) * per_row + column // chunk))
    parts.append(compact(len(opened_lane_numbers)))
    for lane in opened_lane_numbers:
        parts.append(struct.pack("<32Q", *traces[lane]) + encode_path(path(lane_tree, lane)))
        for state_before in [starts[lane]] + traces[lane][:-1]:
            parts.append(chunk_opening((state_before * len(chunks)) >> 64))
    openings = b"".join(parts)
    openings_digest = sample_seed
    for part in parts:
        openings_digest = sha256(openings_digest, part)

    return {
        "name": name,
        "n": n,
        "matrices": matrices,
        "lanes": lanes,
        "entries": entries,
        "opened_lanes": opened_lanes,
        "limits_ms": limits,
        "genesis": genesis.hex(),
        "round": round_number,
        "round_seed": round_seed.hex(),
        "device": device,
        "verifiers": [verifier.hex() for verifier in verifiers],
        "fill_nonces": [nonce.hex() for nonce in fill_nonces],
        "walk_nonces": [nonce.hex() for nonce in walk_nonces],
        "open_nonce": open_nonce.hex(),
        "seed": seed.hex(),
        "x0_row_0_first_block": xs[0][: min(n, 64)].hex(),
        "row_keys_2_sha256": sha256(stream(seed, ROW_KEY, 2, 0, 4 * n)).hex(),
        "column_keys_2_sha256": sha256(stream(seed, COLUMN_KEY, 2, 0, 4 * n)).hex(),
        "x_sha256": [sha256(x).hex() for x in xs],
        "first_leaf": state_tree[0][0].hex(),
        "first_row_node": row_tree[0][0].hex(),
        "state_root": state_root.hex(),
        "walk_seed": walk_seed.hex(),
        "walk_keys_sha256": sha256(struct.pack(f"<{len(walk_keys)}I", *walk_keys)).hex(),
        "lane_0_start": f"{starts[0]:016x}",
        "lane_0_trace": [f"{s:016x}" for s in traces[0]],
        "walk_root": walk_root.hex(),
        "claim": claim.hex(),
        "sample_seed": sample_seed.hex(),
        "opened_entries": [list(entry) for entry in opened],
        "opened_lane_numbers": opened_lane_numbers,
        "openings_bytes": len(openings),
        "openings_sha256": sha256(openings).hex(),
        "openings_digest": openings_digest.hex(),
        "digests": {
            "prepare-request": context("prepare-request", assignment, verifier).hex(),
            "prepare-answer": context("prepare-answer", assignment, bytes([25])).hex(),
            "fill-request": context("fill-request", assignment, verifier, fill_nonces[0]).hex(),
            "fill-answer": context("fill-answer", assignment, seed, state_root).hex(),
            "walk-request": context("walk-request", assignment, verifier, seed, state_root, walk_nonces[0]).hex(),
            "walk-answer": context("walk-answer", assignment, claim).hex(),
            "open-request": context("open-request", open_request).hex(),
            "open-answer": context("open-answer", assignment, verifier, claim, openings_digest).hex(),
        },
    }


def main():
    vectors = [
        conversation("rows shorter than a chunk", 64, 30, 480, 24, 4, [3000, 10000, 10000, 10000]),
        conversation("rows of two chunks, odd numbers of matrices and lanes", 2048, 3, 75, 4, 3, [1, 2, 3, 4]),
    ]
    if sys.argv[1:] == ["--write"]:
        VECTORS.write_text(json.dumps(vectors, indent=1) + "\n")
        return 0
    if sys.argv[1:]:
        sys.exit(__doc__)
    differences = [
        f"{vector['name']}: {key}"
        for vector, stored in zip(vectors, json.loads(VECTORS.read_text()), strict=True)
        for key in vector.keys() | stored.keys()
        if vector.get(key) != stored.get(key)
    ]
    print("\n".join(differences) or "vectors.json is as this program computes it")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
