// The step: X_i from X_{i-1} and X_{i-2}, the exact int8 product on the tensor cores and the mask in one kernel,
// so that only bytes leave it.
//
// Both factors are read along their rows. Tiles come to shared memory by asynchronous copies, two steps ahead of
// the tensor cores. There is one barrier a step: when a block passes it, the copies for this step have come for
// all of its threads, and no thread reads any more what the copies started next will replace.
#include "step.cuh"
#include "tile.cuh"

struct ProductArguments {
    const u8* left;  // X_{i-1}
    const u8* right; // X_{i-2}
    u8* out;         // X_i
    const u32* row_keys;
    const u32* column_keys;
    u64 n;
};
CHECK_ARGUMENTS(ProductArguments);

// This thread's share of copying a factor's tile, step after step.
struct Copier {
    const u8* from; // its first piece of the first step
    u32 to;         // where that belongs within a stage
    bool present[COPIES];
};

// For the tile number `tile` of a factor. PARTIAL: there are only `n` rows of `n` bytes, and what is beyond is zero.
template <bool PARTIAL> DEVICE Copier copier(const u8* factor, u32 tile, u32 n, u32 stage_offset) {
    const u32 row = copy_row(thread_index()), piece = copy_piece(thread_index());
    Copier copier = {factor + static_cast<u64>(tile * TILE + row) * n + piece * 16,
                     stage_offset + tile_offset(row, piece),
                     {}};
    UNROLL for (u32 copy = 0; copy < COPIES; ++copy) {
        copier.present[copy] = !PARTIAL || (row + copy * COPY_ROWS < n && piece * 16 < n);
    }
    return copier;
}

// Starts copying step `step`, if there is one.
template <bool PARTIAL>
DEVICE void copy_step(const Copier& copier, SharedAddress stages, u32 n, u32 step, u32 steps) {
    const u8* from = copier.from + step * DEPTH;
    const SharedAddress stage = stages + step % STAGES * STAGE_BYTES;
    UNROLL for (u32 copy = 0; copy < COPIES; ++copy) {
        const u8* source = from + static_cast<u64>(copy * COPY_ROWS) * n;
        const SharedAddress target = stage + copy_offset(copier.to, copy);
        if (!PARTIAL) {
            copy_16(target, source, step < steps);
        } else if (step < steps) {
            copy_16_or_zeros(target, source, copier.present[copy]);
        }
    }
}

// PARTIAL: n is less than a tile's side. Else n is a multiple of it.
template <bool PARTIAL> DEVICE void make_tile(const ProductArguments& arguments, SharedAddress stages) {
    const u32 n = static_cast<u32>(arguments.n), steps = PARTIAL ? 1 : n / DEPTH;
    const u32 lane = thread_index() % 32, warp = thread_index() / 32;
    const TilePlace place = tile_place(block_index(), PARTIAL ? 1 : n / TILE);
    const Copier left = copier<PARTIAL>(arguments.left, place.row, n, 0);
    const Copier right = copier<PARTIAL>(arguments.right, place.column, n, FACTOR_BYTES);
    const u32 warp_row = warp / 2 * WARP_TILE, warp_column = warp % 2 * WARP_TILE;

    u32 left_offset[4], right_offset[4];
    UNROLL for (u32 i = 0; i < 4; ++i) {
        left_offset[i] = tile_offset(warp_row + left_row(lane, i), left_piece(lane));
        right_offset[i] = FACTOR_BYTES + tile_offset(warp_column + right_row(lane, i), right_piece(lane));
    }
    i32 sum[4][8][4] = {};

    UNROLL for (u32 step = 0; step < STAGES - 1; ++step) {
        copy_step<PARTIAL>(left, stages, n, step, steps);
        copy_step<PARTIAL>(right, stages, n, step, steps);
        copies_commit();
    }
    NO_UNROLL for (u32 step = 0; step < steps; ++step) {
        copies_wait<STAGES - 2>();
        block_barrier();
        const SharedAddress stage = stages + step % STAGES * STAGE_BYTES;
        UNROLL for (u32 half = 0; half < 2; ++half) {
            // The second half of a step is two pieces further along the rows. Pieces are permuted by XOR and
            // stages are aligned, so that is one bit of the address.
            const u32 flip = half * 32;
            u32 left_fragment[4][4], right_fragment[4][4];
            UNROLL for (u32 i = 0; i < 4; ++i) {
                load_matrices(left_fragment[i], (stage + left_offset[i]) ^ flip);
                load_matrices(right_fragment[i], (stage + right_offset[i]) ^ flip);
            }
            // One factor's copies in each half, once the tensor cores' first operands are on their way. The
            // group is committed even where it is empty: waiting is by the number of groups.
            copy_step<PARTIAL>(half == 0 ? left : right, stages, n, step + STAGES - 1, steps);
            if (half == 1) copies_commit();
            UNROLL for (u32 i = 0; i < 4; ++i) {
                UNROLL for (u32 j = 0; j < 8; ++j) {
                    const u32 right_part[2] = {right_fragment[j / 2][j % 2 * 2],
                                               right_fragment[j / 2][j % 2 * 2 + 1]};
                    multiply_add(sum[i][j], left_fragment[i], right_part);
                }
            }
        }
    }

    const u32 column = place.column * TILE + warp_column + result_column(lane);
    if (PARTIAL && column >= n) return;
    uint4 column_keys[4];
    UNROLL for (u32 j = 0; j < 4; ++j) {
        column_keys[j] = reinterpret_cast<const uint4*>(arguments.column_keys + column)[j];
    }
    UNROLL for (u32 i = 0; i < 4; ++i) {
        UNROLL for (u32 half = 0; half < 2; ++half) {
            const u32 row = place.row * TILE + warp_row + result_row(lane, i, half);
            if (PARTIAL && row >= n) continue;
            const u32 row_key = arguments.row_keys[row], at = 2 * half;
            u32 word[4];
            UNROLL for (u32 j = 0; j < 4; ++j) {
                word[j] = masked_4(sum[i][2 * j][at], sum[i][2 * j][at + 1], sum[i][2 * j + 1][at],
                                   sum[i][2 * j + 1][at + 1], row_key, column_keys[j]);
            }
            *reinterpret_cast<uint4*>(arguments.out + static_cast<u64>(row) * n + column) =
                uint4{word[0], word[1], word[2], word[3]};
        }
    }
}

// Any n from a tile's side up: `(n / TILE)^2` blocks.
KERNEL(PRODUCT_THREADS, 2) product(const ProductArguments arguments) {
    alignas(1024) SHARED u8 stages[STAGES * STAGE_BYTES];
    make_tile<false>(arguments, shared_address(stages));
}

// n below a tile's side, 32 or 64: one block.
KERNEL(PRODUCT_THREADS, 2) product_small(const ProductArguments arguments) {
    alignas(1024) SHARED u8 stages[STAGES * STAGE_BYTES];
    make_tile<true>(arguments, shared_address(stages));
}
