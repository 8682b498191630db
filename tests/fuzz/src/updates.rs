//! Updates, one after the other, through the guard.

use quire::chapter::guard::{Checked, ClientId, Clocks, GuardLimits, Profile, Verdict, check};

/// The writer's id (u32) and the length of an update (u16), both with the lowest byte first; then the update.
const HEAD_BYTES: usize = 6;

/// Each update is judged against those that passed before it. What passed can be told from its repetition.
pub(super) fn update(mut bytes: &[u8]) {
    let (profile, limits) = (Profile::prosemirror_xml(), GuardLimits::default());
    let mut known = Clocks::default();
    while let Some((head, rest)) = bytes.split_at_checked(HEAD_BYTES) {
        let client = ClientId(u64::from(u32::from_le_bytes([head[0], head[1], head[2], head[3]])));
        let length = usize::from(u16::from_le_bytes([head[4], head[5]]));
        let (update, rest) = rest.split_at(length.min(rest.len()));
        bytes = rest;
        let judge = |update: &[u8], known: &Clocks| check(update, known, client, &profile, &limits);
        match judge(update, &known) {
            Ok(Verdict::New(checked)) => {
                known.advance(&checked);
                let again = judge(update, &known).expect("what is known is no fault");
                match checked.written {
                    Some(written) => {
                        assert_eq!((written.client, written.to), (client, known.get(client)));
                        assert_eq!(again, Verdict::Duplicate(checked.clone()));
                    }
                    None => assert_eq!(again, Verdict::New(checked.clone())),
                }
                only_deletes(&checked, update, &known, client);
            }
            Ok(Verdict::Duplicate(checked)) => only_deletes(&checked, update, &known, client),
            Err(fault) => assert!(!fault.to_string().is_empty()),
        }
    }
}

/// The deletes of an update that passed are an update that passes.
fn only_deletes(checked: &Checked, update: &[u8], known: &Clocks, client: ClientId) {
    assert_eq!(checked.deletes_only(update).is_some(), checked.deleted > 0);
    let Some(deletes) = checked.deletes_only(update) else { return };
    match check(&deletes, known, client, &Profile::prosemirror_xml(), &GuardLimits::default()) {
        Ok(Verdict::New(again)) => assert_eq!((again.written, again.deleted), (None, checked.deleted)),
        other => panic!("the deletes alone are {other:?}"),
    }
}
