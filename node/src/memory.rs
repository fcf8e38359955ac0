//! What the node asks of the memory allocator.

/// Makes glibc give freed memory back to the system. Compiling the runtime takes much memory for a moment, most of which
/// glibc would keep: on a development chain a quarter of all that the node holds.
///
/// To be called before there are other threads.
#[cfg(target_env = "gnu")]
#[allow(unsafe_code, reason = "the allocator's options are set through C")]
pub fn give_back_what_is_freed() {
    /// Free bytes at the end of the heap beyond which they are given back.
    const KEPT_BYTES: libc::c_int = 1 << 20;
    /// Separate heaps for threads, each of which keeps some memory. The default is eight for each core.
    const ARENAS: libc::c_int = 4;
    for (option, value) in [(libc::M_TRIM_THRESHOLD, KEPT_BYTES), (libc::M_ARENA_MAX, ARENAS)] {
        // SAFETY: it takes two numbers, and nothing else uses the allocator's options now. If it refuses them,
        // everything goes on as before.
        unsafe { libc::mallopt(option, value) };
    }
}

/// Other allocators are left alone.
#[cfg(not(target_env = "gnu"))]
pub fn give_back_what_is_freed() {}
