//! The phase diagram, as SVG.

use crate::{
    Failure, Setting,
    boundary::{Crossing, formula},
    regions::{Point, REGIONS, letter},
};
use loopin_math::Region;
use plotters::{
    coord::{Shift, types::RangedCoordf64},
    element::DashedPathElement,
    prelude::*,
    style::{
        ShapeStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};
use std::path::Path;

const SIZE: (u32, u32) = (1_240, 720);
const LEGEND_WIDTH: u32 = 340;
const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(33, 37, 41);
const QUIET_INK: RGBColor = RGBColor(95, 102, 110);
const MEASURED: RGBColor = RGBColor(200, 30, 90);
/// The number of straight pieces with which the curve is drawn. Their ends are whole pixels, so more would be less smooth.
const CURVE_PIECES: u32 = 24;

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// What is drawn.
pub struct Diagram<'a> {
    /// The world of the diagram.
    pub setting: &'a Setting,
    /// Observed points, column by column from the left, each from below.
    pub points: &'a [Point],
    /// How many columns there are.
    pub columns: u32,
    /// How many points each has.
    pub rows: u32,
    /// The right and upper ends of the axes.
    pub ends: (f64, f64),
    /// The measured boundary.
    pub crossings: &'a [Crossing],
}

impl Diagram<'_> {
    /// Draws it to a file.
    pub fn draw(&self, path: &Path) -> Result<(), Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::new(format!("{}: {error}", path.display()));
        let root = SVGBackend::new(path, SIZE).into_drawing_area();
        self.draw_on(&root).map_err(|error| failed(&error))?;
        root.present().map_err(|error| failed(&error))
    }

    fn draw_on(&self, root: &Area) -> Result<(), Box<dyn std::error::Error>> {
        root.fill(&WHITE)?;
        let (left, right) = root.split_horizontally(SIZE.0 - LEGEND_WIDTH);
        let mut chart = ChartBuilder::on(&left)
            .caption(
                "Who provides, sells and buys GPU time, by price and reward",
                (FONT, 24).into_font().color(&INK),
            )
            .margin(16)
            .x_label_area_size(56)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..self.ends.0, 0.0..self.ends.1)?;
        self.draw_regions(&mut chart)?;
        self.draw_buyers(&mut chart)?;
        self.draw_formula(&mut chart)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .x_desc("x: price in the pool, in units of a seller's cost c")
            .y_desc("y: reward of an hour, in units of c")
            .x_labels(13)
            .y_labels(9)
            .axis_style(INK)
            .label_style((FONT, 16).into_font().color(&INK))
            .axis_desc_style((FONT, 18).into_font().color(&INK))
            .draw()?;
        self.draw_measured(&mut chart)?;
        self.draw_letters(&mut chart)?;
        self.draw_legend(&right)?;
        Ok(())
    }

    /// Half the width and half the height of the cell that a point stands for.
    fn half_cell(&self) -> (f64, f64) {
        (
            self.ends.0 / f64::from(self.columns) / 2.0,
            self.ends.1 / f64::from(self.rows) / 2.0,
        )
    }

    fn column(&self, column: u32) -> &[Point] {
        let rows = usize::try_from(self.rows).unwrap_or(usize::MAX);
        let begin = usize::try_from(column).unwrap_or(usize::MAX).saturating_mul(rows);
        self.points
            .get(begin..begin.saturating_add(rows))
            .unwrap_or_default()
    }

    fn draw_regions(&self, chart: &mut Chart) -> Result<(), Box<dyn std::error::Error>> {
        let (half_width, half_height) = self.half_cell();
        for column in 0..self.columns {
            for run in self.column(column).chunk_by(|a, b| a.observed == b.observed) {
                let (Some(first), Some(last)) = (run.first(), run.last()) else {
                    continue;
                };
                let cells = [
                    (first.x - half_width, first.y - half_height),
                    (last.x + half_width, last.y + half_height),
                ];
                chart.draw_series([Rectangle::new(cells, colour(first.observed).filled())])?;
            }
        }
        // Where the observation is not what the formula says.
        let odd = self
            .points
            .iter()
            .filter(|point| point.observed != point.expected);
        chart.draw_series(odd.map(|point| Cross::new((point.x, point.y), 5, INK.stroke_width(2))))?;
        Ok(())
    }

    /// Hatches where a genuine buyer rented at once: diagonals through the cells.
    fn draw_buyers(&self, chart: &mut Chart) -> Result<(), Box<dyn std::error::Error>> {
        let (half_width, half_height) = self.half_cell();
        let style = ShapeStyle::from(&INK.mix(0.22)).stroke_width(1);
        let rows = usize::try_from(self.rows).unwrap_or(usize::MAX);
        let begins_left = (0..rows).map(|row| (0, row));
        let begins_below = (1..self.columns).map(|column| (column, 0));
        for (column, row) in begins_left.chain(begins_below) {
            let diagonal: Vec<&Point> = (column..self.columns)
                .zip(row..rows)
                .filter_map(|(column, row)| self.column(column).get(row))
                .collect();
            for run in diagonal.chunk_by(|a, b| a.behaviour.genuine_buyer == b.behaviour.genuine_buyer) {
                let (Some(first), Some(last)) = (run.first(), run.last()) else {
                    continue;
                };
                if first.behaviour.genuine_buyer {
                    let line = [
                        (first.x - half_width, first.y - half_height),
                        (last.x + half_width, last.y + half_height),
                    ];
                    chart.draw_series([PathElement::new(line, style)])?;
                }
            }
        }
        Ok(())
    }

    /// The boundaries of the regions by the formula.
    fn draw_formula(&self, chart: &mut Chart) -> Result<(), Box<dyn std::error::Error>> {
        let s = self.setting.in_costs(self.setting.external_price as i128);
        let g = self.setting.in_costs(self.setting.buyers_limit as i128);
        let top = self.ends.1;
        for line in [
            [(0.0, s), (1.0, s)],
            [(s, 0.0), (s, s)],
            [(1.0, 0.0), (1.0, top)],
            [(g, 0.0), (g, top)],
        ] {
            chart.draw_series([DashedPathElement::new(line, 7, 4, INK.stroke_width(2))])?;
        }
        let end = reaches(self.setting, self.ends);
        let curve: Vec<(f64, f64)> = (0..=CURVE_PIECES)
            .map(|piece| 1.0 + (end - 1.0) * f64::from(piece) / f64::from(CURVE_PIECES))
            .map(|x| (x, formula(self.setting, x)))
            .collect();
        chart.draw_series([PathElement::new(curve, INK.stroke_width(3))])?;
        let cap = self.setting.largest_reward();
        let line = [(0.0, cap), (self.ends.0, cap)];
        chart.draw_series([DashedPathElement::new(line, 2, 4, MEASURED.stroke_width(2))])?;
        Ok(())
    }

    fn draw_measured(&self, chart: &mut Chart) -> Result<(), Box<dyn std::error::Error>> {
        for crossing in self
            .crossings
            .iter()
            .filter(|crossing| crossing.measured <= self.ends.1)
        {
            let at = (crossing.x, crossing.measured);
            chart.draw_series([Circle::new(at, 6, WHITE.filled())])?;
            chart.draw_series([Circle::new(at, 5, MEASURED.filled())])?;
        }
        Ok(())
    }

    /// Letters stand in the middle of the points of their regions.
    fn draw_letters(&self, chart: &mut Chart) -> Result<(), Box<dyn std::error::Error>> {
        let style = (FONT, 34)
            .into_font()
            .style(FontStyle::Bold)
            .color(&INK)
            .pos(Pos::new(HPos::Center, VPos::Center));
        for region in REGIONS {
            let of_region: Vec<&Point> = self
                .points
                .iter()
                .filter(|point| point.observed == region)
                .collect();
            if of_region.is_empty() {
                continue;
            }
            let middle = |of: fn(&Point) -> f64| {
                of_region.iter().map(|point| of(point)).sum::<f64>() / of_region.len() as f64
            };
            let at = (middle(|point| point.x), middle(|point| point.y));
            chart.draw_series([Text::new(letter(region).to_string(), at, style.clone())])?;
        }
        Ok(())
    }

    fn draw_legend(&self, area: &Area) -> Result<(), Box<dyn std::error::Error>> {
        let left_centre = Pos::new(HPos::Left, VPos::Center);
        let normal = (FONT, 16).into_font().color(&INK).pos(left_centre);
        let quiet = (FONT, 14).into_font().color(&QUIET_INK).pos(left_centre);
        let bold = (FONT, 17)
            .into_font()
            .style(FontStyle::Bold)
            .color(&INK)
            .pos(left_centre);
        let (mark, words) = (10, 52);
        let swatch = |y: i32| [(mark, y - 10), (mark + 30, y + 10)];

        let mut y = 70;
        area.draw(&Text::new(
            "Observed on the chain's pallets",
            (mark, y),
            bold.clone(),
        ))?;
        for region in REGIONS {
            y += 34;
            area.draw(&Rectangle::new(swatch(y), colour(region).filled()))?;
            area.draw(&Text::new(
                format!("{}  {}", letter(region), meaning(region)),
                (words, y),
                normal.clone(),
            ))?;
        }
        y += 34;
        let hatch = ShapeStyle::from(&INK.mix(0.4)).stroke_width(1);
        area.draw(&Rectangle::new(swatch(y), hatch))?;
        for step in 0..3 {
            let x = mark + step * 10;
            area.draw(&PathElement::new([(x, y + 10), (x + 10, y - 10)], hatch))?;
        }
        area.draw(&Text::new("genuine buyers rent", (words, y), normal.clone()))?;
        y += 34;
        area.draw(&Cross::new((mark + 15, y), 5, INK.stroke_width(2)))?;
        area.draw(&Text::new("not the formula's region", (words, y), normal.clone()))?;

        y += 52;
        area.draw(&Text::new("Boundary of providing", (mark, y), bold.clone()))?;
        y += 34;
        area.draw(&Circle::new((mark + 15, y), 5, MEASURED.filled()))?;
        area.draw(&Text::new(
            "measured: providing earns as much",
            (words, y),
            normal.clone(),
        ))?;
        y += 34;
        area.draw(&PathElement::new(
            [(mark, y), (mark + 30, y)],
            INK.stroke_width(3),
        ))?;
        area.draw(&Text::new(
            "y* = (x - 1)/ln x - (1 - s)",
            (words, y),
            normal.clone(),
        ))?;
        y += 34;
        area.draw(&DashedPathElement::new(
            [(mark, y), (mark + 30, y)],
            7,
            4,
            INK.stroke_width(2),
        ))?;
        area.draw(&Text::new(
            "x = s, x = 1, x = g, y = s",
            (words, y),
            normal.clone(),
        ))?;
        y += 34;
        area.draw(&DashedPathElement::new(
            [(mark, y), (mark + 30, y)],
            2,
            4,
            MEASURED.stroke_width(2),
        ))?;
        area.draw(&Text::new(
            format!(
                "y = {}: most if b is the reference",
                self.setting.largest_reward()
            ),
            (words, y),
            normal,
        ))?;

        y += 52;
        let s = self.setting.in_costs(self.setting.external_price as i128);
        let g = self.setting.in_costs(self.setting.buyers_limit as i128);
        for line in [
            format!("s = {s}: price outside / c"),
            format!("g = {g}: genuine buyers' limit / c"),
            "c: price outside + expected loss of a seller".to_owned(),
        ] {
            area.draw(&Text::new(line, (mark, y), quiet.clone()))?;
            y += 24;
        }
        Ok(())
    }
}

/// The price at which the curve leaves the diagram, at its right or upper end.
fn reaches(setting: &Setting, (right, top): (f64, f64)) -> f64 {
    let (mut within, mut beyond) = (1.0, right);
    if formula(setting, right) <= top {
        return right;
    }
    // To within a pixel.
    for _ in 0..20 {
        let middle = (within + beyond) / 2.0;
        if formula(setting, middle) <= top {
            within = middle;
        } else {
            beyond = middle;
        }
    }
    within
}

fn colour(region: Region) -> RGBColor {
    match region {
        Region::ProvidersAndBuyers => RGBColor(168, 213, 162),
        Region::Drained => RGBColor(229, 138, 122),
        Region::NoArbitrage => RGBColor(238, 214, 148),
        Region::SellersAndBuyers => RGBColor(156, 201, 232),
        Region::SellersOnly => RGBColor(190, 196, 222),
        Region::ProvidersOnly => RGBColor(205, 226, 190),
        Region::Balanced => RGBColor(116, 190, 130),
    }
}

fn meaning(region: Region) -> &'static str {
    match region {
        Region::ProvidersAndBuyers => "providers and buyers, no sellers",
        Region::Drained => "speculating buyers drain the pool",
        Region::NoArbitrage => "buyers; nothing to speculate on",
        Region::SellersAndBuyers => "sellers and buyers",
        Region::SellersOnly => "sellers only",
        Region::ProvidersOnly => "providers only",
        Region::Balanced => "balanced: providing beats selling",
    }
}
