//! The index of books (R17) and the tables by which a card is found.

use quire_protocol::BookId;
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
    /// Cards that can be claimed.
    Claimable,
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
    if card.claim.is_some() {
        change(&mut transaction.open_table(CLAIMABLE).map_err(failed)?, ("", book)).map_err(failed)?;
    }
    Ok(())
}

/// The cards that answer a question, by book id after `after`.
pub(super) fn find(
    view: View<'_>,
    finding: &Finding,
    after: Option<&BookId>,
    limit: usize,
) -> Result<Vec<Card>, StoreError> {
    let (table, key) = match finding {
        Finding::Member(user) => (BY_MEMBER, user.as_str()),
        Finding::Address(address) => (BY_ADDRESS, address.as_str()),
        Finding::Claimable => (CLAIMABLE, ""),
    };
    let after = after.map_or("", BookId::as_str);
    let books = with_table!(view, table, |table| {
        let mut books = vec![];
        for entry in table.range((key, after)..).map_err(failed)? {
            let (found, _) = entry.map_err(failed)?;
            let (found, book) = found.value();
            if found != key || books.len() == limit {
                break;
            }
            if book > after {
                books.push(book.to_owned());
            }
        }
        books
    });
    with_table!(view, CARDS, |cards| {
        let card = |book: String| match cards.get(book.as_str()).map_err(failed)? {
            Some(bytes) => decode(&book, bytes.value()),
            None => Err(StoreError::Corrupt(format!("the card of {book} is missing, though it is in the index"))),
        };
        books.into_iter().map(card).collect()
    })
}

pub(crate) fn decode(book: &str, bytes: &[u8]) -> Result<Card, StoreError> {
    rmp_serde::from_slice(bytes).map_err(|error| StoreError::Corrupt(format!("the card of {book}: {error}")))
}
