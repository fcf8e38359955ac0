//! Multiplication by cublasLt, where it is installed: int8 by int8 to int32, both factors along their rows.
//!
//! The library stores matrices column after column, so that our row-major matrices are their transposes to it.
//! What it is asked for is `D = transpose(A) * B` with `A` = the right factor and `B` = the left one: column `r`
//! of `D` is row `r` of our product. This "TN" form is the one in which it multiplies int8 on tensor cores.

mod functions;

pub use functions::LibraryStatus;

use crate::{
    CudaError,
    driver::{Allocation, Driver},
    error::Doing,
    machine::{Address, Machine, Memory},
    plan::WORKSPACE_BYTES,
};
use functions::{Found, Functions, Pointer, made, succeeded};
use std::{ffi::c_int, ptr::from_ref};

/// Numbers of cuBLAS's headers.
const CUBLAS_OP_T: c_int = 1;
const CUBLAS_COMPUTE_32I: c_int = 72;
const CUDA_R_8I: c_int = 3;
const CUDA_R_32I: c_int = 10;
const CUBLASLT_MATMUL_DESC_TRANSA: c_int = 3;
const CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES: c_int = 1;
const CUBLAS_STATUS_NOT_SUPPORTED: i32 = 15;

/// The library, prepared for one shape.
pub(crate) struct Library {
    functions: &'static Functions,
    algorithm: [u64; 8],
    right: Structure,
    left: Structure,
    products: Structure,
    operation: Structure,
    workspace: Allocation,
    handle: Structure,
}

// SAFETY: the pointers are the library's structures, which belong to no thread; it may be called from any thread as long
// as the device is the thread's current one, which `multiply` sees to.
unsafe impl Send for Library {}

impl Library {
    /// Prepares the multiplication of `rows` rows by `n` rows, all of length `n`.
    pub(crate) fn new(driver: &Driver, n: u32, rows: u32) -> Result<Self, CudaError> {
        driver.bind()?;
        let (functions, handle) = Functions::load(driver.version()?).map_err(CudaError::NoLibrary)?;
        let structure = |pointer, destroy| Structure { pointer, destroy };
        let handle = structure(handle, functions.destroy);
        let (n, rows) = (u64::from(n), u64::from(rows));
        // Columns of `n` entries, one right after the other.
        let layout = |kind, columns| {
            // SAFETY: the library writes one pointer to a place that is ours.
            made(|to| unsafe { (functions.layout_create)(to, kind, n, columns, n as i64) })
                .map(|pointer| structure(pointer, functions.layout_destroy))
                .doing("describing a matrix to cublasLt")
        };
        let (right, left) = (layout(CUDA_R_8I, n)?, layout(CUDA_R_8I, rows)?);
        let products = layout(CUDA_R_32I, rows)?;
        // SAFETY: the library writes one pointer to a place that is ours.
        let operation =
            made(|to| unsafe { (functions.operation_create)(to, CUBLAS_COMPUTE_32I, CUDA_R_32I) })
                .map(|pointer| structure(pointer, functions.operation_destroy))
                .doing("describing the product to cublasLt")?;
        let transpose = CUBLAS_OP_T;
        // SAFETY: the attribute's value is one `cublasOperation_t`, 32 bits, which the call copies.
        succeeded(unsafe {
            (functions.operation_set)(
                operation.pointer,
                CUBLASLT_MATMUL_DESC_TRANSA,
                from_ref(&transpose).cast(),
                size_of_val(&transpose),
            )
        })
        .doing("describing the product to cublasLt")?;
        // SAFETY: the library writes one pointer to a place that is ours.
        let preference = made(|to| unsafe { (functions.preference_create)(to) })
            .map(|pointer| structure(pointer, functions.preference_destroy))
            .doing("describing the workspace to cublasLt")?;
        let bytes = WORKSPACE_BYTES as usize;
        // SAFETY: the attribute's value is one `size_t`, which the call copies.
        succeeded(unsafe {
            (functions.preference_set)(
                preference.pointer,
                CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                from_ref(&bytes).cast(),
                size_of_val(&bytes),
            )
        })
        .doing("describing the workspace to cublasLt")?;
        let (mut found, mut count) = (Found::default(), 0);
        // SAFETY: all structures were made above and live until after the call, which writes one result at most.
        let status = unsafe {
            (functions.find)(
                handle.pointer,
                operation.pointer,
                right.pointer,
                left.pointer,
                products.pointer,
                products.pointer,
                preference.pointer,
                1,
                &mut found,
                &mut count,
            )
        };
        let usable = match count {
            1.. => succeeded(status).and_then(|()| succeeded(found.state)),
            _ => succeeded(status).and(Err(LibraryStatus(CUBLAS_STATUS_NOT_SUPPORTED))),
        };
        usable.doing("asking cublasLt for an algorithm")?;
        Ok(Self {
            functions,
            algorithm: found.algorithm,
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
        // SAFETY: the structures live as long as `self`; the factors are read and the products and the workspace
        // written within the allocations that the caller and `self` keep, whose sizes are those of the layouts.
        // The two scalars are read before the call returns, as is the library's default.
        succeeded(unsafe {
            (self.functions.multiply)(
                self.handle.pointer,
                self.operation.pointer,
                from_ref(&one).cast(),
                right as *const _,
                self.right.pointer,
                left as *const _,
                self.left.pointer,
                from_ref(&zero).cast(),
                products as *const _,
                self.products.pointer,
                products as *mut _,
                self.products.pointer,
                self.algorithm.as_ptr(),
                self.workspace.address() as *mut _,
                WORKSPACE_BYTES as usize,
                driver.stream().cu_stream().cast(),
            )
        })
        .doing("multiplying with cublasLt")
    }
}

/// One of the library's structures: its own state, or a description of a matrix, a product or what algorithms may use.
struct Structure {
    pointer: Pointer,
    destroy: unsafe extern "C" fn(Pointer) -> c_int,
}

impl Drop for Structure {
    fn drop(&mut self) {
        // SAFETY: made by the library, and destroyed once. There is no one to tell of an error.
        let _ = unsafe { (self.destroy)(self.pointer) };
    }
}
