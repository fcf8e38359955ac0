//! A Merkle tree in the device's memory: all levels, from the digests it is made of up to the root. It is the
//! tree of [`loopin_challenge::opener::Tree`].

use crate::{
    CudaError,
    machine::{Address, Arguments, Kernel, Machine, Memory},
};
use loopin_challenge::{Hash, merkle::MISSING};

const DIGEST_BYTES: u64 = size_of::<Hash>() as u64;
/// What the `gather` kernel counts in.
const UNIT_BYTES: u64 = 16;

/// Digests in each level above `leaves` digests, these first and the root last.
fn level_sizes(leaves: u64) -> Vec<u64> {
    let mut sizes = vec![leaves];
    let mut size = leaves;
    while size > 1 {
        size = size.div_ceil(2);
        sizes.push(size);
    }
    sizes
}

/// Bytes of a tree over that many leaves.
pub(crate) fn tree_bytes(leaves: u64) -> u64 {
    level_sizes(leaves).iter().sum::<u64>() * DIGEST_BYTES
}

/// The tree.
pub(crate) struct DeviceTree<M: Machine> {
    memory: M::Memory,
    /// Places of a path's siblings, and after these what was gathered.
    path: M::Memory,
    /// For each level, the digests before it in the memory, and those in it.
    levels: Vec<(u64, u64)>,
}

impl<M: Machine> DeviceTree<M> {
    /// Takes memory for a tree over that many leaves.
    pub(crate) fn allocate(machine: &M, leaves: u64) -> Result<Self, CudaError> {
        let sizes = level_sizes(leaves);
        let levels: Vec<(u64, u64)> = sizes
            .iter()
            .scan(0, |before, &size| {
                let level = (*before, size);
                *before += size;
                Some(level)
            })
            .collect();
        Ok(Self {
            memory: machine.allocate(tree_bytes(leaves))?,
            path: machine.allocate(levels.len() as u64 * (8 + DIGEST_BYTES) + UNIT_BYTES)?,
            levels,
        })
    }

    /// Where digest number `index` of level `height` is.
    fn digest(&self, height: usize, index: u64) -> Address {
        self.memory.address() + (self.levels[height].0 + index) * DIGEST_BYTES
    }

    /// Where leaf number `index` is, or has to be written.
    pub(crate) fn leaf(&self, index: u64) -> Address {
        self.digest(0, index)
    }

    /// Makes all levels above the leaves, and waits for the root.
    pub(crate) fn build(&self, machine: &M) -> Result<Hash, CudaError> {
        for (height, &(_, count)) in self.levels.iter().enumerate().skip(1) {
            let below = self.levels[height - 1].1;
            let arguments = Arguments::new()
                .word(self.digest(height - 1, 0))
                .word(self.digest(height, 0))
                .word(below);
            machine.launch(Kernel::Parents, Kernel::Parents.blocks(count), &arguments)?;
        }
        let mut root = MISSING;
        machine.read(self.digest(self.levels.len() - 1, 0), &mut root)?;
        Ok(root)
    }

    /// Reads a leaf.
    pub(crate) fn read_leaf(&self, machine: &M, index: u64) -> Result<Hash, CudaError> {
        let mut leaf = MISSING;
        machine.read(self.leaf(index), &mut leaf)?;
        Ok(leaf)
    }

    /// Siblings from leaf number `index` up to the root.
    pub(crate) fn path(&self, machine: &M, index: u64) -> Result<Vec<Hash>, CudaError> {
        let below_root = &self.levels[..self.levels.len() - 1];
        let siblings: Vec<Option<u64>> = below_root
            .iter()
            .enumerate()
            .map(|(height, &(before, count))| {
                let sibling = (index >> height) ^ 1;
                (sibling < count).then_some(before + sibling)
            })
            .collect();
        let mut digests = vec![MISSING; siblings.iter().flatten().count()];
        if !digests.is_empty() {
            self.gather(machine, siblings.iter().flatten(), digests.as_flattened_mut())?;
        }
        let mut digests = digests.into_iter();
        Ok(siblings
            .iter()
            .map(|sibling| sibling.and_then(|_| digests.next()).unwrap_or(MISSING))
            .collect())
    }

    /// Reads digests by their numbers in the memory.
    fn gather<'a>(
        &self,
        machine: &M,
        numbers: impl Iterator<Item = &'a u64>,
        digests: &mut [u8],
    ) -> Result<(), CudaError> {
        let units = DIGEST_BYTES / UNIT_BYTES;
        let places: Vec<u8> = numbers
            .flat_map(|number| (number * units).to_le_bytes())
            .collect();
        let gathered = self.path.address() + self.levels.len() as u64 * 8;
        // The gathered digests must begin at a multiple of 16 too.
        let gathered = gathered.next_multiple_of(UNIT_BYTES);
        let count = places.len() as u64 / 8;
        let arguments = Arguments::new()
            .word(self.memory.address())
            .word(self.path.address())
            .word(gathered)
            .word(units)
            .word(count);
        machine.write(self.path.address(), &places)?;
        machine.launch(Kernel::Gather, Kernel::Gather.blocks(units * count), &arguments)?;
        machine.read(gathered, digests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_halve_up_to_one_root_and_odd_ones_are_rounded_up() {
        assert_eq!(level_sizes(1), [1]);
        assert_eq!(level_sizes(5), [5, 3, 2, 1]);
        assert_eq!(tree_bytes(8), 15 * 32);
    }
}
