//! The page.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::plot::{Axis, Line, Plot, Scale, svg};
use super::{QUANTILES, Report, Run, latencies, real};
use crate::measure::{Latency, SLOT_US};
use crate::observation::Micros;
use crate::oracle::Judgement;

const STYLE: &str = include_str!("page.css");
/// Seconds of a slot of the time series.
const SLOT_S: f64 = 0.5;
const _: () = assert!(SLOT_US == 500_000, "half a second");
const MIB: f64 = 1024.0 * 1024.0;

/// The whole page: one file that loads nothing.
pub fn page(report: &Report) -> String {
    let run = &report.run;
    let title = escape(&run.scenario);
    let cards = [
        plots(run).iter().map(|plot| card(plot.title, &svg(plot))).collect::<String>(),
        card("Latency from the intended time, milliseconds", &percentiles(run)),
        card("What the oracle checked", &checked(&run.judgement)),
        card("Answers", &answers(run)),
        card("All figures", &figures(report)),
        card("Parameters", &pairs(&run.parameters)),
        card("Machine", &pairs(&run.machine)),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>quire under load: {title}</title>\n<style>\n{STYLE}</style></head><body>\n\
         <h1>{title}</h1>\n<p class=\"soft\">{} · {} tabs · {} seconds of load</p>\n{}\n{}\n\
         <div class=\"grid2\">\n{}</div>\n</body></html>\n",
        escape(&run.began),
        number(real(run.tabs)),
        number(run.load_s),
        verdict(&run.judgement),
        tiles(report),
        cards.concat(),
    )
}

/// Text as it may stand in HTML, also within quotes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            char => escaped.push(char),
        }
    }
    escaped
}

/// A number for people: three significant digits or whole, thousands apart.
pub(super) fn number(value: f64) -> String {
    let digits = match value.abs() {
        0.0 => 0,
        value if value < 0.1 => 4,
        value if value < 1.0 => 3,
        value if value < 10.0 => 2,
        value if value < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let rest = rest.trim_end_matches('0');
    let mut apart = String::new();
    for (index, char) in whole.chars().enumerate() {
        let left = whole.len() - index;
        if index > 0 && left.is_multiple_of(3) && !apart.ends_with('-') {
            apart.push(',');
        }
        apart.push(char);
    }
    if rest.is_empty() { apart } else { format!("{apart}.{rest}") }
}

fn card(title: &str, inside: &str) -> String {
    format!("<section class=\"card\"><h2>{}</h2>\n{inside}</section>\n", escape(title))
}

fn verdict(judgement: &Judgement) -> String {
    let (violations, checked) = (&judgement.violations, &judgement.checked);
    if violations.is_empty() {
        let looked_at = [
            (checked.tally.deliveries, "deliveries"),
            (checked.accepted, "accepted commands"),
            (checked.refused, "refusals"),
            (checked.grants, "grants of locks"),
            (checked.views, "final views"),
        ];
        let words = looked_at.map(|(count, what)| format!("{} {what}", number(real(count)))).join(", ");
        return format!("<div class=\"verdict right\">Right: no violation<span>Checked: {words}</span></div>");
    }
    let mut rows = String::new();
    for violation in &violations.told {
        row(&mut rows, &[&kind_name(&violation.kind), &violation.sentence]);
    }
    let counts: Vec<String> =
        violations.counts.iter().map(|(kind, count)| format!("{} {}", number(real(*count)), kind_name(kind))).collect();
    let total = number(real(violations.total()));
    let words = escape(&counts.join(", "));
    format!(
        "<div class=\"verdict wrong\">Wrong: {total} violations<span>{words}</span></div>\n{}",
        card("The first violations of each kind", &format!("<table>{rows}</table>"))
    )
}

fn kind_name(kind: &impl serde::Serialize) -> String {
    let name = serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned));
    name.unwrap_or_default().replace('_', " ")
}

fn tiles(report: &Report) -> String {
    let shown = [
        "deliveries per second",
        "delivery p50",
        "delivery p99",
        "reply p99",
        "CPU per million deliveries, all hubs",
        "Redis calls per command",
    ];
    let mut tiles = String::from("<div class=\"tiles\">");
    let resident = report.figures.iter().filter(|figure| figure.name.starts_with("resident per tab")).take(1);
    let named = shown.iter().filter_map(|name| report.figures.iter().find(|figure| figure.name == *name));
    for figure in named.chain(resident) {
        let (value, unit, name) = (number(figure.value), escape(&figure.unit), escape(&figure.name));
        let inside = format!("<span class=\"soft\">{name}</span><b>{value} <small>{unit}</small></b>");
        write!(tiles, "<div class=\"tile\">{inside}</div>").expect("a string takes everything");
    }
    tiles + "</div>"
}

/// A table row: the first cell is text, numbers stand at the right.
fn row(rows: &mut String, cells: &[&str]) {
    rows.push_str("<tr>");
    for cell in cells {
        let is_number = cell.chars().all(|char| char.is_ascii_digit() || ".,-–".contains(char));
        let class = if is_number { " class=\"n\"" } else { "" };
        write!(rows, "<td{class}>{}</td>", escape(cell)).expect("a string takes everything");
    }
    rows.push_str("</tr>\n");
}

fn percentiles(run: &Run) -> String {
    let heads = QUANTILES.map(|(name, _)| name).join("</th><th class=\"n\">");
    let mut rows = format!("<tr><th></th><th class=\"n\">count</th><th class=\"n\">{heads}</th></tr>");
    for (name, latency) in latencies(&run.measures) {
        let at = |quantile| if latency.count() == 0 { "–".into() } else { number(ms(latency.at_us(quantile))) };
        let mut cells = vec![name.to_owned(), number(real(latency.count()))];
        cells.extend(QUANTILES.iter().map(|(_, quantile)| at(*quantile)));
        row(&mut rows, &cells.iter().map(String::as_str).collect::<Vec<_>>());
    }
    format!("<table>{rows}</table>")
}

fn checked(judgement: &Judgement) -> String {
    let counts = serde_json::to_value(&judgement.checked).unwrap_or_default();
    let mut rows = String::new();
    let tally = counts.get("tally").and_then(|tally| tally.as_object()).into_iter().flatten();
    for (name, count) in tally.chain(counts.as_object().into_iter().flatten()) {
        if let Some(count) = count.as_u64() {
            row(&mut rows, &[&name.replace('_', " "), &number(real(count))]);
        }
    }
    format!("<table>{rows}</table>")
}

fn answers(run: &Run) -> String {
    let measures = &run.measures;
    let mut rows = String::new();
    let counts = [("commands", measures.commands), ("accepted", measures.accepted), ("sent again", measures.retries)];
    let refused = measures.refused.iter().map(|(code, count)| (format!("refused: {code}"), *count));
    let closed = measures.closed.iter().map(|(code, count)| match code {
        0 => ("connection broke".to_owned(), *count),
        code => (format!("connection closed: {code}"), *count),
    });
    let rest =
        [("answer lost with the connection".to_owned(), measures.lost), ("reconnects".into(), measures.reconnects)];
    let counts =
        counts.map(|(name, count)| (name.to_owned(), count)).into_iter().chain(refused).chain(rest).chain(closed);
    for (name, count) in counts {
        row(&mut rows, &[&name, &number(real(count))]);
    }
    format!("<table>{rows}</table>")
}

fn figures(report: &Report) -> String {
    let mut rows = String::new();
    for figure in &report.figures {
        row(&mut rows, &[&figure.name, &number(figure.value), &figure.unit]);
    }
    format!("<table>{rows}</table>")
}

fn pairs(pairs: &BTreeMap<String, String>) -> String {
    let mut rows = String::new();
    for (name, value) in pairs {
        row(&mut rows, &[name, value]);
    }
    format!("<table>{rows}</table>")
}

fn ms(us: u64) -> f64 {
    real(us) / 1000.0
}

fn plots(run: &Run) -> Vec<Plot> {
    let origin = origin(run);
    let since = |at: Micros| real(at.0.saturating_sub(origin)) / 1e6;
    let time = Axis { label: "seconds since the load began", scale: Scale::Linear };
    let linear = |label| Axis { label, scale: Scale::Linear };
    let measures = &run.measures;
    let rates = [("deliveries", &measures.deliveries), ("commands", &measures.sent)];
    let rates = rates.map(|(name, slots)| Line { name: name.into(), points: per_second(slots, origin) });
    let of_hubs = |points: &dyn Fn(&crate::measure::HubMeasures) -> Vec<(f64, f64)>| {
        run.hubs.iter().map(|hub| Line { name: hub.name.clone(), points: points(hub) }).collect::<Vec<_>>()
    };
    let memory = of_hubs(&|hub| {
        hub.samples.iter().map(|sample| (since(sample.at), real(sample.resident_bytes) / MIB)).collect()
    });
    let cpu = of_hubs(&|hub| rate(hub.samples.iter().map(|sample| (since(sample.at), sample.cpu_s * 100.0))));
    let calls = rate(run.redis.iter().map(|sample| (since(sample.at), real(sample.calls))));
    let calls = vec![Line { name: "Redis".into(), points: calls }];
    let curves = latencies(measures).map(|(name, latency)| Line { name: name.into(), points: curve(latency) });
    let curves: Vec<Line> = curves.into_iter().filter(|line| !line.points.is_empty()).collect();
    let percentile = Axis { label: "percentile", scale: Scale::Percentile };
    let log = Axis { label: "milliseconds", scale: Scale::Log };
    let mut plots = vec![
        Plot { title: "Latency", x: percentile, y: log, lines: curves },
        Plot { title: "Deliveries and commands", x: time, y: linear("per second"), lines: rates.into() },
        Plot { title: "Resident memory of each hub", x: time, y: linear("MiB"), lines: memory },
        Plot { title: "Processor time of each hub", x: time, y: linear("% of one core"), lines: cpu },
    ];
    if !run.redis.is_empty() {
        plots.push(Plot { title: "Redis calls", x: time, y: linear("per second"), lines: calls });
    }
    plots
}

/// The first time in any series, microseconds.
fn origin(run: &Run) -> u64 {
    let slots = [&run.measures.deliveries, &run.measures.sent];
    let slots = slots.into_iter().filter_map(|slots| slots.keys().next().map(|slot| slot * SLOT_US));
    let samples = run.hubs.iter().filter_map(|hub| hub.samples.first().map(|sample| sample.at.0));
    let redis = run.redis.first().map(|sample| sample.at.0);
    slots.chain(samples).chain(redis).min().unwrap_or(0)
}

/// Counts of slots as a rate; slots without an entry are 0.
fn per_second(slots: &BTreeMap<u64, u64>, origin: u64) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (slots.keys().next(), slots.keys().next_back()) else { return Vec::new() };
    // Where nothing happens for long, the ends of the silence are enough.
    let shown: BTreeSet<u64> = slots.keys().flat_map(|slot| [slot.saturating_sub(1), *slot, slot + 1]).collect();
    let shown = shown.range(first..=last);
    let point = |slot: &u64| {
        let at = real((slot * SLOT_US).saturating_sub(origin)) / 1e6;
        (at, real(slots.get(slot).copied().unwrap_or(0)) / SLOT_S)
    };
    shown.map(point).collect()
}

/// How fast a counter rose, per second; samples that follow another at once are left out, for they say nothing.
pub(super) fn rate(samples: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    let mut last: Option<(f64, f64)> = None;
    for (at, count) in samples {
        match last {
            Some((before, _)) if at - before < SLOT_S / 2.0 => continue,
            // A counter that fell belongs to a process that began anew.
            Some((before, counted)) if count >= counted => points.push((at, (count - counted) / (at - before))),
            _ => {}
        }
        last = Some((at, count));
    }
    points
}

/// Latency over percentiles, as far out as there are values to speak of.
fn curve(latency: &Latency) -> Vec<(f64, f64)> {
    if latency.count() == 0 {
        return Vec::new();
    }
    let last = real(latency.count()).log10().min(5.0);
    let places = (0..=100_u32).map(f64::from).map(|place| place * 0.05).take_while(|place| *place <= last);
    places.map(|place| (place, ms(latency.at_us(1.0 - 10_f64.powf(-place)).max(1)))).collect()
}
