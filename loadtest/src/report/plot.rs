//! Line plots as inline SVG: axes with units, names at the lines' ends.

use std::fmt::Write as _;

use super::html::{escape, number};

const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 270.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 92.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 46.0;
/// Least distance between the names of two lines.
const NAME_GAP: f64 = 15.0;
/// As many lines get a colour of their own (Okabe and Ito's, told apart by the colour-blind).
const COLOURS: usize = 6;

/// How values are laid out along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// From 0.
    Linear,
    /// By powers of ten.
    Log,
    /// Of percentiles: a value x stands for the quantile 1 - 10^-x.
    Percentile,
}

/// An axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub(super) label: &'static str,
    pub(super) scale: Scale,
}

/// A line with its name.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
}

/// A plot of some lines.
#[derive(Clone, Debug)]
pub(super) struct Plot {
    pub(super) title: &'static str,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) lines: Vec<Line>,
}

/// Where values are on an axis: marks and their places between 0 and 1.
struct Range {
    scale: Scale,
    low: f64,
    high: f64,
    marks: Vec<f64>,
}

impl Range {
    fn of(scale: Scale, values: impl Iterator<Item = f64> + Clone) -> Self {
        let high = values.clone().fold(0.0, f64::max);
        match scale {
            Scale::Linear => {
                let step = step(if high > 0.0 { high } else { 1.0 });
                let steps = (high / step).ceil().max(1.0);
                let marks =
                    (0..=20).map(|index| f64::from(index) * step).take_while(|mark| *mark <= steps * step * 1.001);
                Self { scale, low: 0.0, high: steps * step, marks: marks.collect() }
            }
            Scale::Log => {
                let least = values.filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
                let least = if least.is_finite() { least } else { 1.0 };
                let (low, high) = (least.log10().floor(), high.max(least).log10().ceil());
                let high = high.max(low + 1.0);
                let marks = (-9..=12).map(f64::from).filter(|mark| (low..=high).contains(mark));
                Self { scale, low, high, marks: marks.map(|mark| 10_f64.powf(mark)).collect() }
            }
            Scale::Percentile => {
                // The median, then one nine more each.
                let marks = [2_f64.log10(), 1.0, 2.0, 3.0, 4.0, 5.0];
                let high = high.max(1.0);
                Self { scale, low: 0.0, high, marks: marks.into_iter().filter(|mark| *mark <= high + 0.01).collect() }
            }
        }
    }

    fn place(&self, value: f64) -> f64 {
        let value = if self.scale == Scale::Log { value.max(1e-9).log10() } else { value };
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    fn name(&self, mark: f64) -> String {
        match self.scale {
            Scale::Percentile => {
                let percent = 100.0 - 100.0 * 10_f64.powf(-mark);
                format!("p{}", (percent * 1e4).round() / 1e4)
            }
            _ => number(mark),
        }
    }
}

/// A round distance between about five marks.
fn step(high: f64) -> f64 {
    let rough = high / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    steps.into_iter().find(|step| *step >= rough * 0.999).unwrap_or(rough)
}

fn put(svg: &mut String, words: std::fmt::Arguments<'_>) {
    writeln!(svg, "{words}").expect("a string takes everything");
}

/// The plot as an SVG element.
pub(super) fn svg(plot: &Plot) -> String {
    let points = || plot.lines.iter().flat_map(|line| line.points.iter().copied());
    let x = Range::of(plot.x.scale, points().map(|point| point.0));
    let y = Range::of(plot.y.scale, points().map(|point| point.1));
    let at_x = |value: f64| LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
    let at_y = |value: f64| HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM);
    let mut svg = String::new();
    let title = escape(plot.title);
    put(&mut svg, format_args!(r#"<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">"#));
    if points().next().is_none() {
        let (x, y) = (WIDTH / 2.0, HEIGHT / 2.0);
        put(
            &mut svg,
            format_args!(r#"<text class="mark" text-anchor="middle" x="{x}" y="{y}">nothing measured</text></svg>"#),
        );
        return svg;
    }
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    for mark in &y.marks {
        let (at, name) = (at_y(*mark), y.name(*mark));
        put(&mut svg, format_args!(r#"<line class="grid" x1="{LEFT}" x2="{right}" y1="{at:.1}" y2="{at:.1}"/>"#));
        let (x, y) = (LEFT - 8.0, at + 4.0);
        put(&mut svg, format_args!(r#"<text class="mark" text-anchor="end" x="{x}" y="{y:.1}">{name}</text>"#));
    }
    for mark in &x.marks {
        let (at, name, under) = (at_x(*mark), x.name(*mark), bottom + 17.0);
        put(
            &mut svg,
            format_args!(r#"<line class="tick" x1="{at:.1}" x2="{at:.1}" y1="{bottom}" y2="{}"/>"#, bottom + 4.0),
        );
        put(&mut svg, format_args!(r#"<text class="mark" text-anchor="middle" x="{at:.1}" y="{under}">{name}</text>"#));
    }
    put(&mut svg, format_args!(r#"<line class="axis" x1="{LEFT}" x2="{right}" y1="{bottom}" y2="{bottom}"/>"#));
    let (middle, under) = (f64::midpoint(LEFT, right), HEIGHT - 8.0);
    let label = escape(plot.x.label);
    put(&mut svg, format_args!(r#"<text class="label" text-anchor="middle" x="{middle}" y="{under}">{label}</text>"#));
    let (middle, label) = (f64::midpoint(TOP, bottom), escape(plot.y.label));
    put(
        &mut svg,
        format_args!(
            r#"<text class="label" text-anchor="middle" transform="translate(13 {middle}) rotate(-90)">{label}</text>"#
        ),
    );
    for (index, line) in plot.lines.iter().enumerate() {
        let points: Vec<String> = line.points.iter().map(|(x, y)| format!("{:.1},{:.1}", at_x(*x), at_y(*y))).collect();
        let colour = index % COLOURS;
        put(&mut svg, format_args!(r#"<polyline class="line c{colour}" points="{}"/>"#, points.join(" ")));
    }
    put_names(&mut svg, plot, right, at_y);
    svg.push_str("</svg>");
    svg
}

/// The lines' names at their ends, pushed apart where they would touch.
fn put_names(svg: &mut String, plot: &Plot, right: f64, at_y: impl Fn(f64) -> f64) {
    let ends =
        plot.lines.iter().enumerate().filter_map(|(index, line)| Some((index, line, at_y(line.points.last()?.1))));
    let mut ends: Vec<_> = ends.collect();
    ends.sort_by(|one, other| one.2.total_cmp(&other.2));
    let mut free_from = TOP;
    let mut below = ends.len();
    for (index, line, wanted) in ends {
        below -= 1;
        let room: f64 = std::iter::repeat_n(NAME_GAP, below).sum();
        let at = wanted.max(free_from).min((HEIGHT - BOTTOM - room).max(free_from));
        free_from = at + NAME_GAP;
        let (x, y, colour, name) = (right + 7.0, at + 4.0, index % COLOURS, escape(&line.name));
        put(svg, format_args!(r#"<text class="name t{colour}" x="{x}" y="{y:.1}">{name}</text>"#));
    }
}
