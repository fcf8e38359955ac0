//! Checks openings against what the device committed to.
//!
//! Each check has two parts. First the parts of an opening must lead to the committed roots: if they do not,
//! the opening is worthless and says nothing. Then the entry or the read must follow: if it does not, the
//! opening proves to anyone that the device committed to a false state or walk ([`FraudProof`]).
//!
//! [`verify`] reads all openings from one input. A [`Checker`] does the same part by part, for callers that receive
//! them piece by piece.

use crate::{
    Claim, FraudProof, Hash, Seed, merkle,
    openings::{
        ChunkOpening, EntryOpening, Path, RowOpening, chunk_opening_len, compact_len, row_opening_len,
        trace_len,
    },
    profile::{FIRST_MATRIX, Geometry, WALK_READS},
    recurrence,
    sampling::{Entry, Sample},
    walk::{Trace, Walker},
};
use alloc::{borrow::Cow, boxed::Box, vec};
use codec::{Compact, Decode, Input};
use core::fmt;

/// Why openings are rejected, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {flaw}")]
pub struct Rejection {
    /// The opening in question.
    pub place: Place,
    /// What is wrong with it.
    pub flaw: Flaw,
    /// The proof to anyone that the device committed to something false, where the opening is one.
    pub proof: Option<Box<FraudProof>>,
}

impl Rejection {
    /// A rejection that proves nothing.
    pub fn unproven(place: Place, flaw: Flaw) -> Self {
        Self {
            place,
            flaw,
            proof: None,
        }
    }
}

/// Which opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The list of entries, or what follows the last lane.
    Message,
    /// The opening of an entry.
    Entry {
        /// Its number in the message, from 0.
        index: usize,
        /// The entry.
        entry: Entry,
    },
    /// The opening of a lane.
    Lane {
        /// Its number in the message, from 0.
        index: usize,
        /// The lane.
        lane: u32,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message => write!(f, "openings"),
            Self::Entry {
                index,
                entry: Entry { matrix, row, column },
            } => {
                write!(
                    f,
                    "opening {index} of entries (matrix {matrix}, row {row}, column {column})"
                )
            }
            Self::Lane { index, lane } => write!(f, "opening {index} of lanes (lane {lane})"),
        }
    }
}

/// A part of an opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The left operand's row.
    Left,
    /// The right operand's row.
    Right,
    /// The chunk that holds the entry.
    Chunk,
    /// The lane's states.
    Trace,
    /// The chunk of that read of a lane, from 0.
    Read(usize),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left => write!(f, "left row"),
            Self::Right => write!(f, "right row"),
            Self::Chunk => write!(f, "entry's chunk"),
            Self::Trace => write!(f, "trace"),
            Self::Read(read) => write!(f, "chunk of read {read}"),
        }
    }
}

/// What is wrong with an opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The bytes are no opening, or there are too few.
    #[error("the bytes are not an opening, or end before it does")]
    Unreadable,
    /// There are bytes after the last opening.
    #[error("there are bytes after the last opening")]
    TrailingBytes,
    /// The number of openings is not the profile's.
    #[error("{found} openings, where the profile asks for {expected}")]
    Count {
        /// The profile's number.
        expected: u32,
        /// The message's number.
        found: u32,
    },
    /// Some bytes or a path are not as long as the profile says.
    #[error("the {part} or its path has length {found}, where the profile asks for {expected}")]
    Length {
        /// The part.
        part: Part,
        /// The profile's length.
        expected: usize,
        /// The message's length.
        found: usize,
    },
    /// A row of the state is absent.
    #[error("the {0} is missing")]
    Missing(Part),
    /// A row that the verifier makes itself is present.
    #[error("the {0} comes from the generator and must be absent")]
    Superfluous(Part),
    /// A part does not lead to the committed root.
    #[error("the {0} is not the one committed to")]
    NotCommitted(Part),
    /// The committed entry does not follow from the committed operands. This is provable.
    #[error("the entry is {committed}, where {follows} follows from its operands")]
    FalseEntry {
        /// What follows from the operands.
        follows: i8,
        /// What the device committed to.
        committed: i8,
    },
    /// The committed state of a lane does not follow from the state before and the chunk read. This is
    /// provable.
    #[error("the state after read {read} is {committed:#018x}, where {follows:#018x} follows from the chunk")]
    FalseRead {
        /// The read, from 0.
        read: usize,
        /// What follows from the state before and the chunk.
        follows: u64,
        /// What the device committed to.
        committed: u64,
    },
}

impl Flaw {
    /// Whether the opening proves to anyone that the device committed to something false.
    pub fn is_fraud(&self) -> bool {
        matches!(self, Self::FalseEntry { .. } | Self::FalseRead { .. })
    }
}

/// Checks the device's last answer.
///
/// `openings` is read as it is checked: at most the opening of one entry, two rows and a chunk (36 KB at n =
/// 16,384), or one chunk of a lane is in memory at a time. A caller that reads from the network bounds the
/// input by [`Openings::max_encoded_len_for`](crate::Openings::max_encoded_len_for) and by the profile's
/// limit.
///
/// # Errors
/// The first opening that is not as it must be. Nothing is accepted that [`Openings`](crate::Openings) would
/// not encode to, byte for byte.
pub fn verify(
    geometry: &Geometry,
    claim: &Claim,
    sample_seed: &Seed,
    openings: &mut impl Input,
) -> Result<(), Rejection> {
    let mut checker = Checker::new(geometry, claim, sample_seed);
    while !checker.is_done() {
        checker.check_next(openings)?;
    }

    // All that was asked for has been checked. Whatever keeps the input from giving another byte, nothing is
    // missing.
    match openings.read_byte() {
        Ok(_) => Err(Rejection::unproven(Place::Message, Flaw::TrailingBytes)),
        Err(_) => Ok(()),
    }
}

/// Checks the device's last answer part by part. A part is a number of openings, the opening of one entry, the
/// trace of a lane with its path, or the chunk of one read.
#[derive(Clone, Debug)]
pub struct Checker {
    geometry: Geometry,
    claim: Claim,
    sample: Sample,
    next: Next,
    /// The walk's keys, from the first lane on.
    walker: Option<Walker>,
    /// The trace of the lane whose reads are being checked, and its path.
    trace: Trace,
    path: Path,
}

/// The part that is to be checked next.
#[derive(Clone, Copy, Debug)]
enum Next {
    EntryCount,
    Entry(usize),
    LaneCount,
    Trace(usize),
    Read { index: usize, read: usize },
    Nothing,
}

impl Checker {
    /// Prepares to check what the seed of a sample asks for.
    pub fn new(geometry: &Geometry, claim: &Claim, sample_seed: &Seed) -> Self {
        Self {
            geometry: *geometry,
            claim: *claim,
            sample: Sample::draw(geometry, sample_seed),
            next: Next::EntryCount,
            walker: None,
            trace: [0; WALK_READS],
            path: Path::new(),
        }
    }

    /// Whether everything that was asked for has been checked, and found right. What follows in the input, if
    /// anything does, makes the whole answer wrong ([`Flaw::TrailingBytes`]): that is for the caller to check.
    pub fn is_done(&self) -> bool {
        matches!(self.next, Next::Nothing)
    }

    /// How many bytes the next part has if it is right. With fewer, [`check_next`](Self::check_next) rejects it.
    pub fn next_len(&self) -> usize {
        let geometry = &self.geometry;
        match self.next {
            Next::EntryCount => compact_len(self.sample.entries.len()),
            Next::Entry(index) => {
                let matrix = self.sample.entries[index].matrix;
                let row = |matrix: u32| {
                    let opened = matrix >= FIRST_MATRIX;
                    1 + if opened { row_opening_len(geometry) } else { 0 }
                };
                row(matrix - 1) + row(matrix - 2) + chunk_opening_len(geometry)
            }
            Next::LaneCount => compact_len(self.sample.lanes.len()),
            Next::Trace(_) => trace_len(geometry),
            Next::Read { .. } => chunk_opening_len(geometry),
            Next::Nothing => 0,
        }
    }

    /// Reads and checks the next part. After the last one it does nothing.
    ///
    /// # Errors
    /// The part is not as it must be. There is no point in reading on, and every further part is rejected or right on
    /// its own.
    pub fn check_next(&mut self, openings: &mut impl Input) -> Result<(), Rejection> {
        self.next = match self.next {
            Next::EntryCount => {
                read_count(openings, self.sample.entries.len())
                    .map_err(|flaw| Rejection::unproven(Place::Message, flaw))?;
                Next::Entry(0)
            }
            Next::Entry(index) => {
                self.check_entry(index, openings)?;
                if index + 1 < self.sample.entries.len() {
                    Next::Entry(index + 1)
                } else {
                    Next::LaneCount
                }
            }
            Next::LaneCount => {
                read_count(openings, self.sample.lanes.len())
                    .map_err(|flaw| Rejection::unproven(Place::Message, flaw))?;
                Next::Trace(0)
            }
            Next::Trace(index) => {
                self.check_trace(index, openings)?;
                Next::Read { index, read: 0 }
            }
            Next::Read { index, read } => {
                self.check_read(index, read, openings)?;
                if read + 1 < WALK_READS {
                    Next::Read {
                        index,
                        read: read + 1,
                    }
                } else if index + 1 < self.sample.lanes.len() {
                    Next::Trace(index + 1)
                } else {
                    Next::Nothing
                }
            }
            Next::Nothing => Next::Nothing,
        };
        Ok(())
    }

    fn check_entry(&self, index: usize, openings: &mut impl Input) -> Result<(), Rejection> {
        let entry = self.sample.entries[index];
        let place = Place::Entry { index, entry };
        let opening = read(openings).map_err(|flaw| Rejection::unproven(place, flaw))?;
        check_entry(&self.geometry, &self.claim, entry, &opening).map_err(|flaw| Rejection {
            place,
            flaw,
            proof: flaw
                .is_fraud()
                .then(|| Box::new(FraudProof::Entry { entry, opening })),
        })
    }

    fn check_trace(&mut self, index: usize, openings: &mut impl Input) -> Result<(), Rejection> {
        let lane = self.sample.lanes[index];
        let place = Place::Lane { index, lane };
        let rejected = |flaw| Rejection::unproven(place, flaw);
        self.trace = read(openings).map_err(rejected)?;
        self.path = read(openings).map_err(rejected)?;
        check_trace(&self.geometry, &self.claim, lane, &self.trace, &self.path).map_err(rejected)
    }

    fn check_read(
        &mut self,
        index: usize,
        number: usize,
        openings: &mut impl Input,
    ) -> Result<(), Rejection> {
        let lane = self.sample.lanes[index];
        let place = Place::Lane { index, lane };
        let chunk: ChunkOpening = read(openings).map_err(|flaw| Rejection::unproven(place, flaw))?;
        let (geometry, claim) = (&self.geometry, &self.claim);
        let walker = self
            .walker
            .get_or_insert_with(|| Walker::new(geometry, &claim.walk_seed));
        check_read(geometry, walker, claim, lane, &self.trace, number, &chunk).map_err(|flaw| Rejection {
            place,
            flaw,
            proof: flaw.is_fraud().then(|| {
                Box::new(FraudProof::Read {
                    lane,
                    // Below WALK_READS, which is 32.
                    read: number as u8,
                    trace: self.trace,
                    path: self.path.clone(),
                    chunk,
                })
            }),
        })
    }
}

/// Reads a part of the openings.
fn read<T: Decode>(openings: &mut impl Input) -> Result<T, Flaw> {
    T::decode(openings).map_err(|_| Flaw::Unreadable)
}

/// Reads how many openings follow. A sample has at most 64 entries and 16 lanes.
fn read_count(openings: &mut impl Input, expected: usize) -> Result<(), Flaw> {
    let Compact(found) = read::<Compact<u32>>(openings)?;
    let expected = expected as u32;
    if found == expected {
        Ok(())
    } else {
        Err(Flaw::Count { expected, found })
    }
}

/// Whether an entry follows from its operands.
pub(crate) fn check_entry(
    geometry: &Geometry,
    claim: &Claim,
    entry: Entry,
    opening: &EntryOpening,
) -> Result<(), Flaw> {
    let Entry { matrix, row, column } = entry;
    let left = operand(
        geometry,
        claim,
        matrix - 1,
        row,
        opening.left.as_ref(),
        Part::Left,
    )?;
    let right = operand(
        geometry,
        claim,
        matrix - 2,
        column,
        opening.right.as_ref(),
        Part::Right,
    )?;
    let index = geometry.chunk_index(matrix, row, column);
    check_chunk(geometry, claim, index, &opening.chunk, Part::Chunk)?;

    let follows = recurrence::masked(
        recurrence::dot(&left, &right),
        recurrence::row_key(&claim.seed, matrix, row),
        recurrence::column_key(&claim.seed, matrix, column),
    );
    let committed = opening.chunk.chunk[column as usize % geometry.chunk_len()];
    if follows == committed {
        Ok(())
    } else {
        Err(Flaw::FalseEntry {
            follows: follows as i8,
            committed: committed as i8,
        })
    }
}

/// A row of an operand: made, where the matrix comes from the generator, or opened.
fn operand<'a>(
    geometry: &Geometry,
    claim: &Claim,
    matrix: u32,
    row: u32,
    opening: Option<&'a RowOpening>,
    part: Part,
) -> Result<Cow<'a, [u8]>, Flaw> {
    if matrix < FIRST_MATRIX {
        if opening.is_some() {
            return Err(Flaw::Superfluous(part));
        }
        let mut made = vec![0; geometry.row_len()];
        recurrence::operand_row(&claim.seed, matrix, row, &mut made);
        return Ok(made.into());
    }
    let RowOpening { row: bytes, path } = opening.ok_or(Flaw::Missing(part))?;
    check_len(part, geometry.row_len(), bytes.len())?;
    check_len(part, geometry.row_path_len(), path.len())?;
    let node = merkle::row_node(bytes, geometry.chunk_len());
    check_root(
        part,
        &claim.state_root,
        merkle::root(node, geometry.row_index(matrix, row), path),
    )?;
    Ok(bytes.as_slice().into())
}

/// Whether a trace is the one that the device committed to.
pub(crate) fn check_trace(
    geometry: &Geometry,
    claim: &Claim,
    lane: u32,
    trace: &Trace,
    path: &[Hash],
) -> Result<(), Flaw> {
    check_len(Part::Trace, geometry.lane_path_len(), path.len())?;
    check_root(
        Part::Trace,
        &claim.walk_root,
        merkle::root(merkle::lane_leaf(trace), u64::from(lane), path),
    )
}

/// Whether one read of a committed trace, below [`WALK_READS`], follows from the state before it.
pub(crate) fn check_read(
    geometry: &Geometry,
    walker: &Walker,
    claim: &Claim,
    lane: u32,
    trace: &Trace,
    read: usize,
    opening: &ChunkOpening,
) -> Result<(), Flaw> {
    let before = walker.before(lane, trace, read);
    check_chunk(geometry, claim, walker.address(before), opening, Part::Read(read))?;
    let follows = walker.next(before, &opening.chunk);
    let committed = trace[read];
    if follows == committed {
        Ok(())
    } else {
        Err(Flaw::FalseRead {
            read,
            follows,
            committed,
        })
    }
}

/// Whether a chunk is the one that the device committed to.
fn check_chunk(
    geometry: &Geometry,
    claim: &Claim,
    index: u64,
    opening: &ChunkOpening,
    part: Part,
) -> Result<(), Flaw> {
    let ChunkOpening { chunk, path } = opening;
    check_len(part, geometry.chunk_len(), chunk.len())?;
    check_len(part, geometry.chunk_path_len(), path.len())?;
    check_root(
        part,
        &claim.state_root,
        merkle::root(merkle::chunk_leaf(chunk), index, path),
    )
}

fn check_len(part: Part, expected: usize, found: usize) -> Result<(), Flaw> {
    if found == expected {
        Ok(())
    } else {
        Err(Flaw::Length {
            part,
            expected,
            found,
        })
    }
}

fn check_root(part: Part, committed: &Hash, found: Hash) -> Result<(), Flaw> {
    if found == *committed {
        Ok(())
    } else {
        Err(Flaw::NotCommitted(part))
    }
}
