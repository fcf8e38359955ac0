//! Calls of other pallets that touch the same money: transfers, vesting, proxies, batches, and what owners of hour
//! tokens and stake tokens can try with them.

use super::{Dice, Proposal, random_call};
use crate::{AccountId, Runtime, RuntimeCall, configs::ProxyType};
use pallet_vesting::VestingInfo;

pub fn money_call(dice: &mut Dice) -> Proposal {
    let call = match dice.below(12) {
        0..=3 => transfer(dice),
        4..=5 => vesting(dice),
        6 => proxy_management(dice),
        7..=9 => hour_token_call(dice),
        _ => return stake_token_call(dice),
    };
    (call, None)
}

fn transfer(dice: &mut Dice) -> RuntimeCall {
    let dest = dice.account().into();
    let value = dice.amount();
    match dice.below(8) {
        0..=1 => pallet_balances::Call::transfer_allow_death { dest, value }.into(),
        2..=4 => pallet_balances::Call::transfer_keep_alive { dest, value }.into(),
        // To whom nothing belongs yet, so that accounts come into being.
        5 => {
            let dest = AccountId::new([dice.below(4) as u8; 32]).into();
            pallet_balances::Call::transfer_keep_alive { dest, value }.into()
        }
        6 => pallet_balances::Call::upgrade_accounts {
            who: vec![dice.account()],
        }
        .into(),
        _ => pallet_balances::Call::burn {
            value,
            keep_alive: dice.one_in(2),
        }
        .into(),
    }
}

fn vesting(dice: &mut Dice) -> RuntimeCall {
    let target = dice.account().into();
    match dice.below(6) {
        0..=1 => pallet_vesting::Call::vest {}.into(),
        2 => pallet_vesting::Call::vest_other { target }.into(),
        3 => pallet_vesting::Call::merge_schedules {
            schedule1_index: 0,
            schedule2_index: 1,
        }
        .into(),
        _ => {
            let blocks = u128::from(1 + dice.below(200_000));
            let locked = dice.amount();
            let starts_at = crate::System::block_number();
            let schedule = VestingInfo::new(locked, locked / blocks, starts_at);
            pallet_vesting::Call::vested_transfer { target, schedule }.into()
        }
    }
}

fn proxy_management(dice: &mut Dice) -> RuntimeCall {
    let delegate = dice.account().into();
    let proxy_type = dice.pick(&[ProxyType::Any, ProxyType::Market, ProxyType::NonTransfer]);
    match dice.below(10) {
        0..=5 => pallet_proxy::Call::add_proxy {
            delegate,
            proxy_type,
            delay: 0,
        }
        .into(),
        6..=8 => pallet_proxy::Call::remove_proxy {
            delegate,
            proxy_type,
            delay: 0,
        }
        .into(),
        _ => pallet_proxy::Call::remove_proxies {}.into(),
    }
}

/// Several calls at once, or a call on behalf of somebody else.
pub fn nested_call(dice: &mut Dice) -> Proposal {
    let (first, whose) = random_call(dice);
    if dice.one_in(3) {
        let proxy = pallet_proxy::Call::proxy {
            real: whose.unwrap_or_else(|| dice.account()).into(),
            force_proxy_type: None,
            call: Box::new(first),
        };
        return (proxy.into(), None);
    }
    let mut calls = vec![first];
    calls.extend((0..dice.below(3)).map(|_| random_call(dice).0));
    let batch: RuntimeCall = match dice.below(3) {
        0 => pallet_utility::Call::batch { calls }.into(),
        1 => pallet_utility::Call::batch_all { calls }.into(),
        _ => pallet_utility::Call::force_batch { calls }.into(),
    };
    (batch, whose)
}

/// What owners of hour tokens may try with them. They must not move.
fn hour_token_call(dice: &mut Dice) -> RuntimeCall {
    let id = dice.pool().into();
    let target = dice.account();
    let amount = dice.pick(&[1, 3_600, 100_000]);
    match dice.below(12) {
        0..=1 => pallet_assets::Call::transfer {
            id,
            target: target.into(),
            amount,
        }
        .into(),
        2 => pallet_assets::Call::transfer_keep_alive {
            id,
            target: target.into(),
            amount,
        }
        .into(),
        3 => pallet_assets::Call::transfer_all {
            id,
            dest: target.into(),
            keep_alive: dice.one_in(2),
        }
        .into(),
        4 => pallet_assets::Call::approve_transfer {
            id,
            delegate: target.into(),
            amount,
        }
        .into(),
        5 => pallet_assets::Call::transfer_approved {
            id,
            owner: target.clone().into(),
            destination: dice.account().into(),
            amount,
        }
        .into(),
        6 => pallet_assets::Call::cancel_approval {
            id,
            delegate: target.into(),
        }
        .into(),
        7..=8 => pallet_assets::Call::touch { id }.into(),
        9 => pallet_assets::Call::refund {
            id,
            allow_burn: dice.one_in(2),
        }
        .into(),
        10 => pallet_assets::Call::burn {
            id,
            who: target.into(),
            amount,
        }
        .into(),
        _ => pallet_assets::Call::mint {
            id,
            beneficiary: target.into(),
            amount,
        }
        .into(),
    }
}

/// What owners of stake tokens may try with them. They must neither move nor vanish.
fn stake_token_call(dice: &mut Dice) -> Proposal {
    let item = dice.position();
    let position = pallet_stakes::Positions::<Runtime>::get(item);
    let pool = position
        .as_ref()
        .map_or_else(|| dice.pool(), |position| position.pool);
    let collection = pallet_stakes::Collections::<Runtime>::get(pool).unwrap_or(pool);
    let somebody = dice.account();
    let key = vec![dice.below(2) as u8].try_into().expect("it is short");
    let call: RuntimeCall = match dice.below(10) {
        0 => pallet_nfts::Call::transfer {
            collection,
            item,
            dest: somebody.into(),
        }
        .into(),
        1 => pallet_nfts::Call::burn { collection, item }.into(),
        2 => pallet_nfts::Call::set_price {
            collection,
            item,
            price: Some(1),
            whitelisted_buyer: None,
        }
        .into(),
        3 => pallet_nfts::Call::buy_item {
            collection,
            item,
            bid_price: 1,
        }
        .into(),
        4 => pallet_nfts::Call::approve_transfer {
            collection,
            item,
            delegate: somebody.into(),
            maybe_deadline: None,
        }
        .into(),
        5 => pallet_nfts::Call::unlock_item_transfer { collection, item }.into(),
        6..=7 => pallet_nfts::Call::set_attribute {
            collection,
            maybe_item: Some(item),
            namespace: pallet_nfts::AttributeNamespace::ItemOwner,
            key,
            value: vec![1].try_into().expect("it is short"),
        }
        .into(),
        8 => pallet_nfts::Call::clear_attribute {
            collection,
            maybe_item: Some(item),
            namespace: pallet_nfts::AttributeNamespace::ItemOwner,
            key,
        }
        .into(),
        _ => pallet_nfts::Call::set_metadata {
            collection,
            item,
            data: vec![1].try_into().expect("it is short"),
        }
        .into(),
    };
    (call, position.map(|position| position.owner))
}
