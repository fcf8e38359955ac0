//! How often something happens in trials, against what to expect.

/// How many standard deviations a measured rate may be off. By chance it is further off once in 16,000 times.
const DEVIATIONS: f64 = 4.0;

/// Asserts that `count` of `trials` is what to expect with `probability`, but for sampling errors.
pub fn assert_rate(what: &str, count: usize, trials: usize, probability: f64) {
    let (expected, deviation) = (
        probability * trials as f64,
        (probability * (1.0 - probability) * trials as f64).sqrt(),
    );
    println!("{what}: {count} of {trials}, expected {expected:.1}, standard deviation {deviation:.1}");
    assert!(
        (count as f64 - expected).abs() <= DEVIATIONS * deviation + 0.5,
        "{what}: {count}, expected {expected}"
    );
}
