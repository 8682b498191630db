//! Who plays what: which tab belongs to which worker, person, book and hub. Pure arithmetic on numbers.

use quire_protocol::{BookId, ChapterId, Role};

use crate::plan::{Plan, Scenario};

/// One tab's part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The number of the tab, from 0, over all workers.
    pub(crate) number: u32,
    /// The number of its book.
    pub(crate) book: u32,
    /// Which of the book's tabs it is.
    pub(crate) place: u32,
    /// Which of the book's people.
    pub(crate) person: u32,
    /// The hub that it goes to first.
    pub(crate) hub: u32,
}

impl Plan {
    /// The parts of one worker's tabs. A book's tabs are spread over the workers.
    pub(crate) fn parts(&self, worker: u32) -> Vec<Part> {
        let books = self.books.max(1);
        let parts = (0..self.tabs).map(|number| {
            let place = number / books;
            Part { number, book: number % books, place, person: place % self.people.max(1), hub: self.hub(number) }
        });
        parts.filter(|part| (part.place + part.book) % self.workers == worker).collect()
    }

    /// `cross`: the first tab publishes on the first hub, and everybody else listens on another.
    fn hub(&self, number: u32) -> u32 {
        let hubs = u32::try_from(self.urls.len()).unwrap_or(u32::MAX).max(1);
        match (self.scenario, number, hubs) {
            (Scenario::Cross, 0, _) | (_, _, 1) => 0,
            (Scenario::Cross, ..) => 1 + number % (hubs - 1),
            // Those who write into the same text do so at different hubs.
            (scenario, ..) if scenario.writes() => {
                let (chapter, rank) = self.seat(number / self.books.max(1));
                (chapter + rank) % hubs
            }
            _ => number % hubs,
        }
    }

    /// Where texts are written: the number of the chapter that a tab is about, and which of its tabs it is.
    pub(crate) fn seat(&self, place: u32) -> (u32, u32) {
        let chapters = self.chapters.max(1);
        (place % chapters, place / chapters)
    }

    /// The numbers of the books that this worker prepares.
    pub(crate) fn prepares(&self, worker: u32) -> impl Iterator<Item = u32> + use<> {
        (worker..self.books.max(1)).step_by(self.workers as usize)
    }

    /// A book by its number.
    pub(crate) fn book(&self, number: u32) -> BookId {
        BookId::new(&format!("{}-{number}", self.run)).expect("a run is named by letters and digits")
    }

    /// Who a person of a book is. The owner is number 0.
    pub(crate) fn name(&self, book: u32, person: u32) -> String {
        format!("{}-{book}-{person}", self.run)
    }
}

/// The role of a book's person.
pub(crate) fn role(person: u32) -> Role {
    match person % 10 {
        0 if person == 0 => Role::Owner,
        0..=2 => Role::Author,
        3..=6 => Role::Editor,
        7 | 8 => Role::Viewer,
        _ => Role::Reader,
    }
}

/// Whether a person of this number may lock, rename and move chapters.
pub(crate) fn may_edit(person: u32) -> bool {
    matches!(role(person), Role::Owner | Role::Author | Role::Editor)
}

/// Whether a person of this number may comment.
pub(crate) fn may_comment(person: u32) -> bool {
    role(person) != Role::Reader
}

/// The title of a chapter by its number.
pub(crate) fn title(number: u32) -> String {
    format!("Chapter {number}")
}

/// A chapter by its number.
pub(crate) fn chapter(number: u32) -> ChapterId {
    ChapterId::new(&format!("chapter-{number}")).expect("a number is an id")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn plan(scenario: Scenario, tabs: u32, books: u32, workers: u32) -> Plan {
        let urls = ["ws://a:1", "ws://b:1", "ws://c:1"].map(str::to_owned).to_vec();
        Plan { workers, tabs, books, ..Plan::new(scenario, urls, crate::plan::Tokens::Development) }
    }

    #[test]
    fn every_tab_has_one_worker_and_every_book_its_share() {
        for (tabs, books, workers) in [(100, 10, 3), (7, 1, 4), (40, 4, 4), (1, 1, 1)] {
            let plan = plan(Scenario::Books, tabs, books, workers);
            let parts: Vec<Part> = (0..workers).flat_map(|worker| plan.parts(worker)).collect();
            let numbers: BTreeSet<u32> = parts.iter().map(|part| part.number).collect();
            assert_eq!((parts.len(), numbers.len()), (tabs as usize, tabs as usize));
            let prepared: BTreeSet<u32> = (0..workers).flat_map(|worker| plan.prepares(worker)).collect();
            assert_eq!(prepared.len(), books as usize);
        }
    }

    #[test]
    fn what_is_published_on_one_hub_is_listened_to_on_others() {
        let plan = plan(Scenario::Cross, 20, 1, 1);
        let parts = plan.parts(0);
        assert_eq!(parts[0].hub, 0);
        assert!(parts[1..].iter().all(|part| part.hub == 1 || part.hub == 2));
    }

    #[test]
    fn those_who_write_into_a_text_are_at_different_hubs() {
        let plan = plan(Scenario::Typing, 48, 2, 1);
        let parts = plan.parts(0);
        for chapter in 0..plan.chapters {
            let here = parts.iter().filter(|part| part.book == 0 && plan.seat(part.place).0 == chapter);
            let hubs: BTreeSet<u32> = here.map(|part| part.hub).collect();
            assert_eq!(hubs.len(), 3);
        }
    }

    #[test]
    fn a_book_has_one_owner_and_somebody_of_each_role() {
        let roles: Vec<Role> = (0..20).map(role).collect();
        assert_eq!(roles.iter().filter(|role| **role == Role::Owner).count(), 1);
        for wanted in [Role::Author, Role::Editor, Role::Viewer, Role::Reader] {
            assert!(roles.contains(&wanted));
        }
    }
}
