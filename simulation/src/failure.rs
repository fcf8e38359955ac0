//! Why a simulation ends early.

use sp_runtime::DispatchError;

/// What went wrong, in words.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure with that description.
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    /// Says what was being done.
    pub fn during(self, what: &str) -> Self {
        Self(format!("{what}: {}", self.0))
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<DispatchError> for Failure {
    fn from(error: DispatchError) -> Self {
        Self(format!("the chain refuses: {error:?}"))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}
