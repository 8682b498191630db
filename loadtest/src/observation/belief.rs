//! What a tab believed to hold, and from when to when.

use std::collections::BTreeMap;

use quire_protocol::{ChapterId, SessionId, Token};
use serde::{Deserialize, Serialize};

use super::Micros;

/// Why a tab no longer believed to hold a chapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BeliefEnd {
    /// It asked to give it back: the belief ends when it asked.
    GaveBack,
    /// It closed the book or its connection on purpose.
    Left,
    /// It was told: by an event, a notice, a snapshot, or a refusal.
    Told,
    /// Its connection broke, and it could not know.
    Cut,
}

/// A tab believed to hold a chapter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Belief {
    /// The chapter.
    pub chapter: ChapterId,
    /// The tab's session.
    pub session: SessionId,
    /// When it learned of it.
    pub from: Micros,
    /// When and why it ended; none: it lasts.
    pub ended: Option<(Micros, BeliefEnd)>,
}

/// One tab's beliefs about one book, by token.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Beliefs {
    all: BTreeMap<u64, Belief>,
    /// Tokens of those that last.
    lasting: Vec<u64>,
}

impl Beliefs {
    /// The tab learns that it holds a chapter; a belief that broke off with its connection is taken up again.
    pub(super) fn begin(&mut self, Token(token): Token, chapter: &ChapterId, session: &SessionId, at: Micros) {
        let belief = self.all.entry(token).or_insert_with(|| {
            self.lasting.push(token);
            Belief { chapter: chapter.clone(), session: session.clone(), from: at, ended: None }
        });
        if matches!(belief.ended, Some((_, BeliefEnd::Cut))) {
            belief.ended = None;
            self.lasting.push(token);
        }
    }

    /// The lasting belief about this chapter ends.
    pub(super) fn end(&mut self, chapter: &ChapterId, at: Micros, why: BeliefEnd) {
        self.end_where(at, why, |belief, _| belief.chapter == *chapter);
    }

    /// All lasting beliefs end for which this is true.
    pub(super) fn end_where(&mut self, at: Micros, why: BeliefEnd, mut ends: impl FnMut(&Belief, Token) -> bool) {
        let all = &mut self.all;
        self.lasting.retain(|token| {
            let Some(belief) = all.get_mut(token).filter(|belief| ends(belief, Token(*token))) else { return true };
            belief.ended = Some((at, why));
            false
        });
    }

    /// The wish to give it back was refused: the tab goes on believing.
    pub(super) fn resume(&mut self, Token(token): Token) {
        if let Some(belief) = self.all.get_mut(&token)
            && matches!(belief.ended, Some((_, BeliefEnd::GaveBack)))
        {
            belief.ended = None;
            self.lasting.push(token);
        }
    }

    /// All beliefs with their tokens, tokens rising.
    pub fn iter(&self) -> impl Iterator<Item = (Token, &Belief)> {
        self.all.iter().map(|(token, belief)| (Token(*token), belief))
    }

    /// The belief under this token.
    pub fn get(&self, token: Token) -> Option<&Belief> {
        self.all.get(&token.0)
    }
}
