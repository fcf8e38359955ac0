//! The agent's key, and what identifies a GPU.

use sp_core::{
    Pair,
    bytes::{from_hex, to_hex},
    sr25519,
};
use sp_crypto_hashing::sha2_256;
use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// Access rights of a key file: its owner's only.
const MODE: u32 = 0o600;

/// Makes a key and writes it to a new file.
///
/// # Errors
/// Why that is not possible, and what to do.
pub fn generate(path: &Path) -> Result<sr25519::Pair, String> {
    let (pair, _, seed) = sr25519::Pair::generate_with_phrase(None);
    let text = format!("{}\n", to_hex(&seed[..], false));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(MODE)
        .open(path);
    let written = file.and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => format!(
            "there is a file at {} already: a key is never overwritten. Choose another with --file",
            path.display()
        ),
        _ => format!("cannot write the key to {}: {error}", path.display()),
    })?;
    Ok(pair)
}

/// Reads the key of a file.
///
/// # Errors
/// Why that is not possible, and what to do.
pub fn read(path: &Path) -> Result<sr25519::Pair, String> {
    let name = path.display();
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => {
            format!("there is no key at {name}: make one with `loopin-agent key generate --file {name}`")
        }
        _ => format!("cannot read the key at {name}: {error}"),
    };
    let mode = fs::metadata(path).map_err(unreadable)?.permissions().mode() & 0o777;
    if mode & !MODE != 0 {
        return Err(format!(
            "others can read the key at {name} (mode {mode:o}): run `chmod 600 {name}`"
        ));
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let seed: Option<[u8; 32]> = from_hex(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    let seed = seed.ok_or_else(|| {
        format!("{name} is not a key: it must hold 64 hexadecimal digits after 0x, as `loopin-agent key generate` writes")
    })?;
    Ok(sr25519::Pair::from_seed(&seed))
}

/// What a GPU is registered as: the hash of its UUID, as its driver gives it (`GPU-` and so on).
pub fn gpu_id(uuid: &str) -> [u8; 32] {
    sha2_256(&[b"loopin/gpu/1\0", uuid.as_bytes()].concat())
}

/// What stands in for a UUID where the device is the processor: it follows from the agent's key.
pub fn cpu_uuid(key: &sr25519::Public, ordinal: u32) -> String {
    format!("CPU-{}-{ordinal}", to_hex(&key.0, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn file(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("loopin-agent-key-{name}-{}", std::process::id()));
        let _ = fs::remove_file(&path);
        path
    }

    #[test]
    fn a_key_is_read_as_it_was_made_and_only_its_owner_can() {
        let path = file("made");
        let made = generate(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read(&path).unwrap().public(), made.public());
        let error = generate(&path).err().unwrap();
        assert!(error.contains("never overwritten"), "{error}");

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = read(&path).err().unwrap();
        assert!(error.contains("chmod 600"), "{error}");
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn what_is_no_key_is_said_with_its_remedy() {
        let path = file("none");
        let error = read(&path).err().unwrap();
        assert!(error.contains("key generate --file"), "{error}");
        fs::write(&path, "0x1234\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(MODE)).unwrap();
        let error = read(&path).err().unwrap();
        assert!(error.contains("64 hexadecimal digits"), "{error}");
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn devices_of_one_processor_have_different_identities() {
        let key = sr25519::Public::from_raw([1; 32]);
        assert_ne!(gpu_id(&cpu_uuid(&key, 0)), gpu_id(&cpu_uuid(&key, 1)));
        assert_ne!(gpu_id("GPU-1"), gpu_id("GPU-2"));
    }
}
