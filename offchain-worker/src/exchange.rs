//! One request and its answer, without waiting.
//!
//! This stands on the host's HTTP functions and not on `sp_runtime::offchain::http`, whose body reader blocks for
//! every byte and forgets why it ended. What the host (sc-offchain) does, and what follows from it:
//!
//! - A request is sent with the first write of its body, and its headers may leave in a packet of their own. The
//!   host's sockets then hold back the body until the other side has acknowledged the headers, which takes it 40 ms
//!   at worst (Nagle's algorithm and delayed acknowledgements). So where the time counts, headers and the first part of
//!   the body, which says nothing new, are sent ahead ([`Exchange::announce`]), and the rest at the moment.
//! - The first write never blocks. Another one may, until the first has left: it is tried, and tried again later.
//! - The length is announced, so that the body is not sent in chunks.
//! - Waiting for an answer and reading a body look once and return when the deadline given is now. All waiting is
//!   done in one place, by sleeping, so that no device can keep another one's answer from being seen.
//! - The host holds back a body that nobody reads: after some network packets it lets the sender wait.
//! - Headers are never asked for: nothing in them is needed, and a hostile server could make them long. The host
//!   gives up where they are longer than some hundred kilobytes, and follows no redirect.
//! - There is no function to drop a request that is under way. It ends with the run of the off-chain worker that
//!   began it, so the number of requests of a run is bounded (see the crate's documentation).

use crate::clock::{self, Millis};
use alloc::{string::ToString, vec, vec::Vec};
use sp_core::offchain::{HttpError, HttpRequestId, HttpRequestStatus, Timestamp};
use sp_io::offchain;

/// Most bytes that are read of what an agent says when it refuses: more than a contribution has.
const MAX_REFUSAL_BYTES: usize = 200;
/// How long that may take, in milliseconds.
const REFUSAL_MS: Millis = 500;

/// A deadline that has passed: look once, and return.
fn at_once() -> Option<Timestamp> {
    Some(Timestamp::from_unix_millis(0))
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No connection came about, or it broke before there was an answer.
    Connection,
    /// The connection broke within the answer.
    Broken,
    /// The answer was not there in time. `by_window` says that it was the end of the round's window, and not the limit
    /// for this step, that cut it.
    Late {
        /// Whether the step had more time than the window.
        by_window: bool,
    },
    /// The agent refused, with that status.
    Refused {
        /// The status.
        status: u16,
        /// The first bytes of what it said.
        text: Vec<u8>,
    },
    /// The answer is longer than it may be.
    TooLong,
}

/// How long a step may take.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// What the profile allows, in milliseconds from sending.
    pub step_ms: Millis,
    /// When it has to end in any case.
    pub ends_at: Millis,
}

/// A request under way.
#[derive(Debug)]
pub struct Exchange {
    id: HttpRequestId,
    sent_at: Millis,
    limit: Limit,
    status: Option<Result<u16, Trouble>>,
    refusal: Option<RefusalText>,
    /// What has still to be sent. Looking for an answer would end the body.
    unsent: Option<Vec<u8>>,
}

/// What a refusing agent says.
#[derive(Debug)]
struct RefusalText {
    text: Vec<u8>,
    until: Millis,
}

/// What reading found.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// Nothing is there yet.
    Nothing,
    /// That many bytes.
    Bytes(usize),
    /// The answer has ended.
    End {
        /// From sending the request to having seen the end, in milliseconds.
        elapsed_ms: Millis,
    },
}

impl Exchange {
    /// Sends `body` to `url`.
    ///
    /// # Errors
    /// The host could not take the request.
    pub fn post(url: &str, body: &[u8], limit: Limit) -> Result<Self, Trouble> {
        let mut exchange = Self::announce(url, body, body.len(), limit)?;
        exchange.complete(limit);
        Ok(exchange)
    }

    /// Sends the first `first_bytes` of `body` to `url`. The rest follows with [`complete`](Self::complete).
    ///
    /// # Errors
    /// The host could not take the request.
    pub fn announce(url: &str, body: &[u8], first_bytes: usize, limit: Limit) -> Result<Self, Trouble> {
        let id = offchain::http_request_start("POST", url, &[]).map_err(|()| Trouble::Connection)?;
        for (name, value) in [
            ("content-type", "application/octet-stream"),
            ("content-length", body.len().to_string().as_str()),
        ] {
            offchain::http_request_add_header(id, name, value).map_err(|()| Trouble::Connection)?;
        }
        let (first, rest) = body.split_at(first_bytes.min(body.len()));
        let sent_at = clock::now();
        offchain::http_request_write_body(id, first, at_once()).map_err(|_| Trouble::Connection)?;
        Ok(Self {
            id,
            sent_at,
            limit,
            status: None,
            refusal: None,
            unsent: Some(rest.to_vec()),
        })
    }

    /// Sends the rest of the body. If nothing was sent ahead of it, the time runs from the announcement.
    pub fn complete(&mut self, limit: Limit) {
        self.limit = limit;
        if self.unsent.as_ref().is_some_and(|rest| !rest.is_empty()) {
            self.sent_at = clock::now();
        }
        self.send_rest();
    }

    /// The same request once more, whole and on another connection. Its time runs from when it was first sent.
    ///
    /// # Errors
    /// The host could not take the request.
    pub fn repeat(&self, url: &str, body: &[u8]) -> Result<Self, Trouble> {
        let repeated = Self::post(url, body, self.limit)?;
        let sent_at = self.sent_at;
        Ok(Self { sent_at, ..repeated })
    }

    /// Sends what has not been sent, if the host takes it now.
    fn send_rest(&mut self) {
        let Some(rest) = &self.unsent else {
            return;
        };
        if !rest.is_empty() {
            match offchain::http_request_write_body(self.id, rest, at_once()) {
                Ok(()) => (),
                Err(HttpError::DeadlineReached) => return,
                Err(HttpError::IoError | HttpError::Invalid) => self.status = Some(Err(Trouble::Connection)),
            }
        }
        self.unsent = None;
        // An empty write ends the body. If it fails, the answer will tell.
        let _ = offchain::http_request_write_body(self.id, &[], at_once());
    }

    /// Whether the agent has begun to answer, in whatever way.
    pub fn is_answered(&self) -> bool {
        matches!(self.status, Some(Ok(_)))
    }

    /// Looks which of the requests are answered.
    pub fn look<'a>(exchanges: impl Iterator<Item = &'a mut Self>) {
        let (mut waiting, mut ids) = (vec![], vec![]);
        for exchange in exchanges {
            exchange.send_rest();
            if exchange.status.is_some() || exchange.unsent.is_some() {
                continue;
            }
            ids.push(exchange.id);
            waiting.push(exchange);
        }
        if ids.is_empty() {
            return;
        }
        let statuses = offchain::http_response_wait(&ids, at_once());
        for (exchange, status) in waiting.into_iter().zip(statuses) {
            exchange.status = match status {
                HttpRequestStatus::DeadlineReached => None,
                HttpRequestStatus::Finished(status) => Some(Ok(status)),
                HttpRequestStatus::IoError | HttpRequestStatus::Invalid => Some(Err(Trouble::Connection)),
            };
        }
    }

    /// Whether the agent has begun to answer with status 200, so that there is something to read.
    ///
    /// # Errors
    /// There will be no such answer, or it is late.
    pub fn is_accepted(&mut self, now: Millis) -> Result<bool, Trouble> {
        match &self.status {
            None => self.check_time(now).map(|()| false),
            Some(Ok(200)) => Ok(true),
            Some(Ok(status)) => {
                let status = *status;
                self.read_refusal(status, now).map(|()| false)
            }
            Some(Err(trouble)) => Err(trouble.clone()),
        }
    }

    /// Reads the beginning of why the agent refused.
    fn read_refusal(&mut self, status: u16, now: Millis) -> Result<(), Trouble> {
        let mut refusal = self.refusal.take().unwrap_or(RefusalText {
            text: vec![],
            until: now.saturating_add(REFUSAL_MS),
        });
        let mut buffer = [0; MAX_REFUSAL_BYTES];
        while now < refusal.until && refusal.text.len() < MAX_REFUSAL_BYTES {
            match self.read(&mut buffer) {
                Ok(Read::Bytes(bytes)) => refusal.text.extend(buffer.iter().take(bytes)),
                Ok(Read::Nothing) => {
                    self.refusal = Some(refusal);
                    return Ok(());
                }
                Ok(Read::End { .. }) | Err(_) => break,
            }
        }
        refusal.text.truncate(MAX_REFUSAL_BYTES);
        Err(Trouble::Refused {
            status,
            text: refusal.text,
        })
    }

    /// Reads what is there of the answer, at most as much as fits.
    ///
    /// # Errors
    /// It broke off, or is late.
    pub fn read(&self, buffer: &mut [u8]) -> Result<Read, Trouble> {
        let read = offchain::http_response_read_body(self.id, buffer, at_once());
        let now = clock::now();
        match read {
            Ok(0) => self.check_time(now).map(|()| Read::End {
                elapsed_ms: now.saturating_sub(self.sent_at),
            }),
            Ok(bytes) => self.check_time(now).map(|()| Read::Bytes(bytes as usize)),
            Err(HttpError::DeadlineReached) => self.check_time(now).map(|()| Read::Nothing),
            Err(HttpError::IoError | HttpError::Invalid) => Err(Trouble::Broken),
        }
    }

    /// Whether an answer that is complete now is in time.
    fn check_time(&self, now: Millis) -> Result<(), Trouble> {
        if now.saturating_sub(self.sent_at) > self.limit.step_ms {
            return Err(Trouble::Late { by_window: false });
        }
        if now > self.limit.ends_at {
            return Err(Trouble::Late { by_window: true });
        }
        Ok(())
    }
}

/// Collects an answer of a known length.
#[derive(Debug)]
pub struct Collector {
    /// The exchange whose answer is collected.
    pub exchange: Exchange,
    bytes: Vec<u8>,
    max_bytes: usize,
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// From sending the request to having seen the end of this, in milliseconds.
    pub elapsed_ms: Millis,
}

impl Collector {
    /// Begins to collect an answer of at most `max_bytes`.
    pub fn new(exchange: Exchange, max_bytes: usize) -> Self {
        Self {
            exchange,
            bytes: vec![],
            max_bytes,
        }
    }

    /// The whole answer, if it is there.
    ///
    /// # Errors
    /// There will be none.
    pub fn poll(&mut self, now: Millis) -> Result<Option<Answer>, Trouble> {
        if !self.exchange.is_accepted(now)? {
            return Ok(None);
        }
        // One byte more than there may be, so that there is room to see it.
        let mut buffer = vec![0; self.max_bytes + 1];
        while self.bytes.len() <= self.max_bytes {
            match self.exchange.read(&mut buffer)? {
                Read::Nothing => return Ok(None),
                Read::Bytes(bytes) => self.bytes.extend(buffer.iter().take(bytes)),
                Read::End { elapsed_ms } => {
                    let bytes = core::mem::take(&mut self.bytes);
                    return Ok(Some(Answer { bytes, elapsed_ms }));
                }
            }
        }
        Err(Trouble::TooLong)
    }
}
