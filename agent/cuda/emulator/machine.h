// The operations of `kernels/device.cuh` on a CPU. Threads of a block run in turns, in a random order, and meet
// at barriers and at the operations of a warp, which work on all 32 lanes at once as the PTX manual says.
//
// Whatever a GPU would leave undefined or make slow ends the program with a message: a barrier or a warp that
// not all reach, misaligned or foreign shared memory, rows of one `ldmatrix` in the same banks. Asynchronous
// copies happen at once or only when they are waited for, by chance, so that a missing wait shows.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#define DEVICE static inline
#define KERNEL(threads, blocks_per_multiprocessor) extern "C" void
// All shared memory of all kernels is in one section, which has a beginning and an end.
#define SHARED static __attribute__((section("shared_memory")))
#define UNROLL
#define NO_UNROLL

struct alignas(16) uint4 {
    u32 x, y, z, w;
};

typedef u64 SharedAddress;

namespace machine {

// For the programs around the kernels.

// What decides the order of threads and copies.
void seed_chance(u64 chance);

// Memory of the device, with junk in it. Right after it comes a page that no one may touch.
void* take_memory(u64 bytes);
void give_back(void* memory);

// Runs the kernel of that name with the structure that the argument bytes begin with; false if there is none.
bool launch(const std::string& name, u64 blocks, const u8* bytes);

// Threads of a block of that kernel.
u32 threads_of(const std::string& name);

// Row and column of the tile that a block of the product makes, in a matrix of `side * side` tiles.
void place_of_tile(u64 block, u64 side, u64& row, u64& column);

[[noreturn]] void fail(const char* what);

// For the kernels.

// What a thread waits for.
enum class Meeting { None, Barrier, LoadMatrices, MultiplyAdd, Shuffle };

u32 thread_index();
u32 block_index();

// Waits until all live threads of the block have come.
void meet_block();

// Waits until all 32 lanes have come with the same kind of meeting; the last one calls `all` with what they
// brought, lane after lane.
void meet_warp(Meeting meeting, void* brought, void (*all)(void* const* brought));

void copy(u8* to, const u8* from);
void commit();
void wait(int pending);

// Checks that 16 aligned bytes of shared memory are there.
u8* shared_16(SharedAddress address);

} // namespace machine

DEVICE SharedAddress shared_address(const void* pointer) { return reinterpret_cast<SharedAddress>(pointer); }
DEVICE u32 thread_index() { return machine::thread_index(); }
DEVICE u32 block_index() { return machine::block_index(); }
DEVICE void block_barrier() { machine::meet_block(); }

DEVICE void copy_16(SharedAddress to, const u8* from, bool wanted) {
    if (wanted) machine::copy(machine::shared_16(to), from);
}
DEVICE void copy_16_or_zeros(SharedAddress to, const u8* from, bool present) {
    machine::copy(machine::shared_16(to), present ? from : nullptr);
}
DEVICE void copies_commit() { machine::commit(); }
template <int PENDING> DEVICE void copies_wait() { machine::wait(PENDING); }

struct LoadedMatrices {
    u32 (*out)[4];
    const u8* row;
};

DEVICE void load_all_matrices(void* const* brought) {
    for (u32 matrix = 0; matrix < 4; ++matrix) {
        u32 banks = 0;
        for (u32 row = 0; row < 8; ++row) {
            const u8* from = static_cast<LoadedMatrices*>(brought[8 * matrix + row])->row;
            banks |= 1u << reinterpret_cast<u64>(from) / 16 % 8;
            for (u32 word = 0; word < 4; ++word) {
                LoadedMatrices* lane = static_cast<LoadedMatrices*>(brought[4 * row + word]);
                memcpy(&(*lane->out)[matrix], from + 4 * word, 4);
            }
        }
        if (banks != 0xff) machine::fail("ldmatrix: two rows of a matrix are in the same banks");
    }
}

DEVICE void load_matrices(u32 (&out)[4], SharedAddress row) {
    LoadedMatrices lane = {&out, machine::shared_16(row)};
    machine::meet_warp(machine::Meeting::LoadMatrices, &lane, load_all_matrices);
}

struct Fragments {
    i32 (*sum)[4];
    const u32 (*left)[4];
    const u32 (*right)[2];
};

// Entry `i` of a lane's fragment, four to a register.
DEVICE i32 fragment_entry(const u32* registers, u32 i) { return static_cast<i8>(registers[i / 4] >> i % 4 * 8); }

// The layouts of "Matrix Fragments for mma.m16n8k32", .s8, in the PTX manual, word for word.
DEVICE void multiply_add_all(void* const* brought) {
    i32 left[16][32], right[32][8];
    for (u32 lane = 0; lane < 32; ++lane) {
        const Fragments& fragments = *static_cast<Fragments*>(brought[lane]);
        const u32 group = lane / 4, in_group = lane % 4;
        for (u32 i = 0; i < 16; ++i) {
            const u32 row = i < 4 || (8 <= i && i < 12) ? group : group + 8;
            const u32 column = in_group * 4 + i % 4 + (i < 8 ? 0 : 16);
            left[row][column] = fragment_entry(*fragments.left, i);
        }
        for (u32 i = 0; i < 8; ++i) {
            right[in_group * 4 + i % 4 + (i < 4 ? 0 : 16)][group] = fragment_entry(*fragments.right, i);
        }
    }
    for (u32 lane = 0; lane < 32; ++lane) {
        const Fragments& fragments = *static_cast<Fragments*>(brought[lane]);
        for (u32 i = 0; i < 4; ++i) {
            const u32 row = i < 2 ? lane / 4 : lane / 4 + 8, column = lane % 4 * 2 + i % 2;
            i32 sum = 0;
            for (u32 k = 0; k < 32; ++k) sum += left[row][k] * right[k][column];
            (*fragments.sum)[i] += sum;
        }
    }
}

DEVICE void multiply_add(i32 (&sum)[4], const u32 (&left)[4], const u32 (&right)[2]) {
    Fragments lane = {&sum, &left, &right};
    machine::meet_warp(machine::Meeting::MultiplyAdd, &lane, multiply_add_all);
}

struct Shuffled {
    u64 value;
    u32 mask;
    u64 result;
};

DEVICE void shuffle_all(void* const* brought) {
    for (u32 lane = 0; lane < 32; ++lane) {
        Shuffled* one = static_cast<Shuffled*>(brought[lane]);
        one->result = static_cast<Shuffled*>(brought[lane ^ one->mask])->value;
    }
}

DEVICE u64 shuffle_xor(u64 value, u32 mask) {
    Shuffled lane = {value, mask, 0};
    machine::meet_warp(machine::Meeting::Shuffle, &lane, shuffle_all);
    return lane.result;
}

DEVICE uint4 read_once(const uint4* from) { return *from; }
DEVICE u64 high_product(u64 a, u64 b) { return static_cast<unsigned __int128>(a) * b >> 64; }
DEVICE u32 rotate_right(u32 value, u32 by) { return value >> by % 32 | value << (32 - by) % 32; }
DEVICE u32 swap_bytes(u32 value) { return __builtin_bswap32(value); }
