//! Overwriting the memory that nobody holds, so that nothing of who used a device before is left in it.

use crate::{
    CudaError,
    machine::{Machine, Memory},
    plan::PAGE_BYTES,
};

/// Takes all free memory, writes zeros over it, waits until that is done, and gives it back. Returns how many bytes
/// that were.
///
/// Memory may be free in pieces: each is taken as large as it is, down to the driver's unit.
pub(crate) fn overwrite_free_memory<M: Machine>(machine: &M) -> Result<u64, CudaError> {
    let whole_pages = |bytes: u64| bytes / PAGE_BYTES * PAGE_BYTES;
    let mut taken = Vec::new();
    let mut overwritten = 0;
    let mut piece = whole_pages(machine.available()?);
    while piece >= PAGE_BYTES {
        match machine.allocate(piece) {
            Ok(memory) => {
                machine.clear(memory.address(), piece)?;
                taken.push(memory);
                overwritten += piece;
                piece = piece.min(whole_pages(machine.available()?));
            }
            Err(CudaError::Memory { .. }) => piece = whole_pages(piece / 2),
            Err(error) => return Err(error),
        }
    }
    machine.wait()?;
    Ok(overwritten)
}
