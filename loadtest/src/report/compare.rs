//! Two runs beside each other.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Report;
use super::html::number;

/// A table of both runs' figures with the ratio of new to old; what was run differently stands above it.
pub fn compare(old: &Report, new: &Report) -> String {
    let mut text =
        format!("old: {}, {}\nnew: {}, {}\n", old.run.scenario, old.run.began, new.run.scenario, new.run.began);
    let names: BTreeSet<_> = [&old.run, &new.run].into_iter().flat_map(|run| run.parameters.keys()).collect();
    for name in names {
        let [was, is] = [&old.run, &new.run].map(|run| run.parameters.get(name).map_or("-", String::as_str));
        if was != is {
            line(&mut text, format_args!("differs: {name} was {was}, is {is}"));
        }
    }
    line(&mut text, format_args!("\n{:<44} {:>12} {:>12} {:>8}", "", "old", "new", "new/old"));
    for figure in &new.figures {
        let label =
            if figure.unit.is_empty() { figure.name.clone() } else { format!("{} [{}]", figure.name, figure.unit) };
        let before = old.figures.iter().find(|old| old.name == figure.name && old.unit == figure.unit);
        let was = before.map_or("-".to_owned(), |old| number(old.value));
        let ratio = before.filter(|old| old.value != 0.0).map(|old| figure.value / old.value);
        let ratio = ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}x"));
        line(&mut text, format_args!("{label:<44} {was:>12} {:>12} {ratio:>8}", number(figure.value)));
    }
    for gone in old.figures.iter().filter(|old| new.figures.iter().all(|figure| figure.name != old.name)) {
        line(&mut text, format_args!("{:<44} {:>12} {:>12} {:>8}", gone.name, number(gone.value), "-", "-"));
    }
    text
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    writeln!(text, "{words}").expect("a string takes everything");
}
