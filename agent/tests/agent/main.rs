//! The whole agent over real HTTP, with a node that is a small server of the test.

#![allow(clippy::unwrap_used)]

mod common;
mod floods;
mod joint_challenge;
mod limits;
mod log;
mod proxy;
mod refusals;
mod success;

/// Asserts a refusal.
macro_rules! assert_refused {
    ($answer:expr, $status:literal, $text:literal) => {
        let answer = $answer;
        assert_eq!((answer.status, answer.text().as_str()), ($status, $text));
    };
}

use assert_refused;
