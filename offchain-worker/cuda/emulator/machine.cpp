// Runs the kernels on a CPU, for the tests. It is a device at the other end of a pipe: it takes commands from
// standard input and answers on standard output, all numbers little-endian.
//
//   A bytes                      take memory                        -> address
//   F address                    give it back
//   W address bytes data         write
//   R address bytes              read                               -> data
//   L name-length name blocks arguments                             -> 1, or 0 if there is no such kernel
//   T block side                    where the product's blocks are -> row, column
//   M left right out n rows      a library's product: rows of int32 -> 1
#include "../kernels/fill.cu"
#include "../kernels/product.cu"
#include "../kernels/tree.cu"
#include "../kernels/walk.cu"

#include <numeric>
#include <string>
#include <ucontext.h>

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
void launch(u32 blocks, u32 threads_per_block, std::function<void()> kernel) {
    threads.resize(threads_per_block);
    body = std::move(kernel);
    std::vector<u32> order(blocks);
    std::iota(order.begin(), order.end(), 0);
    for (u32 i = blocks; i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    for (u32 block : order) block_now = block, run_block();
}

} // namespace machine

namespace {

template <class T> T take() {
    T value;
    if (fread(&value, sizeof value, 1, stdin) != 1) exit(0); // The tests are done.
    return value;
}

template <class T> void answer(const T& value) {
    fwrite(&value, sizeof value, 1, stdout);
    fflush(stdout);
}

// Calls a kernel with the structure that the argument bytes begin with.
template <class Arguments> void call(void (*kernel)(Arguments), u32 threads, u64 blocks, const u8* bytes) {
    using Plain = std::remove_const_t<Arguments>;
    Plain arguments;
    memcpy(&arguments, bytes, sizeof arguments);
    machine::launch(static_cast<u32>(blocks), threads, [=] { kernel(arguments); });
}

bool launch(const std::string& name, u64 blocks, const u8* bytes) {
    if (name == "operands") return call(operands, 256, blocks, bytes), true;
    if (name == "keys") return call(keys, 256, blocks, bytes), true;
    if (name == "mask") return call(mask, 256, blocks, bytes), true;
    if (name == "product") return call(product, PRODUCT_THREADS, blocks, bytes), true;
    if (name == "product_small") return call(product_small, PRODUCT_THREADS, blocks, bytes), true;
    if (name == "row_nodes") return call(row_nodes, ROW_THREADS, blocks, bytes), true;
    if (name == "parents") return call(parents, 128, blocks, bytes), true;
    if (name == "gather") return call(gather, 128, blocks, bytes), true;
    if (name == "walk") return call(walk, WALK_THREADS, blocks, bytes), true;
    return false;
}

void library_product(const i8* left, const i8* right, i32* out, u64 n, u64 rows) {
    for (u64 row = 0; row < rows; ++row) {
        for (u64 column = 0; column < n; ++column) {
            i32 sum = 0;
            for (u64 k = 0; k < n; ++k) sum += left[row * n + k] * right[column * n + k];
            out[row * n + column] = sum;
        }
    }
}

} // namespace

int main(int, char** argv) {
    if (argv[1]) machine::random_state = strtoull(argv[1], nullptr, 10);
    for (;;) {
        const char command = take<char>();
        if (command == 'A') {
            const u64 bytes = take<u64>();
            void* memory;
            if (posix_memalign(&memory, 256, bytes)) machine::fail("no memory");
            memset(memory, 0xa5, bytes);
            answer(memory);
        } else if (command == 'F') {
            free(take<void*>());
        } else if (command == 'W') {
            u8* to = take<u8*>();
            const u64 bytes = take<u64>();
            if (fread(to, 1, bytes, stdin) != bytes) machine::fail("the data of a write ended early");
        } else if (command == 'R') {
            const u8* from = take<const u8*>();
            fwrite(from, 1, take<u64>(), stdout);
            fflush(stdout);
        } else if (command == 'L') {
            std::string name(take<u64>(), ' ');
            for (char& letter : name) letter = take<char>();
            const u64 blocks = take<u64>();
            u8 bytes[ARGUMENT_BYTES];
            for (u8& byte : bytes) byte = take<u8>();
            answer<u8>(launch(name, blocks, bytes));
        } else if (command == 'T') {
            const u64 block = take<u64>();
            const TilePlace place = tile_place(static_cast<u32>(block), static_cast<u32>(take<u64>()));
            answer<u64>(place.row), answer<u64>(place.column);
        } else if (command == 'M') {
            const i8 *left = take<const i8*>(), *right = take<const i8*>();
            i32* out = take<i32*>();
            const u64 n = take<u64>();
            library_product(left, right, out, n, take<u64>());
            answer<u8>(1);
        } else {
            machine::fail("no such command");
        }
    }
}
