//! Work on all processors.

use crate::Failure;
use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// Does `work` for each of the items, on that many threads, and returns the results in the items' order.
pub fn for_each<Item: Sync, Outcome: Send>(
    threads: usize,
    items: &[Item],
    work: impl Fn(&Item) -> Result<Outcome, Failure> + Sync,
) -> Result<Vec<Outcome>, Failure> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<Outcome, Failure>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(number) else {
                        return;
                    };
                    let result = work(item);
                    let mut done = done.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                    done.push((number, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}
