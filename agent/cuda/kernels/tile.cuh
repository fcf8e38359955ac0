// The index arithmetic of the product: which block makes which tile, where a tile's bytes are in shared memory,
// and which entry each register of a lane belongs to.
#pragma once
#include "device.cuh"

// A block makes a tile of TILE x TILE entries, in steps of DEPTH along the rows of both factors. Its four warps
// make a quarter of WARP_TILE x WARP_TILE each.
#define TILE 128u
#define DEPTH 64u
#define WARP_TILE 64u
#define PRODUCT_THREADS 128
// Steps in flight. 3 * 16 KiB is all the shared memory that needs no opting in, and leaves room for two blocks
// on every multiprocessor since Ampere: one masks its tile or waits at a barrier while the other multiplies.
#define STAGES 3u
#define FACTOR_BYTES (TILE * DEPTH)
#define STAGE_BYTES (2u * FACTOR_BYTES)

// Tiles in a column of blocks that run one after the other: a wave of blocks then covers a rectangle of the
// matrix that is about square, which needs the fewest rows of the factors from memory.
#define GROUP 16u

struct TilePlace {
    u32 row; // of tiles
    u32 column;
};

// Both sides are powers of two, so groups are all whole.
DEVICE TilePlace tile_place(u32 block, u32 tiles_per_side) {
    u32 group_rows = tiles_per_side < GROUP ? tiles_per_side : GROUP;
    u32 in_group = block % (group_rows * tiles_per_side);
    return {block / (group_rows * tiles_per_side) * group_rows + in_group % group_rows, in_group / group_rows};
}

// Where piece `piece` (16 bytes, four of them a row) of row `row` of a factor's tile is. Rows are 64 bytes apart;
// pieces are permuted within their row such that any eight pieces which `ldmatrix` reads at once (eight rows in
// a run, or the rows of `right_row`) are in eight different groups of four banks.
DEVICE u32 tile_offset(u32 row, u32 piece) { return row * DEPTH + (piece ^ ((row >> 1 ^ row >> 4) & 3)) * 16; }

// Each thread copies four pieces of every step of each factor: the same piece of four rows, 32 apart.
#define COPIES 4u
#define COPY_ROWS 32u
DEVICE u32 copy_row(u32 thread) { return thread / 4; }
DEVICE u32 copy_piece(u32 thread) { return thread % 4; }

// Where the thread's piece number `copy` goes, given where its first goes. 32 rows on, the permutation differs by
// two pieces, which is bit 5, and after 64 rows it is the same.
DEVICE u32 copy_offset(u32 first, u32 copy) { return (first ^ copy % 2 * 32) + copy * COPY_ROWS * DEPTH; }

// The row of the left factor, and the piece of it, whose address a lane gives for the 16 x 32 fragment `fragment`.
DEVICE u32 left_row(u32 lane, u32 fragment) { return fragment * 16 + lane % 16; }
DEVICE u32 left_piece(u32 lane) { return lane / 16; }

// The same for two 8 x 32 fragments of the right factor, `2 pair` and `2 pair + 1`. A column of the tensor
// core's product may stand for any column of the tile. They are dealt such that a lane, which holds columns
// `2 q` and `2 q + 1` of every fragment (q = lane % 4), ends with the sixteen neighbours from `16 q` on, and
// can write them at once.
DEVICE u32 right_row(u32 lane, u32 pair) {
    u32 column = lane % 8, fragment = 2 * pair + lane / 16;
    return column / 2 * 16 + fragment * 2 + column % 2;
}
DEVICE u32 right_piece(u32 lane) { return lane / 8 % 2; }

// The row of the warp's tile whose products are in registers `2 half` and `2 half + 1` of a fragment's sum, and
// the first of the sixteen columns.
DEVICE u32 result_row(u32 lane, u32 fragment, u32 half) { return fragment * 16 + half * 8 + lane / 4; }
DEVICE u32 result_column(u32 lane) { return lane % 4 * 16; }
