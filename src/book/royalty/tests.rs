use serde_json::{Value, json};

use super::SPLITS_MAX;
use crate::book::given::*;

fn share(user: &str, basis_points: u32) -> Value {
    json!({"user": user, "basis_points": basis_points})
}

fn set(shares: &[Value]) -> Value {
    json!({"t": "royalties.set", "shares": shares})
}

fn set_from(at: u64, shares: &[Value]) -> Value {
    json!({"t": "royalties.set", "shares": shares, "effective_at": at})
}

/// What somebody is told of the splits: from when on, and who gets what.
fn told(scene: &Scene, name: &str) -> Vec<(u64, Vec<(String, u32)>)> {
    let answer = scene.book.royalties(&user(name)).unwrap();
    let quire_protocol::frame::Answer::Royalties { splits } = answer else { panic!("{answer:?}") };
    let shares = |split: quire_protocol::royalty::Split| {
        split.shares.into_iter().map(|share| (share.user.to_string(), share.basis_points)).collect()
    };
    splits.into_iter().map(|split| (split.effective_at.0, shares(split))).collect()
}

#[test]
fn a_split_gives_the_whole_to_members_and_each_gets_something() {
    let mut scene = Scene::new();
    let ann = tab("ann");
    let invalid = json!({"code": "invalid", "field": "shares"});
    let short = [share("ann", 5_000), share("bob", 4_999)];
    let reason = json!({"code": "invalid", "reason": "they add up to 9999 basis points, not to 10000"});
    scene.when(&ann, set(&short)).refused(reason);
    let huge = vec![share("ann", u32::MAX); 3];
    let twice = [share("ann", 5_000), share("ann", 5_000)];
    for shares in [&[][..], &[share("ann", 10_001)], &[share("ann", 10_000), share("bob", 0)], &twice, &huge] {
        scene.when(&ann, set(shares)).refused(invalid.clone());
    }
    let stranger = [share("ann", 1), share("zoe", 9_999)];
    scene.when(&ann, set(&stranger)).refused(json!({"code": "not_found", "what": "member"}));
    let fair = [share("bob", 6_250), share("rae", 3_750)];
    let now = scene.now.0;
    let event = json!({"t": "royalties.changed", "split": {"effective_at": now, "shares": fair}});
    scene.when(&ann, set(&fair)).then([event]).done();
    scene.when(&ann, set(&fair)).changes_nothing().done();
}

#[test]
fn everybody_knows_their_own_share_and_the_owner_all() {
    let mut scene = Scene::new();
    assert_eq!(told(&scene, "ann"), []);
    let start = scene.now.0;
    scene.when(&tab("ann"), set(&[share("ann", 10_000)])).done();
    scene.passes(1_000);
    scene.when(&tab("ann"), set(&[share("ann", 4_000), share("vic", 6_000)])).done();
    let all = |user: &str, basis_points| (user.to_owned(), basis_points);
    let later = (start + 1_000, vec![all("ann", 4_000), all("vic", 6_000)]);
    assert_eq!(told(&scene, "ann"), [(start, vec![all("ann", 10_000)]), later]);
    assert_eq!(told(&scene, "vic"), [(start + 1_000, vec![all("vic", 6_000)])]);
    assert_eq!(told(&scene, "bob"), []);
    for name in ["bob", "ann"] {
        scene.passes(1_000);
        scene.when(&tab("ann"), set(&[share(name, 10_000)])).done();
    }
    let (given, ended) = ((start + 1_000, vec![all("vic", 6_000)]), (start + 2_000, vec![]));
    assert_eq!(told(&scene, "vic"), [given, ended], "what ends a share is told, and nothing after it");
    let refused = scene.book.royalties(&user("stranger")).unwrap_err();
    assert_eq!(serde_json::to_value(&refused).unwrap()["code"], "not_found");
}

#[test]
fn a_split_to_come_takes_the_place_of_later_ones_and_what_is_past_stays() {
    let mut scene = Scene::new();
    let (ann, start) = (tab("ann"), scene.now.0);
    scene.when(&ann, set_from(0, &[share("ann", 10_000)])).done();
    scene.when(&ann, set_from(start + 9_000, &[share("bob", 10_000)])).done();
    scene.when(&ann, set_from(start + 5_000, &[share("eve", 10_000)])).done();
    let one = |at: u64, user: &str| (at, vec![(user.to_owned(), 10_000)]);
    assert_eq!(told(&scene, "ann"), [one(start, "ann"), one(start + 5_000, "eve")]);
    // What is to come so already comes sooner.
    scene.when(&ann, set_from(start + 4_000, &[share("eve", 10_000)])).done();
    scene.when(&ann, set_from(start + 6_000, &[share("eve", 10_000)])).changes_nothing().done();
    assert_eq!(told(&scene, "ann"), [one(start, "ann"), one(start + 4_000, "eve")]);
    for _ in 0..SPLITS_MAX {
        scene.passes(10_000);
        for name in ["ann", "bob"] {
            scene.passes(1);
            scene.when(&ann, set(&[share(name, 10_000)])).done();
        }
    }
    assert_eq!(told(&scene, "ann").len(), SPLITS_MAX);
    scene.when(&ann, json!({"t": "book.delete"})).done();
}

#[test]
fn whoever_has_a_share_or_is_to_have_one_stays() {
    let mut scene = Scene::new();
    let (ann, start) = (tab("ann"), scene.now.0);
    let stays = json!("conflict");
    let remove = |name: &str| json!({"t": "member.remove", "user": name});
    scene.when(&ann, set(&[share("bob", 5_000), share("vic", 5_000)])).done();
    scene.when(&ann, set_from(start + 5_000, &[share("ann", 5_000), share("eve", 5_000)])).done();
    for name in ["bob", "vic", "eve"] {
        scene.when(&ann, remove(name)).refused(stays.clone());
        scene.when(&tab(name), json!({"t": "member.leave"})).refused(stays.clone());
    }
    scene.when(&ann, remove("rae")).done();
    scene.passes(5_000);
    // What they had is past.
    scene.when(&ann, remove("bob")).done();
    scene.when(&tab("vic"), json!({"t": "member.leave"})).done();
    scene.when(&ann, remove("eve")).refused(stays);
    scene.when(&ann, set_role("eve", "reader")).done();
    scene.when(&ann, set(&[share("ann", 10_000)])).done();
    scene.when(&ann, remove("eve")).done();
}
