//! The locks against a naive model: for each chapter one list of names, the first of whom holds it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use quire_protocol::Token;
use serde_json::json;

use crate::book::given::*;

/// The first holds the chapter, the others wait. All may edit, nobody is away.
#[derive(Default)]
struct Naive {
    lists: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug)]
enum Wish {
    Acquire { wait: bool },
    Release,
    HandOver { to: usize },
    Keep { to: usize },
    CancelWait,
    ForceRelease { take: bool },
    Here,
    Ends,
}

/// Four sessions of three people who may edit; the first is the owner's.
fn tabs() -> [Tab; 4] {
    [tab("ann"), tab("bob"), tab("bob").second(), tab("eve")]
}

impl Naive {
    /// Does what is wished if it is allowed; says whether it was.
    fn fulfil(&mut self, who: &Tab, id: &str, what: &Wish) -> bool {
        let me = who.session.to_string();
        let list = self.lists.entry(id.to_owned()).or_default();
        let place = list.iter().position(|name| *name == me);
        let place_of = |to: usize| list.iter().skip(1).position(|name| *name == tabs()[to].session.as_str());
        let is_owner = who.user.as_str() == "ann";
        match (what, place) {
            (Wish::Acquire { .. } | Wish::CancelWait | Wish::Here, Some(0))
            | (Wish::Acquire { wait: true }, Some(_))
            | (Wish::CancelWait, None) => {}
            (Wish::Acquire { wait }, None) if *wait || list.is_empty() => list.push(me),
            (Wish::Release, Some(0)) => drop(list.remove(0)),
            (Wish::HandOver { to }, Some(0)) => match place_of(*to) {
                Some(index) => list[0] = list.remove(index + 1),
                None => return false,
            },
            (Wish::Keep { to }, Some(0)) => match place_of(*to) {
                Some(index) => drop(list.remove(index + 1)),
                None => return false,
            },
            (Wish::CancelWait, Some(index)) => drop(list.remove(index)),
            (Wish::ForceRelease { take: true }, Some(0)) if is_owner => {}
            (Wish::ForceRelease { take }, _) if is_owner => {
                list.drain(..list.len().min(1));
                if *take {
                    list.retain(|name| *name != me);
                    list.insert(0, me);
                }
            }
            (Wish::Here, _) if list.first().is_some_and(|holder| holder.starts_with(who.user.as_str())) => {
                list.remove(0);
                list.retain(|name| *name != me);
                list.insert(0, me);
            }
            (Wish::Ends, _) => self.lists.values_mut().for_each(|list| list.retain(|name| *name != me)),
            _ => return false,
        }
        true
    }
}

fn fulfil_really(scene: &mut Scene, who: &Tab, id: &str, what: &Wish) -> bool {
    let token = scene.book.held().find(|held| held.chapter.as_str() == id).map_or(Token(1), |held| held.token);
    let session = |to: usize| tabs()[to].session.clone();
    let said = match what {
        Wish::Acquire { wait: false } => scene.when(who, acquire(id)),
        Wish::Acquire { wait: true } => scene.when(who, wait(id)),
        Wish::Release => scene.when(who, release(id, token)),
        Wish::HandOver { to } => {
            scene.when(who, json!({"t": "lock.hand_over", "chapter": id, "token": token, "to": session(*to)}))
        }
        Wish::Keep { to } => {
            scene.when(who, json!({"t": "lock.keep", "chapter": id, "token": token, "to": session(*to)}))
        }
        Wish::CancelWait => scene.when(who, json!({"t": "lock.cancel_wait", "chapter": id})),
        Wish::ForceRelease { take } => {
            scene.when(who, json!({"t": "lock.force_release", "chapter": id, "reason": "now", "take": take}))
        }
        Wish::Here => scene.when(who, json!({"t": "lock.move_here", "chapter": id})),
        Wish::Ends => scene.ended(who),
    };
    said.outcome().is_some()
}

fn real_lists(scene: &Scene) -> BTreeMap<String, Vec<String>> {
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for held in scene.book.held() {
        lists.entry(held.chapter.to_string()).or_default().push(held.session.to_string());
    }
    for waits in scene.book.waiting() {
        lists.entry(waits.chapter.to_string()).or_default().push(waits.session.to_string());
    }
    lists
}

fn wishes() -> impl Strategy<Value = Wish> {
    prop_oneof![
        4 => any::<bool>().prop_map(|wait| Wish::Acquire { wait }),
        2 => Just(Wish::Release),
        1 => (0..4_usize).prop_map(|to| Wish::HandOver { to }),
        1 => (0..4_usize).prop_map(|to| Wish::Keep { to }),
        1 => Just(Wish::CancelWait),
        1 => any::<bool>().prop_map(|take| Wish::ForceRelease { take }),
        1 => Just(Wish::Here),
        1 => Just(Wish::Ends),
    ]
}

proptest! {
    #[test]
    fn locks_behave_like_a_list_of_names(history in prop::collection::vec((0..4_usize, 1..3_u8, wishes()), 1..60)) {
        let (mut scene, mut naive) = (Scene::new(), Naive::default());
        for (who, chapter, what) in history {
            let (who, id) = (&tabs()[who], format!("c{chapter}"));
            let expected = naive.fulfil(who, &id, &what);
            prop_assert_eq!(fulfil_really(&mut scene, who, &id, &what), expected, "{:?} by {}", what, who.session);
            naive.lists.retain(|_, list| !list.is_empty());
            prop_assert_eq!(&real_lists(&scene), &naive.lists, "after {:?} by {}", what, who.session);
        }
    }
}
