use crate::{
    Failure, Setting,
    boundary::Crossing,
    data::{BoundaryRow, read_boundary, read_points, write_boundary, write_points},
    plot::Diagram,
    regions::{Behaviour, Earnings, Point},
    workers::for_each,
};
use loopin_math::Region;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
};

/// A folder for one test, which is gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("loopin-simulation-{}-{name}", process::id()));
        fs::create_dir_all(&path).expect("there is room for a folder");
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("file")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn points() -> Vec<Point> {
    let point = |x, sell, observed| Point {
        x,
        y: 0.125,
        earnings: Earnings {
            provide: 0.5,
            sell,
            outside: 0.7,
        },
        behaviour: Behaviour {
            joined: 3,
            sold_hours: 2.5,
            genuine_buyer: true,
            genuine_hours: 0.05,
            speculator: false,
            speculated_hours: 0.0,
        },
        observed,
        expected: Region::SellersAndBuyers,
        by_chain: Region::Balanced,
    };
    vec![
        point(0.25, None, Region::NoArbitrage),
        point(0.75, Some(-0.001), Region::SellersOnly),
    ]
}

fn crossing() -> Crossing {
    Crossing {
        x: 1.5,
        measured: 0.93,
        formula: 0.9332,
        alternative: 0.94,
        sold_hours: 81.05,
    }
}

#[test]
fn points_that_are_written_can_be_read_again() {
    let folder = Folder::new("points");
    write_points(&folder.file(), &points()).expect("it can be written");
    assert_eq!(read_points(&folder.file()).expect("it can be read"), points());
}

#[test]
fn a_boundary_that_is_written_can_be_read_again() {
    let folder = Folder::new("boundary");
    let rows = [BoundaryRow {
        series: "paper".into(),
        crossing: crossing(),
    }];
    write_boundary(&folder.file(), &rows).expect("it can be written");
    assert_eq!(read_boundary(&folder.file()).expect("it can be read"), rows);
}

#[test]
fn data_with_other_columns_is_refused() {
    let folder = Folder::new("columns");
    write_points(&folder.file(), &points()).expect("it can be written");
    assert!(read_boundary(&folder.file()).is_err());
    assert!(read_points(Path::new("/nowhere/at/all")).is_err());
}

#[test]
fn the_diagram_has_axes_letters_and_a_legend() {
    let folder = Folder::new("diagram");
    let diagram = Diagram {
        setting: &Setting::default(),
        points: &points(),
        columns: 2,
        rows: 1,
        ends: (1.0, 0.25),
        crossings: &[crossing()],
    };
    diagram.draw(&folder.file()).expect("it can be drawn");
    let svg = fs::read_to_string(folder.file()).expect("it is text");
    for text in ["<svg", "units of c", "speculating buyers drain the pool", "y* ="] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn what_several_threads_find_out_is_in_the_order_of_the_questions() {
    let numbers: Vec<u32> = (0..100).collect();
    let squares = for_each(3, &numbers, |number| Ok(number * number)).expect("nothing fails");
    assert!(
        squares
            .iter()
            .zip(&numbers)
            .all(|(square, number)| *square == number * number)
    );
    let failed = for_each(3, &numbers, |number| match number {
        50 => Err(Failure::new("fifty")),
        other => Ok(*other),
    });
    assert!(failed.is_err());
}
