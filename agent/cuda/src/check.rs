//! What a device must do before it is trusted: challenges with the results of the processor, by each way to multiply.

use crate::{
    CudaError,
    engine::{Engine, Product},
    known_roots::KnownRoots,
    machine::Machine,
};
use codec::Encode;
use loopin_challenge::verify;

/// Smallest side of a matrix that a library is held against: below a tile's side, the kernels multiply alone.
const LEAST_LIBRARY_SIDE: u32 = 128;

/// Holds a machine with its own kernels against known roots.
pub(crate) fn check_kernels<M: Machine>(
    user: impl Fn() -> Result<M, CudaError>,
    known_roots: &[KnownRoots],
) -> Result<(), CudaError> {
    known_roots
        .iter()
        .try_for_each(|known| check(user()?, Product::Fused, known))
}

/// Holds a machine with a library for the products against known roots.
pub(crate) fn check_library<M: Machine>(
    user: impl Fn() -> Result<M, CudaError>,
    known_roots: &[KnownRoots],
) -> Result<(), CudaError> {
    let has_library_size = |known: &&KnownRoots| known.n >= LEAST_LIBRARY_SIDE;
    known_roots.iter().filter(has_library_size).try_for_each(|known| {
        let machine = user()?;
        let library = Product::library(&machine, known.n)?;
        check(machine, library, known)
    })
}

/// Compares both roots, and has the openings verified as a verifier does.
pub(crate) fn check<M: Machine>(
    machine: M,
    product: Product<M>,
    known: &KnownRoots,
) -> Result<(), CudaError> {
    let same = |same: bool, what| same.then_some(()).ok_or(CudaError::WrongResult(what));
    let geometry = known.geometry();
    let mut engine = Engine::new(machine, &geometry)?;
    engine.set_product(product);
    let state_root = engine.fill(&known.seed())?;
    // The kernel may have done what the library refused.
    engine.take_refusal().map_or(Ok(()), Err)?;
    same(state_root == known.state_root, "state")?;
    same(engine.walk(&known.walk_seed())? == known.walk_root, "walk")?;
    let openings = engine.open(&known.sample_seed())?.encode();
    let verdict = verify(
        &geometry,
        &known.claim(),
        &known.sample_seed(),
        &mut &openings[..],
    );
    same(verdict.is_ok(), "openings")
}
