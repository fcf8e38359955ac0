//! The PTX in the binary is what the sources say, and what the supported drivers and cards take.

use crate::machine::{Kernel, Module};
use sha2::{Digest, Sha256};
use std::fs;

/// Over all sources in a folder of the crate, as in `scripts/build_ptx.py`.
pub(super) fn sources_hash(folder: &str) -> String {
    const ENDS: [&str; 4] = ["cpp", "cu", "cuh", "h"];
    // Cargo runs tests in the folder of their package. A path that is compiled in would be wrong in another clone that
    // uses the same build folder.
    let mut sources: Vec<_> = fs::read_dir(folder)
        .expect("the sources are there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|end| ENDS.iter().any(|known| end == *known))
        })
        .collect();
    sources.sort();
    let mut hasher = Sha256::new();
    for source in sources {
        let name = source.file_name().and_then(|name| name.to_str()).expect("a name");
        let content = fs::read(&source).expect("readable");
        hasher.update(format!("{name} {}\n", content.len()));
        hasher.update(content);
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn every_module_was_made_from_the_sources_as_they_are() {
    let expected = format!("// sources: {}", sources_hash("kernels"));
    for module in Module::ALL {
        assert!(
            module.ptx().lines().any(|line| line == expected),
            "{module:?} is old: run agent/cuda/scripts/build-ptx.sh"
        );
    }
}

#[test]
fn every_module_suits_the_oldest_driver_and_card() {
    for module in Module::ALL {
        let directive = |start: &str| module.ptx().lines().find_map(|line| line.strip_prefix(start));
        // Version 8.0 came with CUDA 12.0, which drivers from 525 on have.
        assert_eq!(directive(".version "), Some("8.0"), "{module:?}");
        assert_eq!(directive(".target "), Some("sm_80"), "{module:?}");
        assert_eq!(directive(".address_size "), Some("64"), "{module:?}");
    }
}

#[test]
fn every_kernel_is_in_its_module_with_its_number_of_threads() {
    let kernels = |module: Module| module.ptx().matches(".visible .entry ").count();
    assert_eq!(Module::ALL.map(kernels).iter().sum::<usize>(), Kernel::ALL.len());
    for kernel in Kernel::ALL {
        let (_, from_entry) = kernel
            .module()
            .ptx()
            .split_once(&format!(".visible .entry {}(", kernel.entry()))
            .unwrap_or_else(|| panic!("{} is not in {:?}", kernel.entry(), kernel.module()));
        let threads = format!(".maxntid {}, 1, 1", kernel.threads());
        let head = from_entry.split('{').next().expect("text before the body");
        assert!(head.contains(&threads), "{}: {head}", kernel.entry());
        // One structure of 8-byte fields, of as many bytes as the host passes at most.
        let size = head
            .split_once("_param_0[")
            .and_then(|(_, size)| size.split_once(']'))
            .and_then(|(size, _)| size.parse::<usize>().ok())
            .expect("one structure");
        assert!(
            size <= 8 * crate::machine::ARGUMENT_WORDS && size % 8 == 0,
            "{}",
            kernel.entry()
        );
        assert!(!head.contains("_param_1"), "{}", kernel.entry());
    }
}

#[test]
fn the_product_runs_on_tensor_cores_with_asynchronous_copies() {
    let ptx = Module::Product.ptx();
    for instruction in [
        "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32",
        "ldmatrix.sync.aligned.m8n8.x4.shared.b16",
        "cp.async.cg.shared.global",
    ] {
        assert!(ptx.contains(instruction), "{instruction}");
    }
}
