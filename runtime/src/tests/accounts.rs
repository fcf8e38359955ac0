//! What a proxy may do.

use crate::{RuntimeCall, configs::ProxyType};
use frame_support::traits::InstanceFilter;
use sp_keyring::Sr25519Keyring;

fn transfer() -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: Sr25519Keyring::Bob.to_account_id().into(),
        value: 1,
    })
}

fn leave() -> RuntimeCall {
    RuntimeCall::Validators(pallet_validators::Call::leave {})
}

#[test]
fn only_an_unrestricted_proxy_transfers() {
    assert!(ProxyType::Any.filter(&transfer()));
    for restricted in [
        ProxyType::NonTransfer,
        ProxyType::Governance,
        ProxyType::Validator,
        ProxyType::CancelProxy,
        ProxyType::Market,
    ] {
        assert!(
            !restricted.filter(&transfer()),
            "{restricted:?} does not transfer"
        );
    }
}

#[test]
fn a_validator_proxy_minds_the_bond_and_nothing_else() {
    assert!(ProxyType::Validator.filter(&leave()));
    assert!(!ProxyType::Governance.filter(&leave()));
    assert!(!ProxyType::Validator.filter(&RuntimeCall::Proxy(pallet_proxy::Call::remove_proxies {})));
}

#[test]
fn a_market_proxy_minds_devices_and_rentals_and_nothing_else() {
    let rent = RuntimeCall::Rentals(pallet_rentals::Call::complete { rental: 0 });
    assert!(ProxyType::Market.filter(&rent));
    assert!(!ProxyType::NonTransfer.filter(&rent), "it spends LOOPIN");
    assert!(!ProxyType::Market.filter(&leave()));
    assert!(!ProxyType::NonTransfer.is_superset(&ProxyType::Market));
}

#[test]
fn a_restricted_proxy_cannot_name_a_stronger_one() {
    for restricted in [
        ProxyType::NonTransfer,
        ProxyType::Governance,
        ProxyType::Validator,
        ProxyType::CancelProxy,
        ProxyType::Market,
    ] {
        assert!(ProxyType::Any.is_superset(&restricted));
        assert!(!restricted.is_superset(&ProxyType::Any));
    }
    assert!(!ProxyType::Governance.is_superset(&ProxyType::Validator));
}
