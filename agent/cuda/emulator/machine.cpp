// Runs the kernels on a CPU, for the tests: the threads of a block in turns, the blocks of a grid in a random
// order.
#include "../kernels/fill.cu"
#include "../kernels/product.cu"
#include "../kernels/tree.cu"
#include "../kernels/walk.cu"

#include <functional>
#include <map>
#include <numeric>
#include <sys/mman.h>
#include <type_traits>
#include <ucontext.h>
#include <vector>

extern "C" u8 __start_shared_memory[], __stop_shared_memory[];

namespace machine {
namespace {

const size_t STACK_BYTES = 256 * 1024;

struct Copy {
    u8* to;
    const u8* from;
};

struct Thread {
    ucontext_t context;
    std::vector<u8> stack = std::vector<u8>(STACK_BYTES);
    Meeting meeting = Meeting::None;
    bool done = false;
    void* brought = nullptr;
    // Late copies: those not committed yet, and groups not waited for yet.
    std::vector<Copy> open;
    std::vector<std::vector<Copy>> groups;
};

std::vector<Thread> threads;
std::vector<u32> runnable;
std::vector<u32> arrived; // in each warp
u32 current, block_now, live, at_barrier;
ucontext_t scheduler;
std::function<void()> body;
u64 random_state = 1;

u64 random() {
    u64 z = random_state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

void run_copy(const Copy& copy) {
    if (copy.from) {
        memcpy(copy.to, copy.from, 16);
    } else {
        memset(copy.to, 0, 16);
    }
}

void yield() { swapcontext(&threads[current].context, &scheduler); }

void release(u32 thread) {
    threads[thread].meeting = Meeting::None;
    runnable.push_back(thread);
}

void release_block_if_complete() {
    if (live == 0 || at_barrier < live) return;
    at_barrier = 0;
    for (u32 thread = 0; thread < threads.size(); ++thread) {
        if (!threads[thread].done) release(thread);
    }
}

void thread_main() {
    body();
    Thread& thread = threads[current];
    if (!thread.open.empty() || !thread.groups.empty()) {
        // Copies that no one waited for may come at any time, even into the next block's memory.
        for (const Copy& copy : thread.open) run_copy(copy);
        for (const auto& group : thread.groups) {
            if (!group.empty()) fail("a thread ended before its copies did");
        }
        thread.groups.clear();
    }
    thread.done = true;
    --live;
    release_block_if_complete();
}

void run_block() {
    // No kernel may count on what was in shared memory before.
    for (u8* byte = __start_shared_memory; byte < __stop_shared_memory; ++byte) *byte = random() >> 56;
    live = threads.size(), at_barrier = 0;
    arrived.assign(threads.size() / 32, 0);
    runnable.clear();
    for (u32 i = 0; i < threads.size(); ++i) {
        Thread& thread = threads[i];
        getcontext(&thread.context);
        thread.context.uc_stack.ss_sp = thread.stack.data();
        thread.context.uc_stack.ss_size = thread.stack.size();
        thread.context.uc_link = &scheduler;
        thread.done = false, thread.meeting = Meeting::None;
        makecontext(&thread.context, thread_main, 0);
        runnable.push_back(i);
    }
    while (!runnable.empty()) {
        const u32 at = random() % runnable.size();
        current = runnable[at];
        runnable[at] = runnable.back();
        runnable.pop_back();
        swapcontext(&scheduler, &threads[current].context);
    }
    if (live != 0) fail("some threads wait for others that never come");
}

} // namespace

void fail(const char* what) {
    fprintf(stderr, "block %u, thread %u: %s\n", block_now, current, what);
    exit(1);
}

u32 thread_index() { return current; }
u32 block_index() { return block_now; }

void meet_block() {
    threads[current].meeting = Meeting::Barrier;
    ++at_barrier;
    release_block_if_complete();
    yield();
}

void meet_warp(Meeting meeting, void* brought, void (*all)(void* const* brought)) {
    const u32 first = current / 32 * 32;
    threads[current].meeting = meeting;
    threads[current].brought = brought;
    if (++arrived[current / 32] == 32) {
        void* everything[32];
        for (u32 lane = 0; lane < 32; ++lane) {
            if (threads[first + lane].meeting != meeting) fail("the lanes of a warp meet for different things");
            everything[lane] = threads[first + lane].brought;
        }
        all(everything);
        arrived[current / 32] = 0;
        for (u32 lane = 0; lane < 32; ++lane) release(first + lane);
    }
    yield();
}

void copy(u8* to, const u8* from) {
    if (reinterpret_cast<u64>(from) % 16) fail("a copy from a misaligned address");
    if (random() % 2) {
        run_copy({to, from});
    } else {
        threads[current].open.push_back({to, from});
    }
}

void commit() {
    Thread& thread = threads[current];
    thread.groups.push_back(std::move(thread.open));
    thread.open.clear();
}

void wait(int pending) {
    auto& groups = threads[current].groups;
    while (groups.size() > static_cast<size_t>(pending)) {
        for (const Copy& copy : groups.front()) run_copy(copy);
        groups.erase(groups.begin());
    }
}

u8* shared_16(SharedAddress address) {
    u8* pointer = reinterpret_cast<u8*>(address);
    if (address % 16) fail("misaligned shared memory");
    if (pointer < __start_shared_memory || pointer + 16 > __stop_shared_memory) fail("not shared memory");
    return pointer;
}

// Runs all blocks of a grid, in a random order.
static void run(u32 blocks, u32 threads_per_block, std::function<void()> kernel) {
    threads.resize(threads_per_block);
    body = std::move(kernel);
    std::vector<u32> order(blocks);
    std::iota(order.begin(), order.end(), 0);
    for (u32 i = blocks; i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    for (u32 block : order) block_now = block, run_block();
}

// A kernel's name, its threads, and how to run it with the structure that some bytes begin with.
struct Kernel {
    std::string name;
    u32 threads;
    std::function<void(u64 blocks, const u8* bytes)> run;
};

template <class Arguments> static Kernel kernel(const char* name, u32 threads, void (*entry)(Arguments)) {
    return {name, threads, [=](u64 blocks, const u8* bytes) {
                std::remove_const_t<Arguments> arguments;
                memcpy(&arguments, bytes, sizeof arguments);
                run(static_cast<u32>(blocks), threads, [=] { entry(arguments); });
            }};
}

static const Kernel* find(const std::string& name) {
    static const Kernel kernels[] = {
        kernel("operands", 256, operands),
        kernel("keys", 256, keys),
        kernel("mask", 256, mask),
        kernel("product", PRODUCT_THREADS, product),
        kernel("product_small", PRODUCT_THREADS, product_small),
        kernel("row_nodes", ROW_THREADS, row_nodes),
        kernel("parents", 128, parents),
        kernel("gather", 128, gather),
        kernel("walk", WALK_THREADS, walk),
    };
    for (const Kernel& one : kernels) {
        if (one.name == name) return &one;
    }
    return nullptr;
}

bool launch(const std::string& name, u64 blocks, const u8* bytes) {
    const Kernel* found = find(name);
    if (found) found->run(blocks, bytes);
    return found;
}

u32 threads_of(const std::string& name) {
    const Kernel* found = find(name);
    return found ? found->threads : 0;
}

const u64 PAGE_BYTES = 4096;

// Where each memory's pages begin, and how many bytes they are.
static std::map<void*, std::pair<void*, u64>> mappings;

void* take_memory(u64 bytes) {
    // The memory ends where the last page begins; what kernels read and write at once is 16 bytes at most.
    const u64 rounded = (bytes + 15) / 16 * 16, pages = (rounded + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    const u64 all = pages + PAGE_BYTES;
    void* mapped = mmap(nullptr, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) fail("no memory");
    u8* guard = static_cast<u8*>(mapped) + pages;
    if (mprotect(guard, PAGE_BYTES, PROT_NONE)) fail("no guard page");
    memset(guard - rounded, 0xa5, rounded);
    mappings[guard - rounded] = {mapped, all};
    return guard - rounded;
}

void give_back(void* memory) {
    const auto found = mappings.find(memory);
    if (found == mappings.end()) fail("memory is given back that was not taken");
    munmap(found->second.first, found->second.second);
    mappings.erase(found);
}

void seed_chance(u64 chance) { random_state = chance; }

void place_of_tile(u64 block, u64 side, u64& row, u64& column) {
    const TilePlace place = tile_place(static_cast<u32>(block), static_cast<u32>(side));
    row = place.row, column = place.column;
}

} // namespace machine
