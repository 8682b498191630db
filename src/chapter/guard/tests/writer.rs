//! Writes updates by hand, also such as no library would, and opens documents that read them.

use yrs::{Doc, OffsetKind, Options};

use super::super::ClientId;
use super::{ANN, BOB};

/// An empty document that counts text as Yjs does. By bytes, yrs loses count when half of a surrogate pair is deleted.
pub(super) fn open(client: ClientId) -> Doc {
    let options = Options::with_client_id(yrs::ClientID::new(client.0));
    Doc::with_options(Options { offset_kind: OffsetKind::Utf16, ..options })
}

/// An id on the wire.
pub(super) type Id = (ClientId, u32);
/// Of one client, ranges as (start, length).
pub(super) type Deletes<'a> = (ClientId, &'a [(u32, u32)]);

pub(super) const DELETED: u8 = 1;
pub(super) const TEXT: u8 = 4;
pub(super) const MARK: u8 = 6;
pub(super) const NODE: u8 = 7;
pub(super) const VALUES: u8 = 8;

/// The last unit that Ann wrote.
pub(super) const LAST: Id = (ANN, 9);
/// A unit of Bob's.
pub(super) const BOBS: Id = (BOB, 4);

pub(super) fn number(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).expect("seven bits") | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).expect("seven bits"));
    bytes
}

pub(super) fn text(text: &str) -> Vec<u8> {
    [number(text.len() as u64), text.into()].concat()
}

pub(super) fn id((client, clock): Id) -> Vec<u8> {
    [number(client.0), number(clock.into())].concat()
}

/// A struct after another.
pub(super) fn after(left: Id, kind: u8, content: &[u8]) -> Vec<u8> {
    [&[0x80 | kind], &id(left)[..], content].concat()
}

/// A struct before another.
pub(super) fn before(right: Id, kind: u8, content: &[u8]) -> Vec<u8> {
    [&[0x40 | kind], &id(right)[..], content].concat()
}

/// A struct between two others.
pub(super) fn between(left: Id, right: Id, kind: u8, content: &[u8]) -> Vec<u8> {
    [&[0xc0 | kind], &id(left)[..], &id(right), content].concat()
}

/// The only child of an element.
pub(super) fn child(parent: Id, kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind, 0], &id(parent)[..], content].concat()
}

/// The only child of a root.
pub(super) fn root_child(root: &str, kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind, 1], &text(root)[..], content].concat()
}

/// The first value of an attribute.
pub(super) fn attribute(parent: Id, name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
    [&[0x20 | kind, 0], &id(parent)[..], &text(name), content].concat()
}

/// The next value of an attribute.
pub(super) fn next_value(left: Id, kind: u8, content: &[u8]) -> Vec<u8> {
    [&[0xa0 | kind], &id(left)[..], content].concat()
}

pub(super) fn element(name: &str) -> Vec<u8> {
    [vec![3], text(name)].concat()
}

pub(super) fn mark(name: &str, json: &str) -> Vec<u8> {
    [text(name), text(json)].concat()
}

/// One value as content.
pub(super) fn one(value: &[u8]) -> Vec<u8> {
    [&[1], value].concat()
}

/// A text as a value.
pub(super) fn text_value(said: &str) -> Vec<u8> {
    [vec![119], text(said)].concat()
}

/// Structs of Ann's that continue what is known.
pub(super) fn of_ann(structs: &[Vec<u8>]) -> Vec<u8> {
    update(ANN, 10, structs, &[])
}

pub(super) fn update(client: ClientId, clock: u32, structs: &[Vec<u8>], deletes: &[Deletes<'_>]) -> Vec<u8> {
    let head = [vec![1], number(structs.len() as u64), number(client.0), number(clock.into())].concat();
    [head, structs.concat(), delete_set(deletes)].concat()
}

pub(super) fn deletes_only(deletes: &[Deletes<'_>]) -> Vec<u8> {
    [vec![0], delete_set(deletes)].concat()
}

fn delete_set(deletes: &[Deletes<'_>]) -> Vec<u8> {
    let mut bytes = number(deletes.len() as u64);
    for (client, ranges) in deletes {
        bytes.extend([number(client.0), number(ranges.len() as u64)].concat());
        for (start, length) in *ranges {
            bytes.extend([number((*start).into()), number((*length).into())].concat());
        }
    }
    bytes
}
