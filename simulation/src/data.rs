//! What was measured, as CSV.

use crate::{
    Failure,
    boundary::Crossing,
    regions::{Behaviour, Earnings, Point, REGIONS, letter},
};
use loopin_math::Region;
use std::{fs, path::Path, str::FromStr};

/// The columns of the diagram's points.
const POINT_COLUMNS: [&str; 14] = [
    "x",
    "y",
    "observed",
    "formula",
    "chain",
    "provide",
    "sell",
    "outside",
    "joined_devices",
    "sold_hours",
    "genuine_buyer",
    "genuine_hours",
    "speculator",
    "speculated_hours",
];
/// The columns of the boundary.
const CROSSING_COLUMNS: [&str; 7] = [
    "series",
    "x",
    "measured",
    "formula",
    "deviation_percent",
    "alternative",
    "sold_hours",
];

/// A point of the boundary, and which series of measurements it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundaryRow {
    /// The series: a word.
    pub series: String,
    /// The point.
    pub crossing: Crossing,
}

/// Writes the points of the diagram.
pub fn write_points(path: &Path, points: &[Point]) -> Result<(), Failure> {
    let row = |point: &Point| {
        let (earnings, behaviour) = (&point.earnings, &point.behaviour);
        [
            number(point.x),
            number(point.y),
            letter(point.observed).to_string(),
            letter(point.expected).to_string(),
            letter(point.by_chain).to_string(),
            number(earnings.provide),
            earnings.sell.map(number).unwrap_or_default(),
            number(earnings.outside),
            behaviour.joined.to_string(),
            number(behaviour.sold_hours),
            behaviour.genuine_buyer.to_string(),
            number(behaviour.genuine_hours),
            behaviour.speculator.to_string(),
            number(behaviour.speculated_hours),
        ]
    };
    write(path, POINT_COLUMNS, points.iter().map(row))
}

/// Reads the points of the diagram.
pub fn read_points(path: &Path) -> Result<Vec<Point>, Failure> {
    read(
        path,
        POINT_COLUMNS,
        |[
            x,
            y,
            observed,
            expected,
            by_chain,
            provide,
            sell,
            outside,
            behaviour @ ..,
        ]| {
            let [
                joined,
                sold_hours,
                genuine_buyer,
                genuine_hours,
                speculator,
                speculated_hours,
            ] = behaviour;
            Ok(Point {
                x: parse(x)?,
                y: parse(y)?,
                earnings: Earnings {
                    provide: parse(provide)?,
                    sell: if sell.is_empty() { None } else { Some(parse(sell)?) },
                    outside: parse(outside)?,
                },
                behaviour: Behaviour {
                    joined: parse(joined)?,
                    sold_hours: parse(sold_hours)?,
                    genuine_buyer: parse(genuine_buyer)?,
                    genuine_hours: parse(genuine_hours)?,
                    speculator: parse(speculator)?,
                    speculated_hours: parse(speculated_hours)?,
                },
                observed: region(observed)?,
                expected: region(expected)?,
                by_chain: region(by_chain)?,
            })
        },
    )
}

/// Writes the boundary.
pub fn write_boundary(path: &Path, rows: &[BoundaryRow]) -> Result<(), Failure> {
    let row = |BoundaryRow { series, crossing }: &BoundaryRow| {
        [
            series.clone(),
            number(crossing.x),
            number(crossing.measured),
            number(crossing.formula),
            number(100.0 * crossing.deviation()),
            number(crossing.alternative),
            number(crossing.sold_hours),
        ]
    };
    write(path, CROSSING_COLUMNS, rows.iter().map(row))
}

/// Reads the boundary.
pub fn read_boundary(path: &Path) -> Result<Vec<BoundaryRow>, Failure> {
    read(
        path,
        CROSSING_COLUMNS,
        |[series, x, measured, formula, _, alternative, sold_hours]| {
            Ok(BoundaryRow {
                series: series.to_owned(),
                crossing: Crossing {
                    x: parse(x)?,
                    measured: parse(measured)?,
                    formula: parse(formula)?,
                    alternative: parse(alternative)?,
                    sold_hours: parse(sold_hours)?,
                },
            })
        },
    )
}

fn write<const COLUMNS: usize>(
    path: &Path,
    columns: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> Result<(), Failure> {
    let mut text = columns.join(",");
    text.push('\n');
    for row in rows {
        text.push_str(&row.join(","));
        text.push('\n');
    }
    fs::write(path, text).map_err(|error| Failure::from(error).during(&path.display().to_string()))
}

fn read<const COLUMNS: usize, Row>(
    path: &Path,
    columns: [&str; COLUMNS],
    row: impl Fn([&str; COLUMNS]) -> Result<Row, Failure>,
) -> Result<Vec<Row>, Failure> {
    let at = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| Failure::from(error).during(&at))?;
    let mut lines = text.lines();
    if lines.next() != Some(columns.join(",").as_str()) {
        return Err(Failure::new("it has other columns").during(&at));
    }
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let fields = fields
                .try_into()
                .map_err(|_| Failure::new(format!("{line}: a row with another number of columns")))?;
            row(fields)
        })
        .collect::<Result<_, Failure>>()
        .map_err(|failure| failure.during(&at))
}

/// As many digits as are significant: a millionth of the cost is less than the effect of any rounding on the chain.
fn number(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn parse<T: FromStr>(field: &str) -> Result<T, Failure> {
    field
        .parse()
        .map_err(|_| Failure::new(format!("`{field}` is not what its column has")))
}

fn region(field: &str) -> Result<Region, Failure> {
    REGIONS
        .into_iter()
        .find(|region| letter(*region).to_string() == field)
        .ok_or_else(|| Failure::new(format!("`{field}` is no region")))
}
