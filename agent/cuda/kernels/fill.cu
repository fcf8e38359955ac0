// What a fill needs besides products: the operands, the keys, and the mask as a step of its own.
#include "chacha.cuh"
#include "step.cuh"

struct OperandArguments {
    u8* matrices[2]; // X_0 and X_1
    u64 n;
    Seed seed;
};
CHECK_ARGUMENTS(OperandArguments);

// X_0 and X_1. One thread for each block of 64 bytes (32 where a row has no more): `2 n ceil(n / 64)` threads.
KERNEL(256, 1) operands(const OperandArguments arguments) {
    u32 n = static_cast<u32>(arguments.n);
    u32 blocks_per_row = (n + 63) / 64;
    u64 thread = static_cast<u64>(block_index()) * 256 + thread_index();
    u32 block = static_cast<u32>(thread % blocks_per_row);
    u64 rows = thread / blocks_per_row;
    if (rows >= 2ull * n) return;
    u32 matrix = rows >= n ? 1 : 0;
    u32 row = static_cast<u32>(rows) - matrix * n;

    u32 word[16];
    chacha8(arguments.seed, DOMAIN_OPERAND, matrix, row, block, word);
    u8* base = matrix ? arguments.matrices[1] : arguments.matrices[0];
    uint4* to = reinterpret_cast<uint4*>(base + static_cast<u64>(row) * n + block * 64u);
    UNROLL for (u32 i = 0; i < 4; ++i) {
        if (i * 16 < n) to[i] = uint4{word[4 * i], word[4 * i + 1], word[4 * i + 2], word[4 * i + 3]};
    }
}

struct KeyArguments {
    u32* keys; // for each matrix from X_2 on: n row keys, then n column keys
    u64 n;
    u64 matrices;
    Seed seed;
};
CHECK_ARGUMENTS(KeyArguments);

// The keys of all steps. One thread for each block of 16 keys: `matrices * 2 * n / 16` threads.
KERNEL(256, 1) keys(const KeyArguments arguments) {
    u32 blocks_per_vector = static_cast<u32>(arguments.n) / 16;
    u64 thread = static_cast<u64>(block_index()) * 256 + thread_index();
    u32 block = static_cast<u32>(thread % blocks_per_vector);
    u64 vector = thread / blocks_per_vector;
    if (vector >= arguments.matrices * 2) return;

    u32 domain = vector % 2 ? DOMAIN_COLUMN_KEY : DOMAIN_ROW_KEY;
    u32 word[16];
    chacha8(arguments.seed, domain, static_cast<u32>(vector / 2) + 2, 0, block, word);
    uint4* to = reinterpret_cast<uint4*>(arguments.keys) + thread * 4;
    UNROLL for (u32 i = 0; i < 4; ++i) {
        to[i] = uint4{word[4 * i], word[4 * i + 1], word[4 * i + 2], word[4 * i + 3]};
    }
}

struct MaskArguments {
    const i32* products; // some whole rows
    u8* out;             // the same rows of the matrix that is made
    const u32* row_keys; // of these rows
    const u32* column_keys;
    u64 n;
    u64 rows;
};
CHECK_ARGUMENTS(MaskArguments);

// Masks products that a library left in memory. One thread for 16 neighbours of a row: `rows * n / 16` threads.
KERNEL(256, 1) mask(const MaskArguments arguments) {
    u32 pieces_per_row = static_cast<u32>(arguments.n) / 16;
    u64 thread = static_cast<u64>(block_index()) * 256 + thread_index();
    u32 piece = static_cast<u32>(thread % pieces_per_row);
    u64 row = thread / pieces_per_row;
    if (row >= arguments.rows) return;

    const uint4* products = reinterpret_cast<const uint4*>(arguments.products) + thread * 4;
    const uint4* column_keys = reinterpret_cast<const uint4*>(arguments.column_keys) + piece * 4;
    u32 row_key = arguments.row_keys[row];
    u32 word[4];
    UNROLL for (u32 i = 0; i < 4; ++i) {
        uint4 four = read_once(products + i);
        word[i] = masked_4(static_cast<i32>(four.x), static_cast<i32>(four.y), static_cast<i32>(four.z),
                           static_cast<i32>(four.w), row_key, column_keys[i]);
    }
    reinterpret_cast<uint4*>(arguments.out)[thread] = uint4{word[0], word[1], word[2], word[3]};
}
