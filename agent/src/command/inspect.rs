//! Shows a key and what to register devices with.

use super::devices::{count, open};
use crate::{agent::address, cli::BackendOptions, key};
use sp_core::{Pair, bytes::to_hex, sr25519};

/// Shows the key, and the parameters of `devices.registerDevice` for each GPU.
pub fn run(pair: &sr25519::Pair, options: &BackendOptions, cpu_devices: u32) -> Result<(), String> {
    show_key(pair);
    for ordinal in 0..count(options, cpu_devices)? {
        let device = open(options, &pair.public(), ordinal)?;
        println!("\nGPU {ordinal}: {}, {}", device.name(), device.uuid());
        println!("devices.registerDevice(");
        println!("  pool:     the number of the pool of its class,");
        println!("  agentKey: {},", to_hex(&pair.public().0, false));
        println!("  endpoint: where this agent answers, as https://gpu-7.example.org:8443,");
        println!("  gpuId:    {}", to_hex(&key::gpu_id(&device.uuid()), false));
        println!(")");
    }
    Ok(())
}

/// Shows the public half of a key.
pub fn show_key(pair: &sr25519::Pair) {
    println!("Public key: {}", to_hex(&pair.public().0, false));
    println!("As address: {} (it needs no balance)", address(&pair.public().0));
}
