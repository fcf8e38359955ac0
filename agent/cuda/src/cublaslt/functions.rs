//! The functions of cublasLt's C interface that are called, loaded from whichever version is installed: they are the same
//! in CUDA 11, 12 and 13.

use libloading::Library;
use std::{
    ffi::{c_int, c_void},
    mem::ManuallyDrop,
    sync::OnceLock,
};

/// Names of the library, with the oldest version of the driver's CUDA that it works with.
const NAMES: [(&str, i32); 4] = [
    ("libcublasLt.so.13", 13_000),
    ("libcublasLt.so.12", 12_000),
    ("libcublasLt.so.11", 11_000),
    ("libcublasLt.so", 0),
];

/// Names to try with a driver, the best first. What is too new for the driver comes last.
fn names(driver_version: i32) -> Vec<&'static str> {
    let (suitable, too_new): (Vec<_>, Vec<_>) = NAMES
        .into_iter()
        .partition(|&(_, oldest)| driver_version >= oldest);
    suitable
        .into_iter()
        .chain(too_new)
        .map(|(name, _)| name)
        .collect()
}

/// A status that is not success, as `cublasStatus_t` of cuBLAS's header numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("status {0}")]
pub struct LibraryStatus(pub i32);

/// What a function returns.
type Status = c_int;
/// One of the library's own structures, or memory of the device.
pub(super) type Pointer = *mut c_void;

/// What the library found for a product: `cublasLtMatmulHeuristicResult_t`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(super) struct Found {
    pub(super) algorithm: [u64; 8],
    pub(super) workspace_bytes: usize,
    pub(super) state: Status,
    waves: f32,
    reserved: [c_int; 4],
}

/// The loaded library.
pub(super) struct Functions {
    pub(super) create: unsafe extern "C" fn(*mut Pointer) -> Status,
    pub(super) destroy: unsafe extern "C" fn(Pointer) -> Status,
    pub(super) layout_create: unsafe extern "C" fn(*mut Pointer, c_int, u64, u64, i64) -> Status,
    pub(super) layout_destroy: unsafe extern "C" fn(Pointer) -> Status,
    pub(super) operation_create: unsafe extern "C" fn(*mut Pointer, c_int, c_int) -> Status,
    pub(super) operation_set: unsafe extern "C" fn(Pointer, c_int, *const c_void, usize) -> Status,
    pub(super) operation_destroy: unsafe extern "C" fn(Pointer) -> Status,
    pub(super) preference_create: unsafe extern "C" fn(*mut Pointer) -> Status,
    pub(super) preference_set: unsafe extern "C" fn(Pointer, c_int, *const c_void, usize) -> Status,
    pub(super) preference_destroy: unsafe extern "C" fn(Pointer) -> Status,
    #[allow(clippy::type_complexity, reason = "the library's own signature")]
    pub(super) find: unsafe extern "C" fn(
        Pointer,
        Pointer,
        Pointer,
        Pointer,
        Pointer,
        Pointer,
        Pointer,
        c_int,
        *mut Found,
        *mut c_int,
    ) -> Status,
    #[allow(clippy::type_complexity, reason = "the library's own signature")]
    pub(super) multiply: unsafe extern "C" fn(
        Pointer,
        Pointer,
        *const c_void,
        *const c_void,
        Pointer,
        *const c_void,
        Pointer,
        *const c_void,
        *const c_void,
        Pointer,
        Pointer,
        Pointer,
        *const u64,
        Pointer,
        usize,
        Pointer,
    ) -> Status,
}

/// The version that is used, once one was found. It stays loaded: CUDA's libraries do not take well to being unloaded.
static LOADED: OnceLock<Functions> = OnceLock::new();

impl Functions {
    /// The best version that is installed for a driver and can be started on the current device, with its handle.
    /// Otherwise says why each version cannot be used.
    pub(super) fn load(driver_version: i32) -> Result<(&'static Self, Pointer), String> {
        if let Some(functions) = LOADED.get() {
            let handle = functions.start().map_err(|status| status.to_string())?;
            return Ok((functions, handle));
        }
        let mut refusals = Vec::new();
        for name in names(driver_version) {
            // SAFETY: this opens the library, whose initialisers are NVIDIA's, and finds its functions.
            let loaded = unsafe { Library::new(name).and_then(|library| Self::find_all(library)) };
            let started = loaded.map_err(|error| error.to_string()).and_then(|functions| {
                let handle = functions.start().map_err(|status| format!("{name}: {status}"))?;
                Ok((functions, handle))
            });
            match started {
                Ok((functions, handle)) => return Ok((LOADED.get_or_init(|| functions), handle)),
                Err(refusal) => refusals.push(refusal),
            }
        }
        Err(refusals.join("; "))
    }

    /// # Safety
    /// The library must be cublasLt.
    unsafe fn find_all(library: Library) -> Result<Self, libloading::Error> {
        // Never dropped, for the reason that `LOADED` gives.
        let library = ManuallyDrop::new(library);
        // SAFETY: these are the signatures of cublasLt's header.
        unsafe {
            Ok(Self {
                create: *library.get("cublasLtCreate")?,
                destroy: *library.get("cublasLtDestroy")?,
                layout_create: *library.get("cublasLtMatrixLayoutCreate")?,
                layout_destroy: *library.get("cublasLtMatrixLayoutDestroy")?,
                operation_create: *library.get("cublasLtMatmulDescCreate")?,
                operation_set: *library.get("cublasLtMatmulDescSetAttribute")?,
                operation_destroy: *library.get("cublasLtMatmulDescDestroy")?,
                preference_create: *library.get("cublasLtMatmulPreferenceCreate")?,
                preference_set: *library.get("cublasLtMatmulPreferenceSetAttribute")?,
                preference_destroy: *library.get("cublasLtMatmulPreferenceDestroy")?,
                find: *library.get("cublasLtMatmulAlgoGetHeuristic")?,
                multiply: *library.get("cublasLtMatmul")?,
            })
        }
    }

    fn start(&self) -> Result<Pointer, LibraryStatus> {
        // SAFETY: the library writes one pointer to a place that is ours.
        made(|handle| unsafe { (self.create)(handle) })
    }
}

/// Success, or the status.
pub(super) fn succeeded(status: Status) -> Result<(), LibraryStatus> {
    match status {
        0 => Ok(()),
        status => Err(LibraryStatus(status)),
    }
}

/// What a function of the library makes.
pub(super) fn made(make: impl FnOnce(*mut Pointer) -> Status) -> Result<Pointer, LibraryStatus> {
    let mut made = std::ptr::null_mut();
    succeeded(make(&mut made))?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_library_that_the_driver_works_with_comes_first() {
        assert_eq!(names(13_000)[..2], ["libcublasLt.so.13", "libcublasLt.so.12"]);
        assert_eq!(names(12_040)[..2], ["libcublasLt.so.12", "libcublasLt.so.11"]);
        assert_eq!(names(12_040).last(), Some(&"libcublasLt.so.13"));
    }
}
