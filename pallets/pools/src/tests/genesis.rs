//! Pools that exist from genesis on.

use crate::{mock::*, *};
use frame_support::traits::BuildGenesisConfig;

fn pool(symbol: &str, anchor: u128) -> GenesisPool<AccountId> {
    GenesisPool {
        creator: ALICE,
        name: "A class".into(),
        symbol: symbol.into(),
        anchor,
        price_per_gpu_hour: LOOPIN,
        terms: terms(),
    }
}

#[test]
fn pools_of_the_genesis_are_numbered_in_their_order() {
    run(|| {
        GenesisConfig::<Test> {
            pools: vec![pool("ONE", LOOPIN), pool("TWO", 2 * LOOPIN)],
        }
        .build();
        assert_eq!(Pools::<Test>::get(0).unwrap().anchor, LOOPIN);
        assert_eq!(Pools::<Test>::get(1).unwrap().anchor, 2 * LOOPIN);
        assert_eq!(NextPoolId::<Test>::get(), 2);
    });
}

#[test]
#[should_panic(expected = "the pool CLASS cannot be created")]
fn a_pool_that_its_creator_cannot_afford_stops_the_genesis() {
    run(|| {
        GenesisConfig::<Test> {
            pools: vec![pool("CLASS", 2 * ENDOWMENT)],
        }
        .build()
    });
}
