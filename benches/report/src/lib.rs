//! What the benchmarks have in common: times, the machine on which they were taken, and the document that they are
//! written into.

use std::{
    env, fs,
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// Something to measure.
pub type Case<'a> = Box<dyn FnMut() + 'a>;

/// The median time of each case. Rounds go through all of them, so that whatever else the machine does meets all alike.
pub fn medians(rounds: usize, cases: &mut [Case<'_>]) -> Vec<Duration> {
    let mut times = vec![Vec::with_capacity(rounds); cases.len()];
    for _ in 0..rounds {
        for (case, times) in cases.iter_mut().zip(&mut times) {
            let begun = Instant::now();
            case();
            times.push(begun.elapsed());
        }
    }
    times
        .into_iter()
        .map(|mut times| {
            times.sort_unstable();
            times.get(times.len() / 2).copied().unwrap_or_default()
        })
        .collect()
}

/// A time in milliseconds.
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// How many times as long one time is as another.
pub fn ratio(time: Duration, other: Duration) -> f64 {
    time.as_secs_f64() / other.as_secs_f64()
}

/// When and on what this is measured, as the beginning of a paragraph.
pub fn conditions() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "Measured on {} on {} ({cores} cores; load average {} when it was read), with {}.",
        output("date", &["-u", "+%F"]),
        processor(),
        load.split_whitespace().next().unwrap_or("unknown"),
        output("rustc", &["--version"]),
    )
}

/// Prints results. Where the program's arguments have `--write FILE`, they also replace the last ones in that document,
/// between `<!-- name: begin -->` and `<!-- name: end -->`.
///
/// # Panics
/// Where the document has no such lines, or cannot be read or written.
pub fn publish(name: &str, text: &str) {
    println!("{text}");
    let mut arguments = env::args().skip_while(|argument| argument != "--write").skip(1);
    let Some(path) = arguments.next() else {
        return;
    };
    let document = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path} cannot be read: {error}"));
    let document = replaced(&document, name, text)
        .unwrap_or_else(|| panic!("{path} does not say where {name} begins and ends"));
    fs::write(&path, document).unwrap_or_else(|error| panic!("{path} cannot be written: {error}"));
}

/// A document with other results.
fn replaced(document: &str, name: &str, text: &str) -> Option<String> {
    let [begin, end] = ["begin", "end"].map(|place| format!("<!-- {name}: {place} -->"));
    let (before, rest) = document.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    let text = text.trim();
    Some(format!("{before}{begin}\n{text}\n\n{end}{after}"))
}

/// What a program says in one line.
fn output(program: &str, arguments: &[&str]) -> String {
    Command::new(program)
        .args(arguments)
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_else(|_| format!("unknown {program}"))
}

fn processor() -> String {
    fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        })
        .unwrap_or_else(|| "an unknown processor".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_replace_the_last_ones_and_nothing_else() {
        let document = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n<!-- y: begin -->\n<!-- y: end -->\n";
        let new = "a\n<!-- x: begin -->\nnew\n\n<!-- x: end -->\nb\n<!-- y: begin -->\n<!-- y: end -->\n";
        assert_eq!(replaced(document, "x", "new\n").as_deref(), Some(new));
        assert_eq!(replaced(new, "x", "new").as_deref(), Some(new));
        assert_eq!(replaced(document, "z", "new"), None);
    }

    #[test]
    fn the_median_is_that_of_each_case() {
        let sleep = |milliseconds| move || thread::sleep(Duration::from_millis(milliseconds));
        let times = medians(3, &mut [Box::new(sleep(1)), Box::new(sleep(20))]);
        assert!(times[0] >= Duration::from_millis(1) && times[0] < times[1]);
    }
}
