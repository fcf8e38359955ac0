//! Brings up the devices that the command line names.

use crate::{
    backend::{
        Backend,
        cpu::Cpu,
        cuda::{self, Cuda},
    },
    cli::{AgentOptions, BackendKind, BackendOptions, DeviceOption},
    key,
};
use loopin_primitives::DeviceId;
use sp_core::sr25519;
use std::{collections::BTreeSet, thread};
use tracing::error;

/// Which GPU is which device.
///
/// # Errors
/// A device or a GPU is named twice, or none is.
pub fn assign(devices: &[DeviceOption]) -> Result<Vec<(DeviceId, u32)>, String> {
    if devices.is_empty() {
        return Err(
            "no device is given: pass --device with its number on the chain, as --device 17=0".into(),
        );
    }
    let assigned: Vec<(DeviceId, u32)> = (0..)
        .zip(devices)
        .map(|(position, device)| (device.id, device.ordinal.unwrap_or(position)))
        .collect();
    let (mut ids, mut ordinals) = (BTreeSet::new(), BTreeSet::new());
    for &(id, ordinal) in &assigned {
        if !ids.insert(id) {
            return Err(format!("device {id} is given twice"));
        }
        if !ordinals.insert(ordinal) {
            return Err(format!(
                "GPU {ordinal} is given to two devices: a device is one GPU"
            ));
        }
    }
    Ok(assigned)
}

/// Number of GPUs of this machine. Of processors there are as many as somebody wants.
///
/// # Errors
/// They cannot be counted.
pub(super) fn count(options: &BackendOptions, cpu_devices: u32) -> Result<u32, String> {
    match options.backend {
        BackendKind::Cpu => Ok(cpu_devices),
        BackendKind::Cuda => cuda::count().map_err(|error| error.to_string()),
    }
}

/// Opens one GPU of this machine.
///
/// # Errors
/// It is not there, or does not work.
pub fn open(
    options: &BackendOptions,
    key: &sr25519::Public,
    ordinal: u32,
) -> Result<Box<dyn Backend>, String> {
    match options.backend {
        BackendKind::Cpu => {
            let threads = match options.threads {
                0 => thread::available_parallelism().map_or(1, usize::from),
                threads => threads,
            };
            let cpu = Cpu::new(key::cpu_uuid(key, ordinal), threads).map_err(|error| error.to_string())?;
            Ok(Box::new(cpu))
        }
        BackendKind::Cuda => {
            let gpu = Cuda::open(ordinal).map_err(|error| error.to_string())?;
            Ok(Box::new(gpu))
        }
    }
}

/// A device that is open: its number on the chain, the GPU's on this machine, and the GPU.
pub(super) type OpenDevice = (DeviceId, u32, Box<dyn Backend>);

/// Opens the devices of an agent. One that does not work is left out, so that the others are served, unless none works.
pub(super) fn open_all(options: &AgentOptions, key: &sr25519::Public) -> Result<Vec<OpenDevice>, String> {
    let (mut opened, mut refusals) = (Vec::new(), Vec::new());
    for (id, ordinal) in assign(&options.devices)? {
        match open(&options.backend, key, ordinal) {
            Ok(device) => opened.push((id, ordinal, device)),
            Err(refusal) => refusals.push(format!("device {id}, GPU {ordinal}: {refusal}")),
        }
    }
    if opened.is_empty() {
        return Err(refusals.join("; "));
    }
    for refusal in refusals {
        error!("Left out until the agent is started again: {refusal}");
    }
    Ok(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn devices(texts: &[&str]) -> Vec<DeviceOption> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn gpus_are_counted_where_they_are_not_named() {
        assert_eq!(assign(&devices(&["7", "9"])), Ok(vec![(7, 0), (9, 1)]));
        assert_eq!(assign(&devices(&["7=1", "9=0"])), Ok(vec![(7, 1), (9, 0)]));
    }

    #[test]
    fn a_device_or_gpu_given_twice_is_refused() {
        assert!(assign(&[]).unwrap_err().contains("--device"));
        assert!(assign(&devices(&["7", "7"])).unwrap_err().contains("device 7"));
        assert!(assign(&devices(&["7=1", "9"])).unwrap_err().contains("GPU 1"));
    }
}
