//! Edits as chance has them: words come and go, get marks and paragraphs.

use quire_protocol::codec::Blob;
use yrs::types::Attrs;
use yrs::{Any, Text as _, Transact as _, XmlElementPrelim, XmlFragment as _, XmlTextPrelim, XmlTextRef};

use super::{NOTHING, Typist};

/// Also such as take two units, or two bytes, for one character.
const WORDS: [&str; 8] = ["whale ", "sea ", "é", "𝄞 ", "Ahab said so. ", "the ", "harpoon ", "a"];
/// Characters that are deleted at once, at most.
const DELETED_MAX: u32 = 12;

/// Numbers as they come: for each `sides` one below it.
pub type Chance<'a> = &'a mut dyn FnMut(u32) -> u32;

impl Typist {
    /// Does something that somebody does who writes; the number of the update and its bytes. It always changes something.
    pub fn edits(&mut self, chance: Chance<'_>) -> (u64, Blob) {
        let texts = self.page.texts();
        let (n, update) = match (chance(16), texts.len()) {
            (_, 0) | (0, _) => self.adds_paragraph(chance),
            (kind, count) => {
                let text = &texts[chance(u32::try_from(count).unwrap_or(u32::MAX)) as usize];
                self.edits_text(kind, text, chance)
            }
        };
        if update.0 != NOTHING {
            return (n, update);
        }
        // What deletes or marks nothing is no update.
        self.n -= 1;
        self.types("and ")
    }

    fn adds_paragraph(&mut self, chance: Chance<'_>) -> (u64, Blob) {
        let blocks = self.page.root.len(&self.page.doc.transact());
        let (at, words) = (chance(blocks + 1), WORDS[chance(8) as usize]);
        let name = if chance(4) == 0 { "heading" } else { "paragraph" };
        self.writes(|change, root| {
            let block = root.insert(change, at, XmlElementPrelim::empty(name));
            block.push_back(change, XmlTextPrelim::new(words));
        })
    }

    fn edits_text(&mut self, kind: u32, text: &XmlTextRef, chance: Chance<'_>) -> (u64, Blob) {
        let words = self.page.words(text);
        let count = u32::try_from(words.chars().count()).unwrap_or(u32::MAX);
        let from = chance(count + 1);
        let length = chance((count - from).min(DELETED_MAX) + 1);
        // No character is cut in two.
        let units = |characters: u32| {
            let units: usize = words.chars().take(characters as usize).map(char::len_utf16).sum();
            u32::try_from(units).unwrap_or(u32::MAX)
        };
        let (start, end) = (units(from), units(from + length));
        match kind {
            1..=4 => self.writes(|change, _| text.remove_range(change, start, end - start)),
            5 => {
                let bold = Any::Map(std::collections::HashMap::new().into());
                let marks = Attrs::from([("bold".into(), if chance(3) == 0 { Any::Null } else { bold })]);
                self.writes(|change, _| text.format(change, start, end - start, marks))
            }
            _ => {
                let word = WORDS[chance(8) as usize];
                self.writes(|change, _| text.insert(change, start, word))
            }
        }
    }
}
