// What every kernel needs: integer types, and the machine's operations behind small functions.
//
// The kernels reach the hardware only through the functions in this file. Compiled by NVRTC they are
// instructions of the GPU; compiled by g++ they are those of `emulator/machine.h`, which runs the threads of a
// block in turns on a CPU. So the address arithmetic that the GPU will do is tested where there is no GPU.
#pragma once

typedef signed char i8;
typedef unsigned char u8;
typedef int i32;
typedef unsigned int u32;
typedef unsigned long long u64;

// Every kernel takes one structure of 8-byte fields, of at most this many bytes: the host passes that many,
// whatever the kernel.
#define ARGUMENT_BYTES 96
#define CHECK_ARGUMENTS(type) static_assert(sizeof(type) <= ARGUMENT_BYTES && sizeof(type) % 8 == 0, #type)

#ifdef __CUDACC__

#define DEVICE static __device__ __forceinline__
#define KERNEL(threads, blocks_per_multiprocessor)                                                               \
    extern "C" __global__ void __launch_bounds__(threads, blocks_per_multiprocessor)
#define SHARED __shared__
#define UNROLL _Pragma("unroll")
#define NO_UNROLL _Pragma("unroll 1")

// Where something is in a block's shared memory.
typedef u32 SharedAddress;

DEVICE SharedAddress shared_address(const void* pointer) {
    return static_cast<SharedAddress>(__cvta_generic_to_shared(pointer));
}

DEVICE u32 thread_index() { return threadIdx.x; }
DEVICE u32 block_index() { return blockIdx.x; }
DEVICE void block_barrier() { __syncthreads(); }

// Starts copying 16 bytes to shared memory if `wanted`. The copy is done once `copies_wait` says so. There is no
// branch: what stands before and after can still be mixed with it.
DEVICE void copy_16(SharedAddress to, const u8* from, bool wanted) {
    asm volatile("{\n"
                 ".reg .pred wanted;\n"
                 "setp.ne.u32 wanted, %2, 0;\n"
                 "@wanted cp.async.cg.shared.global.L2::128B [%0], [%1], 16;\n"
                 "}" ::"r"(to),
                 "l"(from), "r"(wanted ? 1 : 0)
                 : "memory");
}

// The same where `present`; else writes zeros and reads nothing.
DEVICE void copy_16_or_zeros(SharedAddress to, const u8* from, bool present) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(present ? 16 : 0)
                 : "memory");
}

// Ends a group of copies of this thread.
DEVICE void copies_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Waits until all but the last `PENDING` groups of this thread's copies are done.
template <int PENDING> DEVICE void copies_wait() {
    asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory");
}

// Loads four 8 x 8 matrices of 16-bit elements: lanes `8 i .. 8 i + 7` give the addresses of the eight 16-byte
// rows of matrix `i`, and `out[i]` of lane `l` is word `l % 4` of its row `l / 4`.
DEVICE void load_matrices(u32 (&out)[4], SharedAddress row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(row)
                 : "memory");
}

// sum += left * right on the tensor cores: 16 x 32 by 32 x 8 int8 entries, in the layout of the PTX manual's
// fragments of m16n8k32.
DEVICE void multiply_add(i32 (&sum)[4], const u32 (&left)[4], const u32 (&right)[2]) {
    asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+r"(sum[0]), "+r"(sum[1]), "+r"(sum[2]), "+r"(sum[3])
                 : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "r"(right[0]), "r"(right[1]));
}

// The value of the lane whose number differs by `mask`.
DEVICE u64 shuffle_xor(u64 value, u32 mask) {
    u32 low = __shfl_xor_sync(0xffffffffu, static_cast<u32>(value), mask);
    u32 high = __shfl_xor_sync(0xffffffffu, static_cast<u32>(value >> 32), mask);
    return static_cast<u64>(high) << 32 | low;
}

// Reads 16 bytes that no one writes meanwhile and that will not be read again soon.
DEVICE uint4 read_once(const uint4* from) {
    uint4 value;
    asm("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
        : "=r"(value.x), "=r"(value.y), "=r"(value.z), "=r"(value.w)
        : "l"(from));
    return value;
}

DEVICE u64 high_product(u64 a, u64 b) { return __umul64hi(a, b); }
DEVICE u32 rotate_right(u32 value, u32 by) { return __funnelshift_r(value, value, by); }
DEVICE u32 swap_bytes(u32 value) { return __byte_perm(value, 0, 0x0123); }

#else
#include "../emulator/machine.h"
#endif
