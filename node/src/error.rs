//! Errors for the person at the terminal: one line that says what is wrong and what to do.

use sc_cli::Error;
use std::error::Error as _;

/// The error with its causes and, if one is known, the remedy, on one line.
pub fn explain(error: &Error) -> String {
    if let Error::NetworkKeyNotFound(path) = error {
        return format!(
            "there is no network key at {}: a validator needs an identity that survives restarts. Make one \
             with `loopin-node key generate-node-key --file {}`",
            path.display(),
            path.display()
        );
    }

    let mut text = match error {
        // The SDK prefixes these with the kind of error, which says nothing.
        Error::Input(text) | Error::Service(sc_service::Error::Other(text)) => text.clone(),
        other => other.to_string(),
    };
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    // A panicked runtime's backtrace helps nobody at a terminal.
    let text = text.split("WASM backtrace").next().unwrap_or(&text);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match remedy(&text) {
        Some(remedy) => format!("{}. {remedy}", text.trim_end_matches('.')),
        None => text,
    }
}

/// What to do about errors of the SDK that say only what happened.
fn remedy(text: &str) -> Option<&'static str> {
    let known = [
        (
            "Not a directory",
            "A file is in the place of a folder: move it away, or choose another path",
        ),
        (
            "Essential task failed",
            "The log above says which task and why; a full disk is the usual reason, see --db-storage-threshold",
        ),
        (
            "could not be locked",
            "Another node uses this database: stop it, or choose another --base-path",
        ),
        (
            "Resource temporarily unavailable",
            "Another node uses this database: stop it, or choose another --base-path",
        ),
        (
            "No space left on device",
            "Free some space, or choose a --base-path on a larger disk",
        ),
        (
            "Read-only file system",
            "Choose a --base-path that can be written to",
        ),
        (
            "Permission denied",
            "Choose a --base-path that this user can write to",
        ),
        (
            "CA certificates",
            "Offchain workers need them for https: install the package ca-certificates, or pass \
             --offchain-worker never",
        ),
    ];
    known
        .iter()
        .find(|(sign, _)| text.contains(sign))
        .map(|(_, remedy)| *remedy)
}

#[cfg(test)]
mod tests {
    use super::{Error, explain};

    #[test]
    fn an_error_is_one_line_with_its_remedy() {
        let error = Error::Input("writing failed:\n  No space left on device (os error 28)".into());
        let text = explain(&error);
        assert_eq!(
            text,
            "writing failed: No space left on device (os error 28). Free some space, or choose a --base-path \
             on a larger disk"
        );
    }

    #[test]
    fn a_missing_network_key_names_the_command_that_makes_one() {
        let text = explain(&Error::NetworkKeyNotFound("/data/secret_ed25519".into()));
        assert!(
            text.contains("key generate-node-key --file /data/secret_ed25519"),
            "{text}"
        );
    }
}
