//! Simulates the market and draws its phase diagram: see `docs/simulation.md`.

use clap::Parser;
use loopin_math::Region;
use loopin_simulation::{
    Failure, Fees, Setting,
    boundary::{Crossing, cross},
    chain::Genesis,
    data::{BoundaryRow, write_boundary, write_points},
    plot,
    regions::{Point, letter, middles, observe},
    trials::sell,
    workers,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

/// The right and upper ends of the diagram, in units of the cost.
const ENDS: (f64, f64) = (3.0, 1.5);
/// The prices at which the boundary is measured: below one between providing and the outside, above one between
/// providing and selling.
const PRICES: [f64; 15] = [
    0.3, 0.6, 0.9, 1.02, 1.05, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0,
];

/// Agents on the chain's own pallets: who provides, sells and buys GPU time at which price and reward.
///
/// Writes phase-diagram.svg, phase-diagram.csv and boundary.csv. docs/simulation.md explains them.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The folder for the results.
    #[arg(long, value_name = "FOLDER", default_value = "docs/simulation")]
    output: PathBuf,
    /// Prices at which the market is observed.
    #[arg(long, value_name = "NUMBER", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    columns: u32,
    /// Rewards for which it is observed at each price.
    #[arg(long, value_name = "NUMBER", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    rows: u32,
    /// Minutes of GPU time that a seller sells at once.
    #[arg(long, value_name = "MINUTES", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=60))]
    lot: u64,
    /// Hours that the pool's anchor stands for: how deep the pool is.
    #[arg(long, value_name = "HOURS", default_value_t = 200)]
    anchor: u32,
    /// Threads that work. By default one for each processor.
    #[arg(long, value_name = "NUMBER")]
    threads: Option<usize>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let begin = Instant::now();
    let setting = Setting {
        anchor_hours: arguments.anchor,
        lot_seconds: arguments.lot.saturating_mul(60),
        ..Setting::default()
    };
    setting.check()?;
    let available = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = arguments.threads.unwrap_or_else(available);
    let genesis = Genesis::new()?;

    let boundary = measure_boundary(&genesis, &setting, threads)?;
    let points = observe_points(&genesis, &setting, threads, arguments)?;

    let folder: &Path = &arguments.output;
    fs::create_dir_all(folder).map_err(|error| Failure::from(error).during(&folder.display().to_string()))?;
    write_boundary(&folder.join("boundary.csv"), &boundary)?;
    write_points(&folder.join("phase-diagram.csv"), &points)?;
    let measured: Vec<Crossing> = boundary
        .iter()
        .filter(|row| row.series == Series::Paper.name())
        .map(|row| row.crossing)
        .collect();
    let diagram = plot::Diagram {
        setting: &setting,
        points: &points,
        columns: arguments.columns,
        rows: arguments.rows,
        ends: ENDS,
        crossings: &measured,
    };
    diagram.draw(&folder.join("phase-diagram.svg"))?;
    report(&points, &boundary);
    eprintln!(
        "written to {} after {} s",
        folder.display(),
        begin.elapsed().as_secs()
    );
    Ok(())
}

/// The worlds in which the boundary is measured.
#[derive(Clone, Copy)]
enum Series {
    /// As in the paper, with few genuine buyers.
    Paper,
    /// The same without any.
    NoBuyers,
    /// With ten times as many.
    ManyBuyers,
    /// With the fees that the chain takes.
    Fees,
}

impl Series {
    const ALL: [Self; 4] = [Self::Paper, Self::NoBuyers, Self::ManyBuyers, Self::Fees];

    fn name(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::NoBuyers => "no-buyers",
            Self::ManyBuyers => "many-buyers",
            Self::Fees => "fees",
        }
    }

    fn setting(self, paper: &Setting) -> Setting {
        let mut setting = paper.clone();
        match self {
            Self::Paper => {}
            Self::NoBuyers => setting.lots_between_buyers = None,
            Self::ManyBuyers => setting.lots_between_buyers = Some(1),
            Self::Fees => setting.fees = Fees::of_the_chain(),
        }
        setting
    }
}

fn measure_boundary(
    genesis: &Genesis,
    setting: &Setting,
    threads: usize,
) -> Result<Vec<BoundaryRow>, Failure> {
    let tasks: Vec<(Series, f64)> = Series::ALL
        .into_iter()
        .flat_map(|series| PRICES.map(|x| (series, x)))
        .collect();
    let progress = Progress::new("boundary", tasks.len());
    workers::for_each(threads, &tasks, |(series, x)| {
        let crossing = cross(genesis, &series.setting(setting), *x)?;
        progress.advance();
        Ok(BoundaryRow {
            series: series.name().to_owned(),
            crossing,
        })
    })
}

fn observe_points(
    genesis: &Genesis,
    setting: &Setting,
    threads: usize,
    arguments: &Arguments,
) -> Result<Vec<Point>, Failure> {
    let columns = middles(arguments.columns, ENDS.0);
    let rows = middles(arguments.rows, ENDS.1);
    let progress = Progress::new("diagram", columns.len() * rows.len());
    let points = workers::for_each(threads, &columns, |x| {
        let sold = sell(genesis, setting, setting.planck(*x))?;
        rows.iter()
            .map(|y| {
                let point = observe(genesis, setting, *x, *y, sold)?;
                progress.advance();
                Ok(point)
            })
            .collect::<Result<Vec<Point>, Failure>>()
    })?;
    Ok(points.into_iter().flatten().collect())
}

/// Reports progress now and then.
struct Progress {
    what: &'static str,
    done: AtomicUsize,
    all: usize,
}

impl Progress {
    fn new(what: &'static str, all: usize) -> Self {
        Self {
            what,
            done: AtomicUsize::new(0),
            all,
        }
    }

    fn advance(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        // About ten times.
        if done.is_multiple_of(self.all.div_ceil(10)) || done == self.all {
            eprintln!("{}: {done} of {}", self.what, self.all);
        }
    }
}

/// Prints what came out.
fn report(points: &[Point], boundary: &[BoundaryRow]) {
    println!("| world | x | measured | formula | deviation |");
    println!("|---|---|---|---|---|");
    for BoundaryRow { series, crossing } in boundary {
        println!(
            "| {series} | {} | {:.4} | {:.4} | {:+.2} % |",
            crossing.x,
            crossing.measured,
            crossing.formula,
            100.0 * crossing.deviation()
        );
    }
    let differing = |other: fn(&Point) -> Region| -> Vec<String> {
        points
            .iter()
            .filter(|point| point.observed != other(point))
            .map(|point| {
                let (observed, other) = (letter(point.observed), letter(other(point)));
                format!("({:.3}, {:.3}) {observed} instead of {other}", point.x, point.y)
            })
            .collect()
    };
    for (name, differing) in [
        ("the formula", differing(|point| point.expected)),
        ("the chain", differing(|point| point.by_chain)),
    ] {
        println!(
            "\n{} of {} points are in another region than by {name}: {}",
            differing.len(),
            points.len(),
            differing.join(", ")
        );
    }
}
