// The commitment: nodes of rows, the levels above them or above lanes, and reading paths out.
#include "sha256.cuh"

#define ROW_THREADS 128u

struct RowArguments {
    const uint4* rows; // whole rows, one after the other
    uint4* nodes;      // their nodes, 32 bytes each
    u64 n;
    u64 count; // of rows
};
CHECK_ARGUMENTS(RowArguments);

// The parent of this lane's digest and that of the lane whose number differs by `mask`; both lanes get it.
DEVICE Digest parent_with(const Digest& own, u32 mask) {
    const bool is_right = thread_index() & mask;
    Digest left, right;
    UNROLL for (u32 i = 0; i < 8; i += 2) {
        const u64 other = shuffle_xor(static_cast<u64>(own.word[i + 1]) << 32 | own.word[i], mask);
        const u32 low = static_cast<u32>(other), high = static_cast<u32>(other >> 32);
        left.word[i] = is_right ? low : own.word[i];
        left.word[i + 1] = is_right ? high : own.word[i + 1];
        right.word[i] = is_right ? own.word[i] : low;
        right.word[i + 1] = is_right ? own.word[i + 1] : high;
    }
    return parent(left, right);
}

// Nodes of rows: the leaf of every chunk, and the levels up to the row. One thread for each chunk; a row has 32
// chunks at most, so a warp holds whole rows: `ceil(count * chunks per row / 128)` blocks.
//
// It runs while the product kernel has two blocks on every multiprocessor, in what these leave: a sixth of the
// registers, and no shared memory at all where a multiprocessor has 100 KiB. So the levels go through the
// registers of a warp. Up there all lanes of a group compute the same; the time is in the leaves.
KERNEL(ROW_THREADS, 6) row_nodes(const RowArguments arguments) {
    const u32 n = static_cast<u32>(arguments.n);
    const u32 chunk_bytes = n < 1024 ? n : 1024, chunks_per_row = n / chunk_bytes;
    const u64 chunk = static_cast<u64>(block_index()) * ROW_THREADS + thread_index();
    const bool present = chunk < arguments.count * chunks_per_row;

    Digest digest = sha256_start();
    if (present) digest = chunk_leaf(arguments.rows + chunk * (chunk_bytes / 16), chunk_bytes);
    NO_UNROLL for (u32 mask = 1; mask < chunks_per_row; mask *= 2) digest = parent_with(digest, mask);
    if (present && chunk % chunks_per_row == 0) write_digest(arguments.nodes, chunk / chunks_per_row, digest);
}

struct LevelArguments {
    const uint4* level;
    uint4* parents;
    u64 count; // of digests in `level`
};
CHECK_ARGUMENTS(LevelArguments);

// The level above a level. An odd one is completed with 32 zero bytes. One thread for each parent.
KERNEL(128, 1) parents(const LevelArguments arguments) {
    const u64 index = static_cast<u64>(block_index()) * 128 + thread_index();
    if (2 * index >= arguments.count) return;
    Digest right = {};
    if (2 * index + 1 < arguments.count) right = read_digest(arguments.level, 2 * index + 1);
    write_digest(arguments.parents, index, parent(read_digest(arguments.level, 2 * index), right));
}

struct GatherArguments {
    const uint4* from;
    const u64* places; // where each piece begins, in units of 16 bytes
    uint4* to;
    u64 piece; // units in a piece
    u64 count; // of pieces
};
CHECK_ARGUMENTS(GatherArguments);

// Brings pieces from all over the memory together, so that they leave the device in one copy. One thread for
// each 16 bytes.
KERNEL(128, 1) gather(const GatherArguments arguments) {
    const u64 unit = static_cast<u64>(block_index()) * 128 + thread_index();
    if (unit >= arguments.piece * arguments.count) return;
    arguments.to[unit] = arguments.from[arguments.places[unit / arguments.piece] + unit % arguments.piece];
}
