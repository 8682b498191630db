#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the numbers of the sample are small"
)]

use super::*;
use crate::measure::HubSample;
use crate::observation::{Micros, ViolationKind};

/// A run of a minute with two hubs, whose numbers have shapes to look at.
fn run(scenario: &str) -> Run {
    let mut run = Run { scenario: scenario.into(), began: "2026-11-22 06:31 UTC".into(), ..Run::default() };
    (run.tabs, run.load_s) = (1_000, 60.0);
    run.parameters = [("books", "100"), ("rate", "500/s")].map(|(name, value)| (name.into(), value.into())).into();
    run.machine = [("cores", "2"), ("kernel", "6.1")].map(|(name, value)| (name.into(), value.into())).into();
    for index in 1..=20_000_u32 {
        let rank = f64::from(index) / 20_001.0;
        let us = 900.0 * (1.0 / (1.0 - rank)).powf(0.45);
        run.measures.delivery.record_us(us.round() as u64);
        run.measures.reply.record_us((us * 1.7).round() as u64);
        if index % 20 == 0 {
            run.measures.join.record_us((us * 6.0).round() as u64);
        }
    }
    for slot in 4..124_u64 {
        let swing = (slot as f64 / 9.0).sin();
        run.measures.deliveries.insert(slot, (2_500.0 + 400.0 * swing) as u64);
        run.measures.sent.insert(slot, 250);
    }
    (run.measures.commands, run.measures.accepted) = (30_000, 28_900);
    for (code, count) in [("locked", 1_000), ("unavailable", 90)] {
        run.measures.refused.insert(code.into(), count);
    }
    run.measures.closed.extend([(0, 3), (4050, 12)]);
    run.hubs = ["north", "south"].map(|name| hub(name, if name == "north" { 1.0 } else { 0.8 })).into();
    run.redis = (0..=120_u64)
        .map(|index| RedisSample { at: Micros(2_000_000 + index * 500_000), calls: index * 260, used_bytes: 9_000_000 })
        .collect();
    let checked = &mut run.judgement.checked;
    (checked.tally.deliveries, checked.accepted, checked.refused) = (300_000, 28_900, 1_090);
    (checked.grants, checked.views, checked.books) = (9_400, 1_000, 100);
    run
}

fn hub(name: &str, share: f64) -> HubMeasures {
    let sample = |index: u64| HubSample {
        at: Micros(2_000_000 + index * 500_000),
        resident_bytes: 18_000_000 + (share * 9_000_000.0 * (1.0 - (-(index as f64) / 30.0).exp())) as u64,
        cpu_s: share * (index as f64).mul_add(0.11, 0.02 * (index as f64 / 5.0).sin()),
    };
    let samples = (0..=120).map(sample).collect();
    HubMeasures { name: name.into(), idle_resident_bytes: 18_000_000, tabs: 500, samples, join_cpu_s: 0.02 }
}

fn figure(report: &Report, name: &str) -> f64 {
    report.figures.iter().find(|figure| figure.name == name).unwrap().value
}

#[test]
fn a_report_reads_back_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let report = Report::new(run("many small books"));
    write(&folder.path().join("deep/inside"), &report).unwrap();
    let read = read(&folder.path().join("deep/inside/report.json")).unwrap();
    assert_eq!(read.figures, report.figures);
    assert_eq!(read.run.judgement, report.run.judgement);
    assert_eq!(Report::new(read.run.clone()).figures, report.figures, "histograms keep their percentiles");
    assert!(std::fs::read_to_string(folder.path().join("deep/inside/report.html")).unwrap().ends_with("</html>\n"));
}

#[test]
fn figures_say_what_things_cost() {
    let report = Report::new(run("many small books"));
    let cpu_s: f64 = report.run.hubs.iter().map(HubMeasures::cpu_s).sum();
    let deliveries = report.run.measures.deliveries_total() as f64;
    assert!((figure(&report, "CPU per million deliveries, all hubs") - cpu_s * 1e6 / deliveries).abs() < 1e-9);
    assert!((figure(&report, "Redis calls per command") - 120.0 * 260.0 / 30_000.0).abs() < 1e-9);
    let kib = (report.run.hubs[0].peak_bytes() - 18_000_000) as f64 / 1024.0 / 500.0;
    assert!((figure(&report, "resident per tab, north") - kib).abs() < 1e-9);
    assert!(Report::new(Run::default()).figures.iter().all(|figure| figure.value.is_finite()), "nothing divides by 0");
}

#[test]
fn comparing_tells_ratios_and_what_was_run_differently() {
    let old = Report::new(run("many small books"));
    let mut slower = run("many small books");
    slower.parameters.insert("rate".into(), "250/s".into());
    for index in 0..=120 {
        slower.redis[index].calls *= 2;
    }
    let text = compare(&old, &Report::new(slower));
    assert!(text.contains("differs: rate was 500/s, is 250/s"), "{text}");
    let line = text.lines().find(|line| line.starts_with("Redis calls per command")).unwrap();
    assert!(line.ends_with("2.00x"), "{line}");
    let line = text.lines().find(|line| line.starts_with("delivery p99 ")).unwrap();
    assert!(line.ends_with("1.00x"), "{line}");
    let line = text.lines().find(|line| line.starts_with("violations")).unwrap();
    assert!(line.ends_with(" -"), "there is no ratio to nothing: {line}");
}

#[test]
fn the_page_loads_nothing_and_escapes_what_comes_from_elsewhere() {
    let evil = "<script src=\"https://evil.example/x.js\">alert('x')</script>";
    let mut run = run(evil);
    run.parameters.insert(evil.into(), evil.into());
    run.machine.insert("name".into(), evil.into());
    run.hubs[0].name = evil.into();
    run.measures.refused.insert(evil.into(), 1);
    run.judgement.violations.add(ViolationKind::Gap, || evil.into());
    let page = page(&Report::new(run));
    assert!(!page.contains("<script"), "nothing from elsewhere is markup");
    let own: String = page.split("&lt;script").collect();
    for loads in ["src=", "href=", "url(", "@import", "http:", "<link", "<img", "<iframe"] {
        let told = evil.matches(loads).count() * page.matches("&lt;script").count();
        assert!(own.matches(loads).count() <= told, "the page has {loads}");
    }
    assert!(!page.contains("src=\""), "no attribute of ours loads anything");
    assert!(page.contains("Wrong: 1 violation"), "the verdict is told");
}

#[test]
fn a_run_without_anything_still_makes_a_page() {
    let page = page(&Report::new(Run::default()));
    assert!(page.contains("nothing measured"));
    assert!(!page.contains("NaN") && !page.contains("inf"), "no plot divides by 0");
}

#[test]
fn rates_have_no_spikes_where_samples_are_close_together() {
    let samples = [(0.0, 0.0), (0.5, 50.0), (0.501, 60.0), (1.0, 100.0), (1.5, 5.0), (2.0, 10.0)];
    let rates = html::rate(samples.into_iter());
    assert_eq!(rates, [(0.5, 100.0), (1.0, 100.0), (2.0, 10.0)]);
}

#[test]
fn numbers_are_written_for_people() {
    for (value, expected) in
        [(0.0, "0"), (0.0123, "0.0123"), (0.5, "0.5"), (9.876, "9.88"), (123.4, "123"), (1_234_567.0, "1,234,567")]
    {
        assert_eq!(html::number(value), expected);
    }
}
