//! Ends the node in good order before its disk is full, and says so.
//!
//! The SDK's own monitor ends it too, but at the end of the program nobody then knows why.

use sc_service::{Configuration, TaskManager};
use sc_storage_monitor::StorageMonitorParams;
use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

/// Watches how much room is left for the database.
pub struct DiskWatch {
    /// The base path: it is on the database's disk, even while there is no database.
    path: PathBuf,
    minimum_free_mib: u64,
    period: Duration,
    started: OnceLock<()>,
    problem: Arc<OnceLock<String>>,
}

impl DiskWatch {
    /// A watch over the disk of this configuration's base path.
    pub fn new(config: &Configuration, parameters: &StorageMonitorParams) -> Self {
        DiskWatch {
            path: config.base_path.path().to_owned(),
            minimum_free_mib: parameters.threshold,
            period: Duration::from_secs(parameters.polling_period.into()),
            started: OnceLock::new(),
            problem: Arc::default(),
        }
    }

    /// Whether there is enough room now.
    pub fn check(&self) -> Result<(), String> {
        check(&self.path, self.minimum_free_mib)
    }

    /// Ends a node that has started as soon as there is too little room. A threshold of 0 turns this off.
    pub fn watch(&self, task_manager: &TaskManager) {
        self.started.get_or_init(|| ());
        if self.minimum_free_mib == 0 {
            return;
        }
        let (path, minimum_free_mib, period) = (self.path.clone(), self.minimum_free_mib, self.period);
        let problem = self.problem.clone();
        task_manager
            .spawn_essential_handle()
            .spawn("disk-watch", None, async move {
                loop {
                    futures_timer::Delay::new(period).await;
                    if let Err(text) = check(&path, minimum_free_mib) {
                        // The only one who sets it.
                        let _ = problem.set(text);
                        break;
                    }
                }
            });
    }

    /// Why the disk ended a node that had started, if it did: it was too full, or nobody watched and there was
    /// no room at all for what the node writes.
    pub fn problem(&self) -> Option<String> {
        self.started.get()?;
        let watched = self.problem.get().cloned();
        watched.or_else(|| check(&self.path, 1).err())
    }
}

fn free_mib(path: &Path) -> io::Result<u64> {
    Ok(fs4::available_space(path)? / (1024 * 1024))
}

fn check(path: &Path, minimum_free_mib: u64) -> Result<(), String> {
    match free_mib(path) {
        Ok(free_mib) if free_mib < minimum_free_mib => Err(format!(
            "the disk of the base path {} is full: {free_mib} MiB are free, and the node needs \
             {minimum_free_mib} MiB. Free some space, choose another --base-path, or lower \
             --db-storage-threshold",
            path.display()
        )),
        // If it cannot be measured, there is nothing to say about it.
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_too_full_is_reported() {
        let path = std::env::temp_dir();
        let error = check(&path, u64::MAX).unwrap_err();
        assert!(error.contains("--db-storage-threshold"), "{error}");
        assert_eq!(check(&path, 0), Ok(()));
    }

    #[test]
    fn a_disk_that_cannot_be_measured_is_no_problem() {
        assert_eq!(check(Path::new("/not/there"), u64::MAX), Ok(()));
    }
}
