// The challenge's pseudo-random numbers: the ChaCha8 key stream, addressed by (domain, matrix, row, block).
#pragma once
#include "device.cuh"

#define DOMAIN_OPERAND 1
#define DOMAIN_ROW_KEY 2
#define DOMAIN_COLUMN_KEY 3
#define DOMAIN_LANE_START 5

struct Seed {
    u32 word[8];
};

DEVICE u32 rotate_left(u32 value, u32 by) { return rotate_right(value, 32 - by); }

DEVICE void quarter_round(u32& a, u32& b, u32& c, u32& d) {
    a += b, d = rotate_left(d ^ a, 16);
    c += d, b = rotate_left(b ^ c, 12);
    a += b, d = rotate_left(d ^ a, 8);
    c += d, b = rotate_left(b ^ c, 7);
}

// One block of 64 bytes, as sixteen little-endian words.
DEVICE void chacha8(const Seed& seed, u32 domain, u32 matrix, u32 row, u32 block, u32 (&out)[16]) {
    const u32 start[16] = {0x61707865,   0x3320646e,   0x79622d32,   0x6b206574,   seed.word[0], seed.word[1],
                           seed.word[2], seed.word[3], seed.word[4], seed.word[5], seed.word[6], seed.word[7],
                           block,        row,          matrix,       domain};
    UNROLL for (int i = 0; i < 16; ++i) out[i] = start[i];
    UNROLL for (int i = 0; i < 4; ++i) {
        quarter_round(out[0], out[4], out[8], out[12]);
        quarter_round(out[1], out[5], out[9], out[13]);
        quarter_round(out[2], out[6], out[10], out[14]);
        quarter_round(out[3], out[7], out[11], out[15]);
        quarter_round(out[0], out[5], out[10], out[15]);
        quarter_round(out[1], out[6], out[11], out[12]);
        quarter_round(out[2], out[7], out[8], out[13]);
        quarter_round(out[3], out[4], out[9], out[14]);
    }
    UNROLL for (int i = 0; i < 16; ++i) out[i] += start[i];
}
