// As much of the CUDA driver as the backend calls, with the emulator for a device: so that the code between the
// backend and the driver runs in tests too. What a driver would refuse ends the process with a message.
#include "../kernels/device.cuh"

#include <map>
#include <set>

namespace {

enum { SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_CONTEXT = 201, NOT_FOUND = 500, LAUNCH_FAILED = 719 };
enum { LEAST_PRIORITY = 0, GREATEST_PRIORITY = -5, CARVEOUT = 9 };

const size_t MEMORY_BYTES = 1ull << 30;

int context;
std::map<u64, size_t> allocations;
std::set<std::string> functions;
// What functions asked for as the division of a multiprocessor's memory, by their names.
std::map<std::string, int> carveouts;
// Priority of the stream in which the last product was started.
int product_priority = LEAST_PRIORITY;
// Whether a kernel has failed: from then on everything is refused, until the device is reset.
bool broken;
u64 walks;
thread_local void* current_context;

struct Stream {
    int priority;
};

// The number of walks after which one fails, as by an Xid: once.
bool walk_fails() {
    const char* after = getenv("LOOPIN_EMULATED_FAULT");
    return after && walks++ == strtoull(after, nullptr, 10);
}

// What makes a row's hashing run beside the next product: a lower priority, and the same division of memory.
void check_overlap(const std::string& name, const Stream& stream) {
    if (name == "product" || name == "product_small") product_priority = stream.priority;
    if (name == "row_nodes" && stream.priority <= product_priority) {
        machine::fail("hashing has no lower priority than the product");
    }
    if ((name == "product" || name == "row_nodes" || name == "mask") && carveouts[name] != 100) {
        machine::fail("kernels that run at once ask for different divisions of a multiprocessor's memory");
    }
}

size_t taken() {
    size_t sum = 0;
    for (const auto& allocation : allocations) sum += allocation.second;
    return sum;
}

// Whether the bytes are all in one allocation.
bool is_allocated(u64 address, size_t bytes) {
    auto after = allocations.upper_bound(address);
    if (after == allocations.begin()) return false;
    const auto& at = *--after;
    return address + bytes <= at.first + at.second;
}

#define NEEDS_CONTEXT                                                                                            \
    if (current_context != &context) return INVALID_CONTEXT;                                                     \
    if (broken) return LAUNCH_FAILED

} // namespace

extern "C" {

int cuInit(unsigned) { return SUCCESS; }
int cuDriverGetVersion(int* version) { return *version = 12000, SUCCESS; }
int cuDeviceGetCount(int* count) { return *count = 1, SUCCESS; }
int cuDeviceGet(int* device, int ordinal) { return *device = ordinal, ordinal == 0 ? SUCCESS : INVALID_VALUE; }
int cuDeviceGetName(char* name, int bytes, int) { return snprintf(name, bytes, "Emulator"), SUCCESS; }
int cuDeviceTotalMem_v2(size_t* bytes, int) { return *bytes = MEMORY_BYTES, SUCCESS; }

int cuDeviceGetUuid_v2(u8* uuid, int) {
    for (int i = 0; i < 16; ++i) uuid[i] = static_cast<u8>(0xf0 + i);
    return SUCCESS;
}
// The older function knows no slices: of each it gives the card's.
int cuDeviceGetUuid(u8* uuid, int device) {
    cuDeviceGetUuid_v2(uuid, device);
    if (getenv("LOOPIN_EMULATED_SLICE")) uuid[15] = 0;
    return SUCCESS;
}

int cuDeviceGetAttribute(int* value, int attribute, int) {
    switch (attribute) {
    case 13: *value = 1'000; break; // clock rate, kHz
    case 16: *value = 1; break;     // multiprocessors
    case 75: *value = 8; break;     // compute capability
    case 76: *value = 0; break;
    case 115: *value = 1; break; // memory pools
    default: machine::fail("an attribute that the emulated device lacks");
    }
    return SUCCESS;
}

int cuDevicePrimaryCtxRetain(void** to, int) { return *to = &context, SUCCESS; }
int cuDevicePrimaryCtxRelease_v2(int) { return allocations.empty() ? SUCCESS : INVALID_CONTEXT; }
int cuDevicePrimaryCtxReset_v2(int) {
    if (!allocations.empty()) machine::fail("a device is reset of which something is in use");
    return broken = false, SUCCESS;
}
int cuCtxGetCurrent(void** to) { return *to = current_context, SUCCESS; }
int cuCtxSetCurrent(void* to) { return current_context = to, SUCCESS; }
int cuCtxSynchronize() {
    NEEDS_CONTEXT;
    return SUCCESS;
}

int cuStreamCreate(void** stream, unsigned) {
    NEEDS_CONTEXT;
    return *stream = new Stream{LEAST_PRIORITY}, SUCCESS;
}
// Lower numbers are higher priorities.
int cuCtxGetStreamPriorityRange(int* least, int* greatest) {
    NEEDS_CONTEXT;
    return *least = LEAST_PRIORITY, *greatest = GREATEST_PRIORITY, SUCCESS;
}
int cuStreamCreateWithPriority(void** stream, unsigned, int priority) {
    NEEDS_CONTEXT;
    return *stream = new Stream{priority}, SUCCESS;
}
int cuStreamWaitEvent(void*, void*, unsigned) { return SUCCESS; }
int cuStreamDestroy_v2(void* stream) { return delete static_cast<Stream*>(stream), SUCCESS; }
int cuStreamSynchronize(void*) { return SUCCESS; }

int cuEventCreate(void** event, unsigned flags) {
    NEEDS_CONTEXT;
    if (flags != 1) machine::fail("the event should block, not spin");
    return *event = new int, SUCCESS;
}
int cuEventRecord(void*, void*) {
    NEEDS_CONTEXT;
    return SUCCESS;
}
int cuEventSynchronize(void*) {
    NEEDS_CONTEXT;
    return SUCCESS;
}
int cuEventDestroy_v2(void* event) { return delete static_cast<int*>(event), SUCCESS; }

// A module is its PTX, and has the functions that the PTX has.
int cuModuleLoadData(void** module, const void* ptx) {
    NEEDS_CONTEXT;
    return *module = new std::string(static_cast<const char*>(ptx)), SUCCESS;
}
int cuModuleUnload(void* module) { return delete static_cast<std::string*>(module), SUCCESS; }

int cuModuleGetFunction(void** function, void* module, const char* name) {
    const std::string entry = std::string(".visible .entry ") + name + "(";
    if (static_cast<std::string*>(module)->find(entry) == std::string::npos) return NOT_FOUND;
    return *function = const_cast<std::string*>(&*functions.insert(name).first), SUCCESS;
}

int cuFuncSetAttribute(void* function, int attribute, int value) {
    NEEDS_CONTEXT;
    if (attribute != CARVEOUT) return INVALID_VALUE;
    return carveouts[*static_cast<std::string*>(function)] = value, SUCCESS;
}

int cuMemAlloc_v2(u64* address, size_t bytes) {
    NEEDS_CONTEXT;
    if (bytes == 0) return INVALID_VALUE;
    if (bytes > MEMORY_BYTES - taken()) return OUT_OF_MEMORY;
    *address = reinterpret_cast<u64>(machine::take_memory(bytes));
    allocations[*address] = bytes;
    return SUCCESS;
}

int cuMemFree_v2(u64 address) {
    if (current_context != &context) return INVALID_CONTEXT;
    machine::give_back(reinterpret_cast<void*>(address));
    allocations.erase(address);
    // The memory of a broken context goes with it.
    return broken ? LAUNCH_FAILED : SUCCESS;
}

int cuMemsetD8Async(u64 to, u8 value, size_t bytes, void*) {
    NEEDS_CONTEXT;
    if (!is_allocated(to, bytes)) return INVALID_VALUE;
    return memset(reinterpret_cast<void*>(to), value, bytes), SUCCESS;
}

int cuMemGetInfo_v2(size_t* available, size_t* total) {
    NEEDS_CONTEXT;
    return *available = MEMORY_BYTES - taken(), *total = MEMORY_BYTES, SUCCESS;
}

int cuMemcpyHtoDAsync_v2(u64 to, const void* from, size_t bytes, void*) {
    NEEDS_CONTEXT;
    if (!is_allocated(to, bytes)) return INVALID_VALUE;
    return memcpy(reinterpret_cast<void*>(to), from, bytes), SUCCESS;
}

int cuMemcpyDtoHAsync_v2(void* to, u64 from, size_t bytes, void*) {
    NEEDS_CONTEXT;
    if (!is_allocated(from, bytes)) return INVALID_VALUE;
    return memcpy(to, reinterpret_cast<void*>(from), bytes), SUCCESS;
}

int cuLaunchKernel(void* function, unsigned blocks, unsigned blocks_y, unsigned blocks_z, unsigned threads,
                   unsigned threads_y, unsigned threads_z, unsigned shared, Stream* stream, void** arguments, void**) {
    NEEDS_CONTEXT;
    if (blocks == 0 || blocks_y != 1 || blocks_z != 1 || threads_y != 1 || threads_z != 1 || shared != 0) {
        return INVALID_VALUE;
    }
    const std::string& name = *static_cast<std::string*>(function);
    if (threads != machine::threads_of(name)) return INVALID_VALUE;
    check_overlap(name, *stream);
    // It is started, and what went wrong shows in what is asked for next.
    if (name == "walk" && walk_fails()) return broken = true, SUCCESS;
    machine::launch(name, blocks, static_cast<const u8*>(arguments[0]));
    return SUCCESS;
}

int cuGetErrorName(int, const char** text) { return *text = "an error", SUCCESS; }
int cuGetErrorString(int, const char** text) { return *text = "of the emulated driver", SUCCESS; }
}
