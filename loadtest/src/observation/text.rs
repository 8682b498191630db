//! What tabs note of the texts of chapters: what they were told, what they wrote, and what became of that.

use std::collections::{BTreeMap, BTreeSet};

use quire_protocol::frame::{Answer, Reply};
use quire_protocol::{BookId, ChapterId, Epoch, Rejection, Seq, SessionId, Token};
use serde::{Deserialize, Serialize};

use super::{Micros, Moment, Notebook, TabId, ViolationKind};

/// A chapter, in its book.
pub(crate) type Place<'a> = (&'a BookId, &'a ChapterId);

/// What was told of one update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// Of its bytes.
    pub(crate) digest: u64,
    /// The session that wrote it.
    pub(crate) by: SessionId,
}

/// What a writer was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Said {
    /// It is durable, at this position.
    Stored(Seq),
    /// It was not done, with this code.
    Refused(String),
    /// `outcome_unknown`, or the connection ended first: it may have been done.
    Unknown,
}

/// One sending of an update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sending {
    pub(crate) session: Option<SessionId>,
    /// The token under which the chapter was held, as the tab had heard.
    pub(crate) token: Token,
    pub(crate) sent_at: Micros,
    /// Nothing yet, at first.
    pub(crate) said: Option<Said>,
}

/// An update as its writer knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wrote {
    pub(crate) tab: TabId,
    /// Of its bytes.
    pub(crate) digest: u64,
    /// Clock units that the hold has after it.
    pub(crate) units: u32,
    /// Each time that it was sent, oldest first.
    pub(crate) sendings: Vec<Sending>,
    /// What became of it where it could not be stored.
    pub(crate) instead: Option<Instead>,
}

/// Why somebody does not insist on an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Instead {
    /// The hub keeps it as a draft.
    Draft,
    /// It was sent under a token that was over, to see it refused.
    Probe,
}

/// An update on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    /// The client id of the hold.
    pub(crate) client: Token,
    pub(crate) n: u64,
    pub(crate) token: Token,
    pub(crate) digest: u64,
    pub(crate) units: u32,
    pub(crate) is_probe: bool,
}

/// A text as somebody has it when all is quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextView {
    /// The last update in it.
    pub rev: Seq,
    /// Digest of the words.
    pub words: u64,
    /// Digest of the rendered document.
    pub rendered: u64,
    /// Digest of its state vector.
    pub clocks: u64,
}

/// What is known of one chapter's text.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct TextNotes {
    /// The lives of its log.
    pub(crate) epochs: BTreeSet<u64>,
    pub(crate) told: BTreeMap<u64, Told>,
    /// By the client id of the hold, and the number of the update.
    pub(crate) wrote: BTreeMap<u64, BTreeMap<u64, Wrote>>,
    pub(crate) views: BTreeMap<TabId, TextView>,
}

impl Said {
    /// What a reply to an update says; `None`: nonsense.
    pub(crate) fn of(reply: &Reply) -> Option<Self> {
        match (&reply.ok, &reply.err) {
            (Some(Answer::Revised { rev }), None) => Some(Self::Stored(*rev)),
            (None, Some(refusal)) if refusal.rejection == Rejection::OutcomeUnknown => Some(Self::Unknown),
            (None, Some(refusal)) => Some(Self::Refused(refusal.rejection.code().to_owned())),
            _ => None,
        }
    }
}

impl Wrote {
    /// Where it was stored, as the hub said.
    pub(crate) fn stored(&self) -> impl Iterator<Item = Seq> {
        self.sendings
            .iter()
            .filter_map(|sending| if let Some(Said::Stored(rev)) = sending.said { Some(rev) } else { None })
    }

    /// The sendings by which it may have been stored.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Sending> {
        self.sendings.iter().filter(|sending| !matches!(sending.said, Some(Said::Refused(_))))
    }
}

impl Notebook {
    fn text(&mut self, (book, chapter): Place<'_>) -> &mut TextNotes {
        let notes = self.books.entry(book.clone()).or_default();
        notes.texts.entry(chapter.clone()).or_default()
    }

    /// The answer to `chapter.open`; `before` is what the tab had of this text.
    pub(crate) fn text_opened(
        &mut self,
        tab: TabId,
        place: Place<'_>,
        (epoch, rev): (Option<Epoch>, Seq),
        before: Option<Seq>,
    ) {
        self.tally.texts_opened += 1;
        let text = self.text(place);
        text.epochs.extend(epoch.map(|epoch| epoch.0));
        if let Some(before) = before.filter(|before| rev < *before) {
            self.violations.add(ViolationKind::BadOpening, || {
                format!("tab {}: {} of {} was opened at {rev}, after {before} was known", tab.0, place.1, place.0)
            });
        }
    }

    /// A change of a text came; `due` is the one that is the next for this tab, none if the text is not open.
    pub(crate) fn text_told(&mut self, tab: TabId, place: Place<'_>, (rev, due): (Seq, Option<Seq>), told: &Told) {
        self.tally.texts += 1;
        let what = |why: &str| format!("tab {}: update {rev} of {} in {} {why}", tab.0, place.1, place.0);
        match due {
            None => self.violations.add(ViolationKind::Unasked, || what("came to a closed view")),
            Some(due) if rev > due => {
                self.violations.add(ViolationKind::Gap, || what(&format!("came when {due} was due")));
            }
            Some(due) if rev < due => self.violations.add(ViolationKind::Duplicate, || what("came again, or late")),
            Some(_) => {}
        }
        let known = self.text(place).told.entry(rev.0).or_insert_with(|| told.clone());
        if known != told {
            self.violations.add(ViolationKind::Disagreement, || what("is something else at another tab"));
        }
    }

    /// An update is about to be sent, for the first time or again.
    pub(crate) fn text_sent(&mut self, now: Moment, place: Place<'_>, sent: Sent) {
        let session = self.sessions.get(&now.tab).and_then(|sessions| sessions.current.clone());
        let Sent { client, n, token, digest, units, is_probe } = sent;
        let wrote = self.text(place).wrote.entry(client.0).or_default().entry(n).or_insert_with(|| Wrote {
            tab: now.tab,
            digest,
            units,
            sendings: Vec::new(),
            instead: is_probe.then_some(Instead::Probe),
        });
        wrote.sendings.push(Sending { session, token, sent_at: now.at, said: None });
    }

    /// What the last sending of an update was answered, or that nobody will know.
    pub(crate) fn text_answered(&mut self, place: Place<'_>, (client, n): (Token, u64), said: Said) {
        let wrote = self.text(place).wrote.get_mut(&client.0).and_then(|hold| hold.get_mut(&n));
        let sending = wrote.and_then(|wrote| wrote.sendings.last_mut()).filter(|sending| sending.said.is_none());
        if let Some(sending) = sending {
            sending.said = Some(said);
        }
    }

    /// What could not be stored lies in a draft, which the hub gave back as it was.
    pub(crate) fn text_drafted(&mut self, place: Place<'_>, (client, n): (Token, u64)) {
        if let Some(wrote) = self.text(place).wrote.get_mut(&client.0).and_then(|hold| hold.get_mut(&n)) {
            wrote.instead = Some(Instead::Draft);
        }
    }

    /// What the tab has of a text when all is quiet.
    pub(crate) fn text_view(&mut self, tab: TabId, place: Place<'_>, view: TextView) {
        self.text(place).views.insert(tab, view);
    }

    /// A file of a book was read.
    pub(crate) fn file_read(&mut self) {
        self.tally.files += 1;
    }

    /// Something about a file is wrong.
    pub(crate) fn file_wrong(&mut self, kind: ViolationKind, tab: TabId, book: &BookId, (file, why): (&str, &str)) {
        self.violations.add(kind, || format!("tab {}: {book} as {file}: {why}", tab.0));
    }

    /// Something about a text is wrong.
    pub(crate) fn text_wrong(&mut self, kind: ViolationKind, tab: TabId, place: Place<'_>, why: &str) {
        self.violations.add(kind, || format!("tab {}: {} of {}: {why}", tab.0, place.1, place.0));
    }
}
