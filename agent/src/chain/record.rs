//! How a device is registered.

use codec::{Decode, Encode};
use loopin_primitives::{DeviceId, PoolId, Standing};
use sp_crypto_hashing::{twox_64, twox_128};

/// What the registry of the chain says about a device: the beginning of what `pallet-devices` keeps, as far as an
/// agent needs it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DeviceRecord {
    /// Whose it is.
    pub owner: [u8; 32],
    /// The pool it was registered for.
    pub pool: PoolId,
    /// The key with which its agent must sign.
    pub agent_key: [u8; 32],
    /// Where verifiers call its agent.
    pub endpoint: Vec<u8>,
    /// The hash of the GPU's UUID.
    pub gpu_id: [u8; 32],
    /// How it stands with verification.
    pub standing: Standing,
}

impl DeviceRecord {
    /// Where the chain keeps it.
    pub fn storage_key(device: DeviceId) -> Vec<u8> {
        let id = device.encode();
        [
            &twox_128(b"Devices")[..],
            &twox_128(b"Devices"),
            &twox_64(&id),
            &id,
        ]
        .concat()
    }

    /// Its endpoint as text.
    pub fn endpoint(&self) -> String {
        String::from_utf8_lossy(&self.endpoint).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pallet_devices::Device;
    use sp_core::{H256, bytes::to_hex, sr25519};

    #[test]
    fn the_record_is_read_from_what_the_pallet_writes() {
        let device = Device {
            owner: [1u8; 32],
            pool: 2,
            agent_key: sr25519::Public::from_raw([3; 32]),
            endpoint: b"https://gpu.example.org".to_vec().try_into().unwrap(),
            gpu_id: H256([4; 32]),
            standing: Standing::Suspended,
            staked: true,
            check_requested: false,
            deposit: 5,
            registered_at: 6,
            verified_since: Some(7),
        };
        let record = DeviceRecord::decode(&mut &device.encode()[..]).unwrap();
        let expected = DeviceRecord {
            owner: [1; 32],
            pool: 2,
            agent_key: [3; 32],
            endpoint: device.endpoint.to_vec(),
            gpu_id: [4; 32],
            standing: Standing::Suspended,
        };
        assert_eq!(record, expected);
        assert_eq!(record.endpoint(), "https://gpu.example.org");
    }

    #[test]
    fn the_key_is_that_of_the_map_devices_of_the_pallet_devices() {
        let key = to_hex(&DeviceRecord::storage_key(7), false);
        let prefix = to_hex(&twox_128(b"Devices"), false);
        assert!(key.starts_with(&format!("{prefix}{}", &prefix[2..])), "{key}");
        assert!(key.ends_with("07000000"), "{key}");
    }
}
