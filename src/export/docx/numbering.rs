//! Lists. What they look like is said once for each kind; each list that counts is an instance of its own, so that it
//! begins anew.

use super::parts::{NAMESPACES, PROLOGUE};
use crate::export::block::{Numerals, Order};
use crate::export::markup::Markup;

/// Levels that a list has, from 0. Deeper ones look like the last.
pub(super) const LEVELS: usize = 9;
/// From one level to the next, in twentieths of a point.
pub(super) const LEVEL_INDENT: usize = 360;
const BULLETS: &str = "0";
/// The instance that all lists with bullets share.
const BULLET_LIST: usize = 1;

/// The kinds with numbers; their ids count from 1.
const ORDERED: [(Numerals, &str); 5] = [
    (Numerals::Decimal, "decimal"),
    (Numerals::LowerAlpha, "lowerLetter"),
    (Numerals::UpperAlpha, "upperLetter"),
    (Numerals::LowerRoman, "lowerRoman"),
    (Numerals::UpperRoman, "upperRoman"),
];

/// The lists that count, each with its level.
#[derive(Debug, Default)]
pub(super) struct Lists(Vec<(Order, usize)>);

impl Lists {
    /// The id of a list at a level.
    pub(super) fn id(&mut self, order: Option<Order>, level: usize) -> usize {
        let Some(order) = order else { return BULLET_LIST };
        self.0.push((order, level));
        BULLET_LIST + self.0.len()
    }

    pub(super) fn part(&self) -> String {
        let mut markup = Markup::after(PROLOGUE);
        markup.element("w:numbering", NAMESPACES, |markup| {
            kind(markup, BULLETS, "bullet");
            for ((_, format), id) in ORDERED.iter().zip(1..) {
                kind(markup, &id.to_string(), format);
            }
            markup.element("w:num", &[("w:numId", &BULLET_LIST.to_string())], |markup| {
                markup.empty("w:abstractNumId", &[("w:val", BULLETS)]);
            });
            for ((order, level), id) in self.0.iter().zip(BULLET_LIST + 1..) {
                instance(markup, *order, *level, id);
            }
        });
        markup.into_text()
    }
}

fn kind(markup: &mut Markup, id: &str, format: &str) {
    markup.element("w:abstractNum", &[("w:abstractNumId", id)], |markup| {
        markup.empty("w:multiLevelType", &[("w:val", "hybridMultilevel")]);
        for level in 0..LEVELS {
            let text = if format == "bullet" { "\u{2022}".to_owned() } else { format!("%{}.", level + 1) };
            markup.element("w:lvl", &[("w:ilvl", &level.to_string())], |markup| {
                markup.empty("w:start", &[("w:val", "1")]);
                markup.empty("w:numFmt", &[("w:val", format)]);
                markup.empty("w:lvlText", &[("w:val", &text)]);
                markup.empty("w:lvlJc", &[("w:val", "left")]);
                markup.element("w:pPr", &[], |markup| {
                    let indent = ((level + 1) * LEVEL_INDENT).to_string();
                    markup.empty("w:ind", &[("w:left", &indent), ("w:hanging", &LEVEL_INDENT.to_string())]);
                });
            });
        }
    });
}

fn instance(markup: &mut Markup, order: Order, level: usize, id: usize) {
    let kind = ORDERED.iter().position(|(numerals, _)| *numerals == order.numerals).map_or(1, |index| index + 1);
    markup.element("w:num", &[("w:numId", &id.to_string())], |markup| {
        markup.empty("w:abstractNumId", &[("w:val", &kind.to_string())]);
        markup.element("w:lvlOverride", &[("w:ilvl", &level.to_string())], |markup| {
            markup.empty("w:startOverride", &[("w:val", &order.start.to_string())]);
        });
    });
}
