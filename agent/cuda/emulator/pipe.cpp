// The emulator as a device at the other end of a pipe: it takes commands from standard input and answers on
// standard output, all numbers little-endian.
//
//   A bytes                      take memory                        -> address
//   F address                    give it back
//   W address bytes data         write
//   R address bytes              read                               -> data
//   L name-length name blocks arguments                             -> 1, or 0 if there is no such kernel
//   T block side                 where the product's blocks are     -> row, column
//   M left right out n rows      a library's product: rows of int32 -> 1
#include "../kernels/device.cuh"

#include <string>

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
    if (argv[1]) machine::seed_chance(strtoull(argv[1], nullptr, 10));
    for (;;) {
        const char command = take<char>();
        if (command == 'A') {
            answer(machine::take_memory(take<u64>()));
        } else if (command == 'F') {
            machine::give_back(take<void*>());
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
            answer<u8>(machine::launch(name, blocks, bytes));
        } else if (command == 'T') {
            const u64 block = take<u64>();
            u64 row, column;
            machine::place_of_tile(block, take<u64>(), row, column);
            answer(row), answer(column);
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
