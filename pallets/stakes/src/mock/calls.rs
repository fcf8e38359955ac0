//! The calls, as tests make them.

use super::*;
use frame_support::dispatch::DispatchResult;
use loopin_primitives::CertificateId;
use sp_runtime::traits::Dispatchable;

/// What a call comes to that `who` sends, as on the chain: what fails changes nothing.
pub fn call(who: AccountId, call: Call<Test>) -> DispatchResult {
    RuntimeCall::Stakes(call)
        .dispatch(RuntimeOrigin::signed(who))
        .map(|_| ())
        .map_err(|error| error.error)
}

/// `burn_for_certificate` with no bound.
pub fn burn(who: AccountId, pool: PoolId, gpu_seconds: u128) -> DispatchResult {
    call(
        who,
        Call::burn_for_certificate {
            pool,
            gpu_seconds,
            max_burn: Balance::MAX,
        },
    )
}

/// `remove_certificate`.
pub fn remove_certificate(who: AccountId, certificate: CertificateId) -> DispatchResult {
    call(who, Call::remove_certificate { certificate })
}

/// `stake`.
pub fn stake(
    who: AccountId,
    device: DeviceId,
    certificate: CertificateId,
    duration_seconds: u64,
    intent: Intent,
) -> DispatchResult {
    call(
        who,
        Call::stake {
            device,
            certificate,
            duration_seconds,
            intent,
        },
    )
}

/// `add_liquidity` with no bound.
pub fn add_liquidity(who: AccountId, position: PositionId) -> DispatchResult {
    call(
        who,
        Call::add_liquidity {
            position,
            max_loopin: Balance::MAX,
        },
    )
}

/// `sell_hours` with no bound.
pub fn sell_hours(who: AccountId, position: PositionId, gpu_seconds: u64) -> DispatchResult {
    call(
        who,
        Call::sell_hours {
            position,
            gpu_seconds,
            min_proceeds: 0,
        },
    )
}

/// `claim`.
pub fn claim(who: AccountId, position: PositionId) -> DispatchResult {
    call(who, Call::claim { position })
}

/// `drain`.
pub fn drain(who: AccountId, device: DeviceId) -> DispatchResult {
    call(who, Call::drain { device })
}

/// `undrain`.
pub fn undrain(who: AccountId, device: DeviceId) -> DispatchResult {
    call(who, Call::undrain { device })
}

/// `withdraw_liquidity` with no bound.
pub fn withdraw(who: AccountId, position: PositionId) -> DispatchResult {
    call(
        who,
        Call::withdraw_liquidity {
            position,
            min_returned: 0,
        },
    )
}

/// `close`.
pub fn close(who: AccountId, position: PositionId) -> DispatchResult {
    call(who, Call::close { position })
}

/// Burns for a certificate of the device's pool, and stakes the device. Returns the position.
pub fn staked(device: DeviceId, seconds: u64, intent: Intent) -> PositionId {
    let info = Devices::device(device).unwrap();
    let certificate = NextCertificateId::<Test>::get();
    burn(info.owner, info.pool, seconds.into()).unwrap();
    stake(info.owner, device, certificate, seconds, intent).unwrap();
    StakeOf::<Test>::get(device).unwrap()
}

/// Stakes the device and adds its time to its pool as liquidity. Returns the position.
pub fn provided(device: DeviceId) -> PositionId {
    let position = staked(device, PROVIDE_SECONDS, Intent::Provide);
    add_liquidity(owner_of_device(device), position).unwrap();
    position
}

/// Stakes the device for some days and sells that many seconds of its time. Returns the position.
pub fn sold(device: DeviceId, days: u64, gpu_seconds: u64) -> PositionId {
    let position = staked(device, days * DAY, Intent::Sell);
    sell_hours(owner_of_device(device), position, gpu_seconds).unwrap();
    position
}
