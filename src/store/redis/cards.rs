//! The index of books (R17). All of it shares one hash tag, so that a card and where it is found change together.

use std::collections::BTreeSet;

use bytes::Bytes;
use quire_protocol::event::Claim;
use quire_protocol::{BookId, UserId};
use redis::Value;

use super::answer::{Parts, damaged};
use super::args::Args;
use super::keys::Keys;
use super::link::{Call, Script};
use super::{Redis, away};
use crate::store::{Card, StoreError};

static PUT_CARD: Script = Script::new(include_str!("put_card.lua"));
static FIND_BOOKS: Script = Script::new(include_str!("find_books.lua"));
static READ_CARDS: Script = Script::new(include_str!("read_cards.lua"));

/// How often a card is tried again that others changed meanwhile. Each time another replica's got through, so more
/// would take more replicas than this that change one book at once.
const TRIES_MAX: u32 = 64;
/// Cards in one answer.
const PAGE: usize = 200;

/// A question to the index.
pub(super) enum Finding {
    /// Cards with this member.
    Member(UserId),
    /// Cards that invite this address.
    Address(String),
    /// Cards that can be claimed by anyone, or by whoever proved this address.
    Claimable(Option<String>),
}

impl Finding {
    fn keys(&self, keys: &Keys) -> Vec<String> {
        match self {
            Self::Member(user) => vec![keys.member(user.as_str())],
            Self::Address(email) => vec![keys.address(email)],
            Self::Claimable(None) => vec![keys.claim(None)],
            Self::Claimable(Some(email)) => vec![keys.claim(None), keys.claim(Some(email))],
        }
    }

    /// Whether the card answers it: it may have changed since it was found.
    fn is_answered_by(&self, card: &Card) -> bool {
        match (self, &card.claim) {
            (Self::Member(user), _) => card.members.iter().any(|(member, _)| member == user),
            (Self::Address(email), _) => card.invitations.iter().any(|(address, _)| address == email),
            (Self::Claimable(_), claim) => match claim {
                None => false,
                Some(Claim::Anyone) => true,
                Some(Claim::Address(address)) => matches!(self, Self::Claimable(Some(email)) if email == address),
            },
        }
    }
}

impl Redis {
    pub(super) async fn put_card_now(&self, card: Card) -> Result<(), StoreError> {
        let new: Bytes = rmp_serde::to_vec_named(&card).expect("a card is texts and numbers").into();
        let places = places(&self.keys, &card);
        let mut expected = Bytes::new();
        for _ in 0..TRIES_MAX {
            let gone: BTreeSet<String> = if expected.is_empty() {
                BTreeSet::new()
            } else {
                let stored = decode(card.book.as_str(), &expected)?;
                if stored.seq > card.seq || expected == new {
                    return Ok(());
                }
                self::places(&self.keys, &stored).difference(&places).cloned().collect()
            };
            let args = Args::default().bytes(expected).bytes(new.clone()).text(card.book.as_str()).number(gone.len());
            let keys = [self.keys.card(card.book.as_str())].into_iter().chain(gone).chain(places.iter().cloned());
            let call = Call { script: &PUT_CARD, keys: keys.collect(), args: args.done() };
            match self.link.call(call).await.map_err(away)? {
                Value::Nil => return Ok(()),
                Value::BulkString(stored) => expected = stored.into(),
                _ => return Err(damaged("a card")),
            }
        }
        Err(StoreError::Unavailable)
    }

    pub(super) async fn find_now(
        &self,
        finding: Finding,
        after: Option<BookId>,
        limit: usize,
    ) -> Result<Vec<Card>, StoreError> {
        let (mut found, mut after) = (vec![], after.map(|book| book.as_str().to_owned()));
        while found.len() < limit {
            let wanted = PAGE.min(limit - found.len());
            let books = self.books(&finding, after.as_deref(), wanted).await?;
            let Some(last) = books.last().cloned() else { break };
            let is_end = books.len() < wanted;
            let cards = self.cards(books).await?;
            found.extend(cards.into_iter().filter(|card| finding.is_answered_by(card)));
            if is_end {
                break;
            }
            after = Some(last);
        }
        Ok(found)
    }

    /// Up to `limit` books by id.
    async fn books(&self, finding: &Finding, after: Option<&str>, limit: usize) -> Result<Vec<String>, StoreError> {
        let from = after.map_or_else(|| "-".to_owned(), |book| format!("({book}"));
        let call =
            |key| Call { script: &FIND_BOOKS, keys: vec![key], args: Args::default().text(&from).number(limit).done() };
        let answers = self.link.call_many(finding.keys(&self.keys).into_iter().map(call).collect()).await;
        let mut books = BTreeSet::new();
        for answer in answers.map_err(away)? {
            books.extend(Parts::of(answer)?.texts()?);
        }
        Ok(books.into_iter().take(limit).collect())
    }

    async fn cards(&self, books: Vec<String>) -> Result<Vec<Card>, StoreError> {
        let keys = books.iter().map(|book| self.keys.card(book)).collect();
        let answer = self.link.call(Call { script: &READ_CARDS, keys, args: vec![] }).await.map_err(away)?;
        let mut answer = Parts::of(answer)?;
        let card = |book: &String| answer.bytes().and_then(|bytes| decode(book, &bytes));
        books.iter().map(card).collect()
    }
}

/// The keys under which a card is found.
fn places(keys: &Keys, card: &Card) -> BTreeSet<String> {
    let members = card.members.iter().map(|(user, _)| keys.member(user.as_str()));
    let addresses = card.invitations.iter().map(|(address, _)| keys.address(address));
    let claim = card.claim.iter().map(|claim| match claim {
        Claim::Anyone => keys.claim(None),
        Claim::Address(address) => keys.claim(Some(address)),
    });
    members.chain(addresses).chain(claim).collect()
}

fn decode(book: &str, bytes: &[u8]) -> Result<Card, StoreError> {
    rmp_serde::from_slice(bytes).map_err(|error| StoreError::Corrupt(format!("the card of {book}: {error}")))
}
