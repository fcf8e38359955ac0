//! Reports validators that make two blocks in one slot.
//!
//! The SDK's BABE looks for them too, but while it imports a block, when the signature has already been taken off the
//! header: no runtime accepts what it reports. So its reports are dropped, and ours have the headers as they were signed.

use crate::service::{FullClient, FullPool};
use jsonrpsee::core::async_trait;
use loopin_runtime::{Header, opaque::Block};
use sc_client_api::HeaderBackend;
use sc_consensus::{BlockCheckParams, BlockImport, BlockImportParams, ImportResult};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_api::{ApiExt, ProvideRuntimeApi};
use sp_consensus::BlockOrigin;
use sp_consensus_babe::{BabeApi, EquivocationProof, Slot, check_equivocation_proof};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// How many headers are remembered. A validator cannot make the node remember more than one for a slot.
const REMEMBERED: usize = 1_000;

/// Imports blocks, and reports the author of a second one in a slot.
#[derive(Clone)]
pub struct EquivocationWatch<Inner> {
    inner: Inner,
    client: Arc<FullClient>,
    transactions: OffchainTransactionPoolFactory<Block>,
    seen: Arc<Mutex<Seen>>,
}

impl<Inner> EquivocationWatch<Inner> {
    /// Watches the blocks that `inner` imports. Reports go into `pool`, for the blocks of this node.
    pub fn new(inner: Inner, client: Arc<FullClient>, pool: Arc<FullPool>) -> Self {
        EquivocationWatch {
            inner,
            client,
            transactions: OffchainTransactionPoolFactory::new(pool),
            seen: Arc::default(),
        }
    }

    /// Looks at the signed header of an imported block. Returns who was reported, and for which slot.
    fn look_at(&self, header: Header) -> Result<Option<(String, Slot)>, String> {
        let author = sc_consensus_babe::find_pre_digest::<Block>(&header)
            .map(|digest| (digest.slot(), digest.authority_index()))
            .map_err(|error| error.to_string())?;
        let first = match self.seen.lock() {
            Ok(mut seen) => seen.another(author, &header),
            Err(_) => return Err("another thread ended while it looked".into()),
        };
        let Some(first) = first else { return Ok(None) };
        self.report(author, first, header)
    }

    fn report(
        &self,
        (slot, authority_index): (Slot, u32),
        first_header: Header,
        second_header: Header,
    ) -> Result<Option<(String, Slot)>, String> {
        // In the block's own state, the session is that of its slot.
        let block = second_header.hash();
        let failed = |error: sp_api::ApiError| error.to_string();
        let epoch = self.client.runtime_api().current_epoch(block).map_err(failed)?;
        let Some((offender, _)) = epoch.authorities.get(authority_index as usize).cloned() else {
            return Ok(None);
        };
        let proof = EquivocationProof {
            offender: offender.clone(),
            slot,
            first_header,
            second_header,
        };
        // The same number can mean somebody else on another fork.
        if !check_equivocation_proof(proof.clone()) {
            return Ok(None);
        }
        let key_owner = self
            .client
            .runtime_api()
            .generate_key_ownership_proof(block, slot, offender.clone())
            .map_err(failed)?
            .ok_or("nobody owns the key of its author")?;

        let best = self.client.info().best_hash;
        let mut api = self.client.runtime_api();
        api.register_extension(self.transactions.offchain_transaction_pool(best));
        api.submit_report_equivocation_unsigned_extrinsic(best, proof, key_owner)
            .map_err(failed)?;
        Ok(Some((offender.to_string(), slot)))
    }
}

#[async_trait]
impl<Inner: BlockImport<Block> + Send + Sync> BlockImport<Block> for EquivocationWatch<Inner> {
    type Error = Inner::Error;

    async fn check_block(&self, block: BlockCheckParams<Block>) -> Result<ImportResult, Self::Error> {
        self.inner.check_block(block).await
    }

    async fn import_block(&self, block: BlockImportParams<Block>) -> Result<ImportResult, Self::Error> {
        // What comes while the node catches up is too old to be reported.
        let recent = matches!(
            block.origin,
            BlockOrigin::Own | BlockOrigin::NetworkBroadcast | BlockOrigin::ConsensusBroadcast
        );
        let header = recent.then(|| block.post_header());
        let result = self.inner.import_block(block).await?;
        if let (Some(header), ImportResult::Imported(_)) = (header, &result) {
            match self.look_at(header) {
                Ok(Some((offender, slot))) => {
                    log::warn!(
                        "Reported the validator with the key {offender}: it made two blocks in slot {slot}"
                    );
                }
                Ok(None) => {}
                Err(error) => log::warn!("Could not find out whether a validator made two blocks: {error}"),
            }
        }
        Ok(result)
    }
}

/// The first signed header of each author in each of the last slots.
#[derive(Default)]
struct Seen(BTreeMap<(Slot, u32), Header>);

impl Seen {
    /// Returns the other header if `header` is the second of its author and slot, and remembers a first one.
    fn another(&mut self, author: (Slot, u32), header: &Header) -> Option<Header> {
        let first = self.0.entry(author).or_insert_with(|| header.clone());
        let other = (first != header).then(|| first.clone());
        while self.0.len() > REMEMBERED {
            self.0.pop_first();
        }
        other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sp_runtime::traits::Header as _;

    fn header(number: u32) -> Header {
        Header::new(
            number,
            Default::default(),
            Default::default(),
            Default::default(),
            Default::default(),
        )
    }

    #[test]
    fn the_second_header_of_an_author_in_a_slot_is_found() {
        let mut seen = Seen::default();
        assert_eq!(seen.another((7.into(), 0), &header(1)), None);
        assert_eq!(seen.another((7.into(), 0), &header(1)), None, "the same again");
        assert_eq!(seen.another((7.into(), 1), &header(2)), None, "another author");
        assert_eq!(seen.another((8.into(), 0), &header(2)), None, "another slot");
        assert_eq!(seen.another((7.into(), 0), &header(2)), Some(header(1)));
        assert_eq!(seen.another((7.into(), 0), &header(3)), Some(header(1)));
    }

    #[test]
    fn the_oldest_headers_are_forgotten() {
        let mut seen = Seen::default();
        for slot in 0..=REMEMBERED as u64 {
            seen.another((slot.into(), 0), &header(1));
        }
        assert_eq!(seen.0.len(), REMEMBERED);
        assert_eq!(seen.another((0.into(), 0), &header(2)), None, "forgotten");
        assert_eq!(seen.another((1.into(), 0), &header(2)), Some(header(1)));
    }
}
