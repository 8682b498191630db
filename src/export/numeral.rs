//! Numbers as they are printed.

use super::block::Numerals;
use quire_protocol::format::Numbering;

const ROMAN: [(u32, &str); 13] = [
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
];
/// The largest number that Roman numerals are usually written for.
const ROMAN_MAX: u32 = 3999;
const ONES: [&str; 20] = [
    "",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
];
const TENS: [&str; 10] = ["", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"];

/// The number of a chapter, if chapters have one.
pub(super) fn chapter(number: u32, numbering: Numbering, is_english: bool) -> Option<String> {
    match numbering {
        Numbering::None => None,
        Numbering::Roman => Some(roman(number)),
        Numbering::Words if is_english => Some(words(number)),
        Numbering::Arabic | Numbering::Words => Some(number.to_string()),
    }
}

/// The number of an item of a list.
pub(super) fn item(number: u32, numerals: Numerals) -> String {
    match numerals {
        Numerals::Decimal => number.to_string(),
        Numerals::LowerAlpha => alpha(number).to_ascii_lowercase(),
        Numerals::UpperAlpha => alpha(number),
        Numerals::LowerRoman => roman(number).to_ascii_lowercase(),
        Numerals::UpperRoman => roman(number),
    }
}

fn roman(number: u32) -> String {
    if !(1..=ROMAN_MAX).contains(&number) {
        return number.to_string();
    }
    let (mut rest, mut text) = (number, String::new());
    for (value, letters) in ROMAN {
        while rest >= value {
            rest -= value;
            text.push_str(letters);
        }
    }
    text
}

/// A, B … Z, AA, AB …
fn alpha(number: u32) -> String {
    let (mut rest, mut letters) = (number, Vec::new());
    while rest > 0 {
        rest -= 1;
        letters.push(char::from_u32(u32::from('A') + rest % 26).expect("26 letters from A on"));
        rest /= 26;
    }
    if letters.is_empty() { number.to_string() } else { letters.iter().rev().collect() }
}

/// Up to 99; no book has more chapters whose numbers are spelt out.
fn words(number: u32) -> String {
    let digit = |names: &[&'static str], number: u32| {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        names.get(index).copied().unwrap_or_default()
    };
    match number {
        1..=19 => digit(&ONES, number).to_owned(),
        20..=99 if number.is_multiple_of(10) => digit(&TENS, number / 10).to_owned(),
        20..=99 => format!("{}-{}", digit(&TENS, number / 10), digit(&ONES, number % 10).to_ascii_lowercase()),
        _ => number.to_string(),
    }
}
