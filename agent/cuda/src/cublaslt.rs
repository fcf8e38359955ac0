//! Multiplication by cublasLt, where it is installed: int8 by int8 to int32, both factors along their rows.
//!
//! The library stores matrices column after column, so that our row-major matrices are their transposes to it.
//! What it is asked for is `D = transpose(A) * B` with `A` = the right factor and `B` = the left one: column `r`
//! of `D` is row `r` of our product. This "TN" form is the one in which it multiplies int8 on tensor cores.

use crate::{
    CudaError,
    driver::{Allocation, Driver},
    error::Doing,
    machine::{Address, Machine, Memory},
    plan::WORKSPACE_BYTES,
};
use cudarc::cublaslt::{
    result::{self, CublasError},
    sys,
};
use std::ptr::from_ref;

/// `CUBLAS_OP_T` of cuBLAS's header: the factor is transposed.
const TRANSPOSE: i32 = 1;

/// The library, prepared for one shape.
pub(crate) struct Library {
    algorithm: sys::cublasLtMatmulAlgo_t,
    right: Layout,
    left: Layout,
    products: Layout,
    operation: Operation,
    workspace: Allocation,
    handle: Handle,
}

// SAFETY: the pointers are the library's descriptors, which belong to no thread; it may be called from any thread
// as long as the device is the thread's current one, which `multiply` sees to.
unsafe impl Send for Library {}
// SAFETY: as above; `multiply` only reads the descriptors.
unsafe impl Sync for Library {}

impl Library {
    /// Prepares the multiplication of `rows` rows by `n` rows, all of length `n`.
    pub(crate) fn new(driver: &Driver, n: u32, rows: u32) -> Result<Self, CudaError> {
        // SAFETY: this only opens the library, whose initialisers are NVIDIA's.
        if !unsafe { sys::is_culib_present() } {
            return Err(CudaError::NoLibrary);
        }
        driver.bind()?;
        let handle = Handle(result::create_handle().doing("starting cublasLt")?);
        let (n, rows) = (u64::from(n), u64::from(rows));
        let layout = |kind, columns| Layout::new(kind, n, columns).doing("describing a matrix to cublasLt");
        let right = layout(sys::cudaDataType::CUDA_R_8I, n)?;
        let left = layout(sys::cudaDataType::CUDA_R_8I, rows)?;
        let products = layout(sys::cudaDataType::CUDA_R_32I, rows)?;
        let operation = Operation::new().doing("describing the product to cublasLt")?;
        let preference = Preference::new(WORKSPACE_BYTES).doing("describing the workspace to cublasLt")?;
        // SAFETY: all descriptors were made above and live until after the call.
        let found = unsafe {
            result::get_matmul_algo_heuristic(
                handle.0,
                operation.0,
                right.0,
                left.0,
                products.0,
                products.0,
                preference.0,
            )
        };
        Ok(Self {
            algorithm: found.doing("asking cublasLt for an algorithm")?.algo,
            right,
            left,
            products,
            operation,
            workspace: driver.allocate(WORKSPACE_BYTES)?,
            handle,
        })
    }

    /// Starts the multiplication.
    pub(crate) fn multiply(
        &self,
        driver: &Driver,
        left: Address,
        right: Address,
        products: Address,
    ) -> Result<(), CudaError> {
        driver.bind()?;
        let (one, zero) = (1i32, 0i32);
        // SAFETY: the descriptors live as long as `self`; the factors are read and the products and the workspace
        // written within the allocations that the caller and `self` keep, whose sizes are those of the layouts.
        // The two scalars are read before the call returns, as is the library's default.
        unsafe {
            result::matmul(
                self.handle.0,
                self.operation.0,
                from_ref(&one).cast(),
                from_ref(&zero).cast(),
                right as *const _,
                self.right.0,
                left as *const _,
                self.left.0,
                products as *const _,
                self.products.0,
                products as *mut _,
                self.products.0,
                &self.algorithm,
                self.workspace.address() as *mut _,
                WORKSPACE_BYTES as usize,
                driver.stream().cu_stream().cast(),
            )
        }
        .doing("multiplying with cublasLt")
    }
}

/// The library's own state.
struct Handle(sys::cublasLtHandle_t);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: made by the library, and destroyed once. There is no one to tell of an error.
        let _ = unsafe { result::destroy_handle(self.0) };
    }
}

/// How a matrix lies in memory.
struct Layout(sys::cublasLtMatrixLayout_t);

impl Layout {
    /// Columns of `n` entries, one right after the other.
    fn new(kind: sys::cudaDataType, n: u64, columns: u64) -> Result<Self, CublasError> {
        result::create_matrix_layout(kind, n, columns, n as i64).map(Self)
    }
}

impl Drop for Layout {
    fn drop(&mut self) {
        // SAFETY: made by the library, and destroyed once. There is no one to tell of an error.
        let _ = unsafe { result::destroy_matrix_layout(self.0) };
    }
}

/// What to compute.
struct Operation(sys::cublasLtMatmulDesc_t);

impl Operation {
    fn new() -> Result<Self, CublasError> {
        let operation = Self(result::create_matmul_desc(
            sys::cublasComputeType_t::CUBLAS_COMPUTE_32I,
            sys::cudaDataType::CUDA_R_32I,
        )?);
        let transpose = TRANSPOSE;
        // SAFETY: the attribute's value is one `cublasOperation_t`, 32 bits, which the call copies.
        unsafe {
            result::set_matmul_desc_attribute(
                operation.0,
                sys::cublasLtMatmulDescAttributes_t::CUBLASLT_MATMUL_DESC_TRANSA,
                from_ref(&transpose).cast(),
                size_of_val(&transpose),
            )?;
        }
        Ok(operation)
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        // SAFETY: made by the library, and destroyed once. There is no one to tell of an error.
        let _ = unsafe { result::destroy_matmul_desc(self.0) };
    }
}

/// What algorithms may use.
struct Preference(sys::cublasLtMatmulPreference_t);

impl Preference {
    fn new(workspace_bytes: u64) -> Result<Self, CublasError> {
        let preference = Self(result::create_matmul_pref()?);
        let bytes = workspace_bytes as usize;
        // SAFETY: the attribute's value is one `size_t`, which the call copies.
        unsafe {
            result::set_matmul_pref_attribute(
                preference.0,
                sys::cublasLtMatmulPreferenceAttributes_t::CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                from_ref(&bytes).cast(),
                size_of_val(&bytes),
            )?;
        }
        Ok(preference)
    }
}

impl Drop for Preference {
    fn drop(&mut self) {
        // SAFETY: made by the library, and destroyed once. There is no one to tell of an error.
        let _ = unsafe { result::destroy_matmul_pref(self.0) };
    }
}
