//! What clients can call besides the SDK's basic RPC (`author`, `chain`, `state`, `system`, ...).

use crate::service::{FullBackend, FullClient, FullPool, FullSelectChain};
use jsonrpsee::RpcModule;
use loopin_runtime::{AccountId, BlockNumber, Hash, Nonce, opaque::Block};
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_grandpa::{
    FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_rpc::SubscriptionTaskExecutor;
use sp_keystore::KeystorePtr;
use std::{error::Error, sync::Arc};

/// What the consensus RPC looks into.
#[derive(Clone)]
pub struct ConsensusHandles {
    /// Asks the import queue about BABE epochs.
    pub babe_worker: BabeWorkerHandle<Block>,
    /// The node's keys.
    pub keystore: KeystorePtr,
    /// Finds the best chain.
    pub select_chain: FullSelectChain,
    /// The votes of the running GRANDPA rounds.
    pub voter_state: SharedVoterState,
    /// GRANDPA's authorities.
    pub authority_set: SharedAuthoritySet<Hash, BlockNumber>,
    /// Justifications as they come.
    pub justifications: GrandpaJustificationStream<Block>,
    /// Proves that a block is final.
    pub finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
}

/// The calls about accounts and fees, which every node has.
pub fn basic(
    client: Arc<FullClient>,
    pool: Arc<FullPool>,
) -> Result<RpcModule<()>, Box<dyn Error + Send + Sync>> {
    use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
    use substrate_frame_rpc_system::{System, SystemApiServer};

    let mut module = RpcModule::new(());
    module.merge(SystemApiServer::<Hash, AccountId, Nonce>::into_rpc(System::<
        _,
        _,
        Block,
    >::new(
        client.clone(),
        pool,
    )))?;
    module.merge(TransactionPayment::new(client).into_rpc())?;
    Ok(module)
}

/// The calls about BABE and GRANDPA.
pub fn consensus(
    client: Arc<FullClient>,
    handles: ConsensusHandles,
    executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, Box<dyn Error + Send + Sync>> {
    use sc_consensus_babe_rpc::{Babe, BabeApiServer};
    use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};

    let mut module = RpcModule::new(());
    module.merge(
        Babe::new(
            client,
            handles.babe_worker,
            handles.keystore,
            handles.select_chain,
        )
        .into_rpc(),
    )?;
    module.merge(
        Grandpa::new(
            executor,
            handles.authority_set,
            handles.voter_state,
            handles.justifications,
            handles.finality_proofs,
        )
        .into_rpc(),
    )?;
    Ok(module)
}
