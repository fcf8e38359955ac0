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

// Nodes of rows: the leaf of every chunk, and the levels up to the row. One thread for each chunk; a row has 32
// chunks at most, so a block holds whole rows: `ceil(count * chunks per row / 128)` blocks.
KERNEL(ROW_THREADS, 1) row_nodes(const RowArguments arguments) {
    // Words of one number together: threads that run together then read and write different banks.
    SHARED u32 digests[8][ROW_THREADS];
    const u32 thread = thread_index(), n = static_cast<u32>(arguments.n);
    const u32 chunk_bytes = n < 1024 ? n : 1024, chunks_per_row = n / chunk_bytes;
    const u64 chunk = static_cast<u64>(block_index()) * ROW_THREADS + thread;

    Digest digest = sha256_start();
    if (chunk < arguments.count * chunks_per_row) {
        digest = chunk_leaf(arguments.rows + chunk * (chunk_bytes / 16), chunk_bytes);
    }
    u32 width = ROW_THREADS;
    NO_UNROLL for (u32 level = chunks_per_row; level > 1; level /= 2) {
        if (thread < width) {
            UNROLL for (u32 i = 0; i < 8; ++i) digests[i][thread] = digest.word[i];
        }
        block_barrier();
        width /= 2;
        if (thread < width) {
            Digest left, right;
            UNROLL for (u32 i = 0; i < 8; ++i) {
                left.word[i] = digests[i][2 * thread], right.word[i] = digests[i][2 * thread + 1];
            }
            digest = parent(left, right);
        }
        block_barrier();
    }
    const u64 row = static_cast<u64>(block_index()) * (ROW_THREADS / chunks_per_row) + thread;
    if (thread < width && row < arguments.count) write_digest(arguments.nodes, row, digest);
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
