// The mask of one step: what an entry of the next matrix is, given the exact product and its two keys.
#pragma once
#include "device.cuh"

DEVICE u32 mix(u32 h) {
    h ^= h >> 16;
    h *= 0x7feb352du;
    h ^= h >> 15;
    h *= 0x846ca68bu;
    return h ^ h >> 16;
}

// The entry as the low byte.
DEVICE u32 masked(i32 product, u32 row_key, u32 column_key) {
    u32 h = mix(static_cast<u32>(product) + row_key);
    return mix(h + column_key) >> 24;
}

// Four neighbours of one row in one word, the first in the low byte.
DEVICE u32 masked_4(i32 p0, i32 p1, i32 p2, i32 p3, u32 row_key, const uint4& column_keys) {
    return masked(p0, row_key, column_keys.x) | masked(p1, row_key, column_keys.y) << 8 |
           masked(p2, row_key, column_keys.z) << 16 | masked(p3, row_key, column_keys.w) << 24;
}
