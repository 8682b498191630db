//! A letter: sentences and a link, as plain text and as HTML.

use std::fmt::Write as _;

use quire_protocol::text::clean_line;

/// Longest subject, characters; the rest is cut.
const SUBJECT_CHARS_MAX: usize = 200;

/// What a letter says, before it is laid out. Lines may hold anything that people wrote.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// What it is about.
    pub subject: String,
    /// What comes before the link, a paragraph each.
    pub before: Vec<String>,
    /// What it lists, behind that.
    pub items: Vec<Item>,
    /// What the link is called where it can be hidden behind words.
    pub link_says: String,
    /// Where it leads: made by the hub, never by people.
    pub link: String,
    /// What comes behind it, in small print.
    pub after: Vec<String>,
    /// Another link at the end, in small print: what it is called, and where it leads.
    pub also: Option<(String, String)>,
}

/// One of several things that a letter tells of.
#[derive(Clone, Debug)]
pub struct Item {
    /// What.
    pub says: String,
    /// What somebody wrote about it.
    pub quotes: Option<String>,
    /// Where it leads: made by the hub, never by people.
    pub link: String,
}

/// A letter, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The normal address that it goes to.
    pub to: String,
    /// Names it: the same letter sent again has the same id. Letters, digits, `-` and `_`.
    pub id: String,
    /// One line.
    pub subject: String,
    /// Its text part.
    pub text: String,
    /// Its HTML part.
    pub html: String,
}

impl Letter {
    /// Lays `words` out.
    pub fn of(to: &str, id: &str, words: &Words) -> Self {
        let subject = clean_line(&words.subject).chars().take(SUBJECT_CHARS_MAX).collect();
        Self { to: to.to_owned(), id: id.to_owned(), subject, text: as_text(words), html: as_html(words) }
    }
}

fn as_text(words: &Words) -> String {
    let before = words.before.iter().map(|line| clean_line(line));
    let after = words.after.iter().map(|line| clean_line(line));
    let also = words.also.iter().map(|(says, link)| format!("{says}:\n{link}"));
    let items = words.items.iter().map(item_as_text);
    let all: Vec<String> = before.chain(items).chain([words.link.clone()]).chain(after).chain(also).collect();
    all.join("\n\n") + "\n"
}

fn item_as_text(item: &Item) -> String {
    let quotes = item.quotes.iter().map(|quotes| format!("  {}", clean_line(quotes)));
    let lines: Vec<String> = std::iter::once(format!("- {}", clean_line(&item.says)))
        .chain(quotes)
        .chain([format!("  {}", item.link)])
        .collect();
    lines.join("\n")
}

/// Inline styles only, few of them: readers of mail drop everything else.
fn as_html(words: &Words) -> String {
    let mut html = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"></head>\n\
         <body style=\"font-family:sans-serif;font-size:16px;line-height:1.5;color:#1f1b16\">\n",
    );
    let written = "a string takes everything";
    for line in &words.before {
        writeln!(html, "<p>{}</p>", escaped(&clean_line(line))).expect(written);
    }
    for Item { says, quotes, link } in &words.items {
        let (link, says) = (escaped(link), escaped(&clean_line(says)));
        let quotes = quotes.as_ref().map(|quotes| format!("<br>{}", escaped(&clean_line(quotes)))).unwrap_or_default();
        writeln!(html, "<p><a href=\"{link}\">{says}</a>{quotes}</p>").expect(written);
    }
    let (link, says) = (escaped(&words.link), escaped(&words.link_says));
    writeln!(
        html,
        "<p><a href=\"{link}\" style=\"display:inline-block;padding:10px 18px;border-radius:6px;\
         background:#2557b0;color:#ffffff;text-decoration:none\">{says}</a></p>"
    )
    .expect(written);
    for line in &words.after {
        writeln!(html, "<p style=\"font-size:14px;color:#5c5346\">{}</p>", escaped(&clean_line(line))).expect(written);
    }
    if let Some((says, link)) = &words.also {
        let (link, says) = (escaped(link), escaped(says));
        writeln!(html, "<p style=\"font-size:14px\"><a href=\"{link}\">{says}</a></p>").expect(written);
    }
    html + "</body></html>\n"
}

/// Text as part of HTML, also between quotes.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            char => safe.push(char),
        }
    }
    safe
}
