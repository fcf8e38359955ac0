//! The thread of a device: whatever a challenge computes or holds lives here, away from the threads that serve
//! requests.

use crate::backend::{Backend, BackendError, Prover};
use codec::Encode;
use loopin_challenge::{Geometry, Hash, Seed};
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};
use tokio::sync::oneshot;

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
    /// Starts the thread of a device.
    ///
    /// # Errors
    /// The system cannot start the thread.
    pub fn start(name: String, backend: Box<dyn Backend>) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let holds_memory = Arc::new(AtomicBool::new(false));
        let held = Arc::clone(&holds_memory);
        thread::Builder::new()
            .name(name)
            .spawn(move || work(backend.as_ref(), &queue, &held))?;
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

fn work(backend: &dyn Backend, queue: &mpsc::Receiver<Job>, held: &AtomicBool) {
    let mut prover: Option<Box<dyn Prover>> = None;
    while let Ok(job) = queue.recv() {
        match job {
            Job::Prepare(geometry, reply) => {
                // The memory of a challenge before has to be free before more is taken.
                prover = None;
                let outcome = guarded(|| backend.prepare(&geometry)).map(|prepared| prover = Some(prepared));
                held.store(prover.is_some(), Ordering::Release);
                // The asker may be gone: then the challenge expires.
                let _ = reply.send(outcome);
            }
            Job::Fill(seed, reply) => answer(&mut prover, held, reply, |prover| prover.fill(&seed)),
            Job::Walk(seed, reply) => answer(&mut prover, held, reply, |prover| prover.walk(&seed)),
            Job::Open(seed, reply) => answer(&mut prover, held, reply, |prover| {
                prover.open(&seed).map(|openings| openings.encode())
            }),
            Job::Release => {
                prover = None;
                held.store(false, Ordering::Release);
            }
        }
    }
}

/// Does a step of a challenge. A failure ends the challenge and frees its memory.
fn answer<T>(
    prover: &mut Option<Box<dyn Prover>>,
    held: &AtomicBool,
    reply: Reply<T>,
    step: impl FnOnce(&mut dyn Prover) -> Result<T, BackendError>,
) {
    let outcome = match prover {
        Some(prover) => guarded(|| step(prover.as_mut())),
        None => Err(BackendError::Order),
    };
    if outcome.is_err() {
        *prover = None;
        held.store(false, Ordering::Release);
    }
    let _ = reply.send(outcome);
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
