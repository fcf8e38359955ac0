// As much of cublasLt as the backend calls, computed plainly from the descriptions as cuBLAS's manual has them:
// D = alpha op(A) op(B) + beta C, all matrices column after column.
#include "../kernels/device.cuh"

namespace {

enum { SUCCESS = 0, INVALID_VALUE = 7, NOT_SUPPORTED = 15 };
enum { TYPE_8I = 3, TYPE_32I = 10, COMPUTE_32I = 72, TRANSA = 3, MAX_WORKSPACE_BYTES = 1 };

struct Layout {
    int type;
    u64 rows, columns;
    long long leading;
};

struct Operation {
    int compute, scale;
    bool transpose_a = false;
};

struct Heuristic {
    u64 algorithm[8];
    size_t workspace_bytes;
    int state;
    float waves;
    int reserved[4];
};

// What the library demands of int8 products: the TN form, and sizes of whole words.
bool is_supported(const Operation& operation, const Layout& a, const Layout& b, const Layout& d) {
    return operation.compute == COMPUTE_32I && operation.scale == TYPE_32I && operation.transpose_a &&
           a.type == TYPE_8I && b.type == TYPE_8I && d.type == TYPE_32I && a.rows == b.rows &&
           a.columns == d.rows && b.columns == d.columns && a.leading % 4 == 0 && b.leading % 4 == 0 &&
           a.leading >= static_cast<long long>(a.rows) && b.leading >= static_cast<long long>(b.rows) &&
           d.leading >= static_cast<long long>(d.rows);
}

} // namespace

extern "C" {

int cublasLtCreate(void** handle) { return *handle = new int, SUCCESS; }
int cublasLtDestroy(void* handle) { return delete static_cast<int*>(handle), SUCCESS; }

int cublasLtMatrixLayoutCreate(Layout** layout, int type, u64 rows, u64 columns, long long leading) {
    return *layout = new Layout{type, rows, columns, leading}, SUCCESS;
}
int cublasLtMatrixLayoutDestroy(Layout* layout) { return delete layout, SUCCESS; }

int cublasLtMatmulDescCreate(Operation** operation, int compute, int scale) {
    return *operation = new Operation{compute, scale}, SUCCESS;
}
int cublasLtMatmulDescSetAttribute(Operation* operation, int attribute, const void* value, size_t bytes) {
    int transpose;
    if (attribute != TRANSA || bytes != sizeof transpose) return INVALID_VALUE;
    memcpy(&transpose, value, bytes);
    return operation->transpose_a = transpose == 1, SUCCESS;
}
int cublasLtMatmulDescDestroy(Operation* operation) { return delete operation, SUCCESS; }

int cublasLtMatmulPreferenceCreate(size_t** preference) { return *preference = new size_t(0), SUCCESS; }
int cublasLtMatmulPreferenceSetAttribute(size_t* preference, int attribute, const void* value, size_t bytes) {
    if (attribute != MAX_WORKSPACE_BYTES || bytes != sizeof(size_t)) return INVALID_VALUE;
    return memcpy(preference, value, bytes), SUCCESS;
}
int cublasLtMatmulPreferenceDestroy(size_t* preference) { return delete preference, SUCCESS; }

int cublasLtMatmulAlgoGetHeuristic(void*, Operation* operation, Layout* a, Layout* b, Layout*, Layout* d,
                                   size_t* preference, int asked, Heuristic* found, int* count) {
    *count = 0;
    if (asked < 1 || !is_supported(*operation, *a, *b, *d)) return NOT_SUPPORTED;
    *found = {};
    found->algorithm[0] = 0x1234;
    found->workspace_bytes = *preference;
    return *count = 1, SUCCESS;
}

int cublasLtMatmul(void*, Operation* operation, const int* alpha, const i8* a, Layout* a_layout, const i8* b,
                   Layout* b_layout, const int* beta, const int*, Layout*, int* d, Layout* d_layout,
                   const Heuristic* algorithm, void* workspace, size_t workspace_bytes, void* stream) {
    if (!is_supported(*operation, *a_layout, *b_layout, *d_layout)) return NOT_SUPPORTED;
    if (algorithm->algorithm[0] != 0x1234 || !workspace || !workspace_bytes || !stream || *beta != 0) {
        return INVALID_VALUE;
    }
    for (u64 column = 0; column < d_layout->columns; ++column) {
        for (u64 row = 0; row < d_layout->rows; ++row) {
            const i8 *left = a + row * a_layout->leading, *right = b + column * b_layout->leading;
            int sum = 0;
            for (u64 k = 0; k < a_layout->rows; ++k) sum += left[k] * right[k];
            d[column * d_layout->leading + row] = *alpha * sum;
        }
    }
    return SUCCESS;
}
}
