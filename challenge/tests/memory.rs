//! How much memory a verifier takes while it checks openings of a megabyte.

#![allow(unsafe_code)] // An allocator that counts is unsafe to implement.

use codec::Encode;
use loopin_challenge::{Geometry, classes::class, synthetic::SyntheticProof, verify};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        PEAK.fetch_max(NOW.fetch_add(layout.size(), SeqCst) + layout.size(), SeqCst);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), SeqCst);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn checking_a_megabyte_of_openings_takes_the_memory_of_one_entrys_rows() {
    let geometry = Geometry::new(class("RTX 4090").expect("known").profile).expect("usable");
    let proof = SyntheticProof::new(&geometry, [1; 32], [2; 32], &[3; 32]);
    let bytes = proof.openings.encode();
    let before = NOW.load(SeqCst);
    PEAK.store(before, SeqCst);
    assert_eq!(verify(&geometry, &proof.claim, &[3; 32], &mut &bytes[..]), Ok(()));
    let (peak, after) = (PEAK.load(SeqCst) - before, NOW.load(SeqCst));
    println!("{} bytes of openings, {peak} bytes of memory", bytes.len());
    assert!(bytes.len() > 1_000_000);
    // Two rows, one chunk, three paths of 27 digests at most, and the sample.
    assert!(
        (2 * 16_384..2 * 16_384 + 1_024 + 3 * 27 * 32 + 1_024).contains(&peak),
        "{peak} bytes"
    );
    assert_eq!(after, before);
}
