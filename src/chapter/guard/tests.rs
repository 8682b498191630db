//! What the guard lets pass, and what it does not.

mod genuine;
mod positions;
mod properties;
mod rules;
mod sessions;
mod values;
mod writer;

use super::{Checked, ClientId, Clocks, Fault, GuardLimits, Profile, Verdict, Written};

/// The writer in tests, whose next clock is 10.
const ANN: ClientId = ClientId(7);
/// Somebody who wrote 5 units.
const BOB: ClientId = ClientId(4_294_967_295);
/// Somebody who never wrote.
const EVE: ClientId = ClientId(666);

fn known() -> Clocks {
    [(ANN, 10), (BOB, 5)].into_iter().collect()
}

/// Checks an update of Ann's as it is in use.
fn check(update: &[u8]) -> Result<Verdict, Fault> {
    check_for(update, &known(), ANN)
}

fn check_for(update: &[u8], known: &Clocks, client: ClientId) -> Result<Verdict, Fault> {
    super::check(update, known, client, &Profile::prosemirror_xml(), &GuardLimits::default())
}

/// What an update writes that must pass as new.
fn written(update: &[u8]) -> Option<Written> {
    passed(check(update)).written
}

fn passed(verdict: Result<Verdict, Fault>) -> Checked {
    match verdict {
        Ok(Verdict::New(checked)) => checked,
        other => panic!("should pass as new: {other:?}"),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "compared with what may have written nothing")]
fn by_ann(from: u32, to: u32) -> Option<Written> {
    Some(Written { client: ANN, from, to })
}
