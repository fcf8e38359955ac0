// SHA-256, and the challenge's three kinds of digest. A digest is eight words whose bytes, most significant
// first, are its 32 bytes.
#pragma once
#include "device.cuh"

// The byte that ends what is hashed, in the place where it stands in the last block's first word.
#define CHUNK_LEAF 0x00000000u
#define NODE 0x01000000u
#define LANE_LEAF 0x02000000u
// The bit that SHA-256 itself appends, right after it.
#define END_BIT 0x00800000u

struct Digest {
    u32 word[8];
};

DEVICE Digest sha256_start() {
    return {{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

// Takes one block of sixteen words into the digest, and leaves the words undefined.
DEVICE void sha256_block(Digest& digest, u32 (&w)[16]) {
    constexpr u32 ROUND[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
    u32 a = digest.word[0], b = digest.word[1], c = digest.word[2], d = digest.word[3];
    u32 e = digest.word[4], f = digest.word[5], g = digest.word[6], h = digest.word[7];
    // Unrolled, all indices and round constants are immediate, and the whole schedule of a constant block is
    // computed by the compiler.
    UNROLL for (int i = 0; i < 64; ++i) {
        if (i >= 16) {
            const u32 x = w[(i + 1) % 16], y = w[(i + 14) % 16];
            w[i % 16] += (rotate_right(x, 7) ^ rotate_right(x, 18) ^ x >> 3) + w[(i + 9) % 16] +
                         (rotate_right(y, 17) ^ rotate_right(y, 19) ^ y >> 10);
        }
        const u32 first = h + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +
                          (g ^ (e & (f ^ g))) + ROUND[i] + w[i % 16];
        const u32 second = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +
                           ((a & b) | (c & (a | b)));
        h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
    }
    digest.word[0] += a, digest.word[1] += b, digest.word[2] += c, digest.word[3] += d;
    digest.word[4] += e, digest.word[5] += f, digest.word[6] += g, digest.word[7] += h;
}

// The last block of everything whose data ends with a block: a constant for each kind and length.
template <u32 KIND, u32 DATA_BYTES> DEVICE void sha256_constant_end(Digest& digest) {
    u32 w[16] = {KIND | END_BIT};
    w[15] = (DATA_BYTES + 1) * 8;
    sha256_block(digest, w);
}

// Words in memory are little-endian, those of SHA-256 big-endian.
DEVICE void swap_4(u32* to, const uint4& four) {
    to[0] = swap_bytes(four.x), to[1] = swap_bytes(four.y);
    to[2] = swap_bytes(four.z), to[3] = swap_bytes(four.w);
}

// Leaf of a chunk: 1,024 bytes or, in short rows, 32 to 512. A thread reads on where it read before, and its
// neighbours are a chunk away: the cache turns these reads into whole lines.
DEVICE Digest chunk_leaf(const uint4* chunk, u32 bytes) {
    Digest digest = sha256_start();
    u32 w[16];
    NO_UNROLL for (u32 block = 0; block < bytes / 64; ++block) {
        UNROLL for (u32 i = 0; i < 4; ++i) swap_4(w + 4 * i, chunk[block * 4 + i]);
        sha256_block(digest, w);
    }
    if (bytes == 1024) {
        sha256_constant_end<CHUNK_LEAF, 1024>(digest);
        return digest;
    }
    UNROLL for (u32 i = 0; i < 16; ++i) w[i] = 0;
    if (bytes == 32) {
        swap_4(w, chunk[0]);
        swap_4(w + 4, chunk[1]);
        w[8] = CHUNK_LEAF | END_BIT;
    } else {
        w[0] = CHUNK_LEAF | END_BIT;
    }
    w[15] = (bytes + 1) * 8;
    sha256_block(digest, w);
    return digest;
}

// Parent of two digests.
DEVICE Digest parent(const Digest& left, const Digest& right) {
    Digest digest = sha256_start();
    u32 w[16];
    UNROLL for (u32 i = 0; i < 8; ++i) w[i] = left.word[i], w[8 + i] = right.word[i];
    sha256_block(digest, w);
    sha256_constant_end<NODE, 64>(digest);
    return digest;
}

// Digest number `index` of a level in memory, where digests are 32 bytes one after the other.
DEVICE Digest read_digest(const uint4* level, u64 index) {
    Digest digest;
    swap_4(digest.word, level[2 * index]);
    swap_4(digest.word + 4, level[2 * index + 1]);
    return digest;
}

DEVICE void write_digest(uint4* level, u64 index, const Digest& digest) {
    u32 w[8];
    UNROLL for (u32 i = 0; i < 8; ++i) w[i] = swap_bytes(digest.word[i]);
    level[2 * index] = uint4{w[0], w[1], w[2], w[3]};
    level[2 * index + 1] = uint4{w[4], w[5], w[6], w[7]};
}
