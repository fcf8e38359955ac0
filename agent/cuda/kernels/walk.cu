// The walk: 32 dependent reads of a chunk in every lane, and the leaf of every lane's trace.
#include "chacha.cuh"
#include "sha256.cuh"

#define WALK_THREADS 256u
#define READS 32u
// Eight threads a lane: with 16 bytes each they read 128 neighbouring bytes of a chunk at once, and as many of
// the keys, which are then in all 32 banks once.
#define THREADS_PER_LANE 8u
#define LANES (WALK_THREADS / THREADS_PER_LANE)
// A chunk of 1,024 bytes needs 256 / 4 + 255 places of four keys.
#define KEY_PLACES 319u

struct WalkArguments {
    const uint4* state;
    const uint4* keys; // chunk / 16 + 255 places of four keys
    uint4* leaves;     // of the lanes
    u64 chunk_bytes;
    u64 chunks;
    u64 lanes;
    Seed seed;
};
CHECK_ARGUMENTS(WalkArguments);

DEVICE u64 walk_product(const uint4& words, const uint4& keys) {
    return static_cast<u64>(words.x + keys.x) * (words.y + keys.y) +
           static_cast<u64>(words.z + keys.z) * (words.w + keys.w);
}

// This thread's share of the sum over a chunk.
template <bool FULL> DEVICE u64 walk_sum(const uint4* chunk, const uint4* keys, u32 places) {
    const u32 part = thread_index() % THREADS_PER_LANE;
    u64 sum = 0;
    if (FULL) {
        // All reads are under way before the first is used.
        uint4 words[8];
        UNROLL for (u32 i = 0; i < 8; ++i) words[i] = read_once(chunk + i * THREADS_PER_LANE + part);
        UNROLL for (u32 i = 0; i < 8; ++i) sum += walk_product(words[i], keys[i * THREADS_PER_LANE + part]);
    } else {
        for (u32 place = part; place < places; place += THREADS_PER_LANE) {
            sum += walk_product(read_once(chunk + place), keys[place]);
        }
    }
    return sum;
}

DEVICE u64 walk_finish(u64 z) {
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

// One lane's 32 reads, by eight threads that all hold its state.
template <bool FULL>
DEVICE void walk_lane(const WalkArguments& arguments, const uint4* keys, u64 (*trace)[LANES], u64 state) {
    const u32 places = static_cast<u32>(arguments.chunk_bytes) / 16;
    const u32 lane = thread_index() / THREADS_PER_LANE;
    NO_UNROLL for (u32 read = 0; read < READS; ++read) {
        const u64 chunk = high_product(state, arguments.chunks);
        u64 sum = walk_sum<FULL>(arguments.state + chunk * places, keys + state % 256, places);
        UNROLL for (u32 mask = 1; mask < THREADS_PER_LANE; mask *= 2) sum += shuffle_xor(sum, mask);
        state = walk_finish(state + sum);
        if (thread_index() % THREADS_PER_LANE == 0) trace[read][lane] = state;
    }
}

DEVICE Digest lane_leaf(const u64 (*trace)[LANES], u32 lane) {
    Digest digest = sha256_start();
    NO_UNROLL for (u32 block = 0; block < READS / 8; ++block) {
        u32 w[16];
        UNROLL for (u32 i = 0; i < 8; ++i) {
            const u64 state = trace[block * 8 + i][lane];
            w[2 * i] = swap_bytes(static_cast<u32>(state));
            w[2 * i + 1] = swap_bytes(static_cast<u32>(state >> 32));
        }
        sha256_block(digest, w);
    }
    sha256_constant_end<LANE_LEAF, READS * 8>(digest);
    return digest;
}

// 32 lanes a block. Lanes beyond the last walk as well, so that all threads stay together, and leave no leaf.
KERNEL(WALK_THREADS, 1) walk(const WalkArguments arguments) {
    alignas(16) SHARED uint4 keys[KEY_PLACES];
    SHARED u64 starts[LANES];
    SHARED u64 trace[READS][LANES];
    const u32 thread = thread_index(), places = static_cast<u32>(arguments.chunk_bytes) / 16;
    const u64 first_lane = static_cast<u64>(block_index()) * LANES;

    for (u32 place = thread; place < places + 255; place += WALK_THREADS) keys[place] = arguments.keys[place];
    if (thread < LANES / 8) {
        u32 word[16];
        const u32 block = static_cast<u32>(first_lane / 8) + thread;
        chacha8(arguments.seed, DOMAIN_LANE_START, 0, 0, block, word);
        UNROLL for (u32 i = 0; i < 8; ++i) {
            starts[thread * 8 + i] = static_cast<u64>(word[2 * i + 1]) << 32 | word[2 * i];
        }
    }
    block_barrier();

    const u64 start = starts[thread / THREADS_PER_LANE];
    if (arguments.chunk_bytes == 1024) {
        walk_lane<true>(arguments, keys, trace, start);
    } else {
        walk_lane<false>(arguments, keys, trace, start);
    }
    block_barrier();
    if (thread < LANES && first_lane + thread < arguments.lanes) {
        write_digest(arguments.leaves, first_lane + thread, lane_leaf(trace, thread));
    }
}
