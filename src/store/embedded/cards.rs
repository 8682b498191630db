//! The index of books (R17) and the tables by which a card is found.

use std::ops::Bound;

use quire_protocol::BookId;
use quire_protocol::event::Claim;
use redb::{ReadableTable, TableDefinition, WriteTransaction};

use super::tables::{View, failed, with_table};
use crate::store::{Card, StoreError};

/// A book's id to its card.
pub(crate) const CARDS: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("cards");
const BY_MEMBER: TableDefinition<'static, (&str, &str), ()> = TableDefinition::new("cards_by_member");
const BY_ADDRESS: TableDefinition<'static, (&str, &str), ()> = TableDefinition::new("cards_by_address");
const CLAIMABLE: TableDefinition<'static, (&str, &str), ()> = TableDefinition::new("cards_claimable");

/// A question to the index.
#[derive(Clone, Debug)]
pub(super) enum Finding {
    /// Cards with this member.
    Member(String),
    /// Cards that invite this address.
    Address(String),
    /// Cards that can be claimed by anyone, or by whoever proved this address.
    Claimable(Option<String>),
}

pub(super) fn create(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.open_table(CARDS)?;
    transaction.open_table(BY_MEMBER)?;
    transaction.open_table(BY_ADDRESS)?;
    transaction.open_table(CLAIMABLE)?;
    Ok(())
}

/// The card of a book.
pub(super) fn stored(view: View<'_>, book: &BookId) -> Result<Option<Card>, StoreError> {
    with_table!(view, CARDS, |cards| {
        let bytes = cards.get(book.as_str()).map_err(failed)?;
        bytes.map(|bytes| decode(book.as_str(), bytes.value())).transpose()
    })
}

/// Puts `card` in the place of what is stored for its book.
pub(crate) fn replace(transaction: &WriteTransaction, stored: Option<&Card>, card: &Card) -> Result<(), StoreError> {
    if let Some(stored) = stored {
        index(transaction, stored, |table, key| table.remove(key).map(drop))?;
    }
    index(transaction, card, |table, key| table.insert(key, ()).map(drop))?;
    let bytes = rmp_serde::to_vec_named(card).expect("a card is texts and numbers");
    transaction.open_table(CARDS).map_err(failed)?.insert(card.book.as_str(), bytes.as_slice()).map_err(failed)?;
    Ok(())
}

type IndexTable<'t> = redb::Table<'t, (&'static str, &'static str), ()>;

/// Does `change` with every key under which the card is found.
fn index(
    transaction: &WriteTransaction,
    card: &Card,
    mut change: impl FnMut(&mut IndexTable<'_>, (&str, &str)) -> Result<(), redb::StorageError>,
) -> Result<(), StoreError> {
    let book = card.book.as_str();
    let mut by_member = transaction.open_table(BY_MEMBER).map_err(failed)?;
    for (user, _) in &card.members {
        change(&mut by_member, (user.as_str(), book)).map_err(failed)?;
    }
    let mut by_address = transaction.open_table(BY_ADDRESS).map_err(failed)?;
    for (address, _) in &card.invitations {
        change(&mut by_address, (address.as_str(), book)).map_err(failed)?;
    }
    if let Some(claim) = &card.claim {
        let address = match claim {
            Claim::Anyone => None,
            Claim::Address(address) => Some(address.as_str()),
        };
        let mut claimable = transaction.open_table(CLAIMABLE).map_err(failed)?;
        change(&mut claimable, (&claim_key(address), book)).map_err(failed)?;
    }
    Ok(())
}

/// What a claim is found by. The sign keeps an address apart from "anyone", whatever it looks like.
fn claim_key(address: Option<&str>) -> String {
    address.map_or_else(String::new, |address| format!("={address}"))
}

/// The cards that answer a question, by book id after `after`.
pub(super) fn find(
    view: View<'_>,
    finding: &Finding,
    after: Option<&BookId>,
    limit: usize,
) -> Result<Vec<Card>, StoreError> {
    let after = after.map_or("", BookId::as_str);
    let mut books = vec![];
    let mut look_up = |table, key: &str| -> Result<(), StoreError> {
        with_table!(view, table, |table| collect(&table, key, after, limit, &mut books))
    };
    match finding {
        Finding::Member(user) => look_up(BY_MEMBER, user)?,
        Finding::Address(address) => look_up(BY_ADDRESS, address)?,
        Finding::Claimable(address) => {
            look_up(CLAIMABLE, &claim_key(None))?;
            if let Some(address) = address {
                look_up(CLAIMABLE, &claim_key(Some(address)))?;
            }
        }
    }
    // A book has one claim, so no book was found twice.
    books.sort_unstable();
    books.truncate(limit);
    with_table!(view, CARDS, |cards| {
        let card = |book: String| match cards.get(book.as_str()).map_err(failed)? {
            Some(bytes) => decode(&book, bytes.value()),
            None => Err(StoreError::Corrupt(format!("the card of {book} is missing, though it is in the index"))),
        };
        books.into_iter().map(card).collect()
    })
}

/// Adds up to `limit` books that a table has under this key, by id after `after`.
fn collect(
    table: &impl ReadableTable<(&'static str, &'static str), ()>,
    key: &str,
    after: &str,
    limit: usize,
    books: &mut Vec<String>,
) -> Result<(), StoreError> {
    let range = table.range::<(&str, &str)>((Bound::Excluded((key, after)), Bound::Unbounded)).map_err(failed)?;
    for entry in range.take(limit) {
        let (found, _) = entry.map_err(failed)?;
        let (found, book) = found.value();
        if found != key {
            break;
        }
        books.push(book.to_owned());
    }
    Ok(())
}

pub(crate) fn decode(book: &str, bytes: &[u8]) -> Result<Card, StoreError> {
    rmp_serde::from_slice(bytes).map_err(|error| StoreError::Corrupt(format!("the card of {book}: {error}")))
}
