//! Whole editing sessions, as `TipTap` with Yjs wrote them (`corpus/typing.mjs`), pass in order.

use yrs::updates::decoder::Decode;
use yrs::{ReadTxn, Transact, Update};

use super::super::{Checked, ClientId, Clocks, Verdict};
use super::writer::open;
use super::{EVE, check_for, passed};

const TYPING: &[u8] = include_bytes!("corpus/typing.bin");

/// The updates of each document in the corpus, with who wrote them.
pub(super) fn documents() -> Vec<Vec<(ClientId, &'static [u8])>> {
    let mut documents = Vec::new();
    let mut rest = TYPING;
    while let Some((length, after)) = rest.split_first_chunk() {
        let (client, after) = after.split_first_chunk().expect("a client id follows a length");
        let length = usize::try_from(u32::from_le_bytes(*length)).expect("lengths fit");
        let (update, after) = after.split_at(length);
        rest = after;
        if update.is_empty() {
            documents.push(Vec::new());
        } else {
            let document = documents.last_mut().expect("a document begins before its updates");
            document.push((ClientId(u32::from_le_bytes(*client).into()), update));
        }
    }
    documents
}

#[test]
fn sessions_of_real_editors_pass_and_give_the_documents_clocks() {
    let documents = documents();
    assert_eq!((documents.len(), documents.concat().len()), (4, 624));
    for document in documents {
        let mut known = Clocks::default();
        let doc = open(EVE);
        let mut deleted = 0;
        for (client, update) in &document {
            let checked = passed(check_for(update, &known, *client));
            known.advance(&checked);
            deleted += checked.deleted;
            doc.transact_mut().apply_update(Update::decode_v1(update).expect("yrs reads it")).expect("yrs applies it");
            let vector = doc.transact().state_vector();
            let clocks: Clocks = vector.iter().map(|(client, clock)| (ClientId(client.get()), *clock)).collect();
            assert_eq!(known, clocks);
        }
        assert!(deleted > 0);
    }
}

#[test]
fn what_is_sent_again_is_a_duplicate() {
    for document in documents() {
        let mut known = Clocks::default();
        for (client, update) in document {
            let checked = passed(check_for(update, &known, client));
            known.advance(&checked);
            let again = check_for(update, &known, client);
            if let Checked { written: Some(_), .. } = checked {
                assert_eq!(again, Ok(Verdict::Duplicate(checked)));
            } else {
                assert_eq!(again, Ok(Verdict::New(checked)));
            }
        }
    }
}

#[test]
fn no_beginning_of_an_update_passes() {
    for document in documents() {
        let mut known = Clocks::default();
        for (client, update) in document {
            for end in 0..update.len() {
                assert!(check_for(&update[..end], &known, client).is_err());
            }
            known.advance(&passed(check_for(update, &known, client)));
        }
    }
}
