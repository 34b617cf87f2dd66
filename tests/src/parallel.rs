//! Work side by side.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::thread::{available_parallelism, scope};

/// What `work` makes of each number below `count`, on all processors.
pub fn each<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    each_on(available_parallelism().map_or(1, usize::from), count, work)
}

/// The same on so many threads.
///
/// # Panics
/// If `work` does.
pub fn each_on<T: Send>(threads: usize, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new((0..count).map(|_| None).collect::<Vec<Option<T>>>());
    scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| loop {
                let k = next.fetch_add(1, Ordering::Relaxed);
                if k >= count {
                    break;
                }
                let one = work(k);
                done.lock().expect("no panic within")[k] = Some(one);
            });
        }
    });
    let done = done.into_inner().expect("no panic within");
    done.into_iter().map(|one| one.expect("all are done")).collect()
}
