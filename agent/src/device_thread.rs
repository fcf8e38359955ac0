//! The thread of a device: whatever a challenge computes or holds lives here, away from the threads that serve
//! requests.

use crate::backend::{Backend, BackendError, Prover};
use codec::Encode;
use loopin_challenge::{Geometry, Hash, Seed};
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    process::exit,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};
use tokio::sync::oneshot;
use tracing::{error, info, warn};

type Reply<T> = oneshot::Sender<Result<T, BackendError>>;

enum Job {
    Prepare(Geometry, Reply<()>),
    Fill(Seed, Reply<Hash>),
    Walk(Seed, Reply<Hash>),
    Open(Seed, Reply<Vec<u8>>),
    Release,
}

/// A device with its thread. The thread ends with the last handle.
#[derive(Clone, Debug)]
pub struct DeviceThread {
    jobs: mpsc::Sender<Job>,
    holds_memory: Arc<AtomicBool>,
}

impl DeviceThread {
    /// Starts the thread of a device. A device that is lost is opened again; if that fails, the process ends, since
    /// often a new one finds the device working.
    ///
    /// # Errors
    /// The system cannot start the thread.
    pub fn start(name: String, backend: Box<dyn Backend>) -> io::Result<Self> {
        Self::start_or(name, backend, end_process)
    }

    /// The same, with what happens once the device cannot be opened again.
    fn start_or(name: String, backend: Box<dyn Backend>, give_up: fn(&BackendError)) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let holds_memory = Arc::new(AtomicBool::new(false));
        let held = Arc::clone(&holds_memory);
        thread::Builder::new().name(name).spawn(move || {
            let mut worker = Worker {
                backend,
                prover: None,
                held,
                give_up,
            };
            queue.iter().for_each(|job| worker.work(job));
        })?;
        Ok(Self { jobs, holds_memory })
    }

    /// Takes the memory of a challenge.
    ///
    /// # Errors
    /// What the backend says.
    pub async fn prepare(&self, geometry: Geometry) -> Result<(), BackendError> {
        self.ask(|reply| Job::Prepare(geometry, reply)).await
    }

    /// Computes the state, returns its root.
    ///
    /// # Errors
    /// What the backend says.
    pub async fn fill(&self, seed: Seed) -> Result<Hash, BackendError> {
        self.ask(|reply| Job::Fill(seed, reply)).await
    }

    /// Walks the state, returns the walk's root.
    ///
    /// # Errors
    /// What the backend says.
    pub async fn walk(&self, seed: Seed) -> Result<Hash, BackendError> {
        self.ask(|reply| Job::Walk(seed, reply)).await
    }

    /// Opens what the seed of a sample asks for, SCALE-encoded.
    ///
    /// # Errors
    /// What the backend says.
    pub async fn open(&self, sample_seed: Seed) -> Result<Vec<u8>, BackendError> {
        self.ask(|reply| Job::Open(sample_seed, reply)).await
    }

    /// Frees the memory, as soon as the device has finished what it is doing.
    pub fn release(&self) {
        // A thread that has ended holds nothing.
        let _ = self.jobs.send(Job::Release);
    }

    /// Whether the memory of a challenge is taken.
    pub fn holds_memory(&self) -> bool {
        self.holds_memory.load(Ordering::Acquire)
    }

    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, BackendError> {
        let stopped = || BackendError::Device("its thread has ended: restart the agent".into());
        let (reply, answer) = oneshot::channel();
        self.jobs.send(job(reply)).map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

/// Ends the process. Whoever started the agent is expected to start it again, as systemd and docker do.
fn end_process(error: &BackendError) {
    error!("The device cannot be opened again ({error}): the agent ends, so that a new one can try");
    exit(1);
}

/// What the thread of a device has.
struct Worker {
    backend: Box<dyn Backend>,
    prover: Option<Box<dyn Prover>>,
    held: Arc<AtomicBool>,
    give_up: fn(&BackendError),
}

impl Worker {
    fn work(&mut self, job: Job) {
        match job {
            Job::Prepare(geometry, reply) => {
                // The memory of a challenge before has to be free before more is taken.
                self.prover = None;
                let outcome = guarded(|| self.backend.prepare(&geometry));
                let outcome = outcome.map(|prepared| self.prover = Some(prepared));
                self.held.store(self.prover.is_some(), Ordering::Release);
                self.reply(reply, outcome);
            }
            Job::Fill(seed, reply) => self.answer(reply, |prover| prover.fill(&seed)),
            Job::Walk(seed, reply) => self.answer(reply, |prover| prover.walk(&seed)),
            Job::Open(seed, reply) => {
                self.answer(reply, |prover| {
                    prover.open(&seed).map(|openings| openings.encode())
                });
            }
            Job::Release => self.release(),
        }
    }

    /// Does a step of a challenge. A failure ends the challenge and frees its memory.
    fn answer<T>(&mut self, reply: Reply<T>, step: impl FnOnce(&mut dyn Prover) -> Result<T, BackendError>) {
        let outcome = match &mut self.prover {
            Some(prover) => guarded(|| step(prover.as_mut())),
            None => Err(BackendError::Order),
        };
        if outcome.is_err() {
            self.release();
        }
        self.reply(reply, outcome);
    }

    /// Says what came of a job. A device that was lost in it is opened again before the next.
    fn reply<T>(&mut self, reply: Reply<T>, outcome: Result<T, BackendError>) {
        let lost = outcome
            .as_ref()
            .err()
            .filter(|error| matches!(error, BackendError::Lost(_)));
        let lost = lost.map(ToString::to_string);
        // The asker may be gone: then the challenge expires.
        let _ = reply.send(outcome);
        let Some(failure) = lost else { return };
        warn!("Opening {} again: {failure}", self.backend.name());
        match guarded(|| self.backend.reopen()) {
            Ok(()) => info!("{} is open again, and gave the known roots", self.backend.name()),
            Err(error) => (self.give_up)(&error),
        }
    }

    fn release(&mut self) {
        self.prover = None;
        self.held.store(false, Ordering::Release);
    }
}

/// A backend that panics has failed; the device's thread goes on.
fn guarded<T>(call: impl FnOnce() -> Result<T, BackendError>) -> Result<T, BackendError> {
    // What the call may have left half done is dropped with its prover.
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Err(BackendError::Device(format!(
            "a defect: {}",
            text.unwrap_or_default()
        )))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use loopin_challenge::{Openings, classes::LIGHT};
    use std::sync::atomic::AtomicU32;

    /// A device that is lost in every fill until it was opened again a number of times, if it opens at all.
    struct Fragile {
        repairs_left: Arc<AtomicU32>,
        opens: bool,
    }

    struct FragileProver(Arc<AtomicU32>);

    impl Backend for Fragile {
        fn name(&self) -> String {
            "fragile".into()
        }
        fn uuid(&self) -> String {
            "GPU-fragile".into()
        }
        fn free_memory(&self) -> u64 {
            0
        }
        fn prepare(&self, _: &Geometry) -> Result<Box<dyn Prover>, BackendError> {
            Ok(Box::new(FragileProver(Arc::clone(&self.repairs_left))))
        }
        fn overwrite_free_memory(&self) -> Result<u64, BackendError> {
            Ok(0)
        }
        fn reopen(&mut self) -> Result<(), BackendError> {
            if !self.opens {
                return Err(BackendError::Device("it has fallen off the bus".into()));
            }
            self.repairs_left.fetch_sub(1, Ordering::Relaxed);
            Ok(())
        }
    }

    impl Prover for FragileProver {
        fn fill(&mut self, _: &Seed) -> Result<Hash, BackendError> {
            match self.0.load(Ordering::Relaxed) {
                0 => Ok([1; 32]),
                _ => Err(BackendError::Lost("an Xid".into())),
            }
        }
        fn walk(&mut self, _: &Seed) -> Result<Hash, BackendError> {
            Err(BackendError::Order)
        }
        fn open(&mut self, _: &Seed) -> Result<Openings, BackendError> {
            Err(BackendError::Order)
        }
    }

    static GIVEN_UP: AtomicU32 = AtomicU32::new(0);

    fn count_giving_up(_: &BackendError) {
        GIVEN_UP.fetch_add(1, Ordering::Relaxed);
    }

    #[tokio::test]
    async fn a_device_that_is_lost_is_opened_again_or_given_up() {
        let geometry = Geometry::new(LIGHT).unwrap();
        let start = |opens| {
            let repairs_left = Arc::new(AtomicU32::new(2));
            let backend = Box::new(Fragile { repairs_left, opens });
            DeviceThread::start_or("fragile".into(), backend, count_giving_up).unwrap()
        };
        let repairable = start(true);
        for _ in 0..2 {
            repairable.prepare(geometry).await.unwrap();
            let failed = repairable.fill([1; 32]).await;
            assert_eq!(failed, Err(BackendError::Lost("an Xid".into())));
            assert!(!repairable.holds_memory());
        }
        repairable.prepare(geometry).await.unwrap();
        assert_eq!(repairable.fill([1; 32]).await, Ok([1; 32]));
        assert_eq!(GIVEN_UP.load(Ordering::Relaxed), 0);

        let gone = start(false);
        gone.prepare(geometry).await.unwrap();
        gone.fill([1; 32]).await.unwrap_err();
        // The next answer comes after the attempt to open it again.
        gone.walk([1; 32]).await.unwrap_err();
        assert_eq!(GIVEN_UP.load(Ordering::Relaxed), 1);
    }
}
