use quire_protocol::codec::decode_record;
use quire_protocol::command::{LibraryDecline, LibraryJoin, LibraryShare, UserAdd, UserRemove};
use quire_protocol::library::{Grant, Permission, SharedAs, UserDetails, UserRow};

use super::*;
use crate::chapter::journal::encode;
use crate::library::Saved;
use crate::library::tests::{Scene, address, everybody};

fn share(name: &str, permission: Permission) -> LibraryShare {
    LibraryShare { emails: vec![address(name)], grants: vec![Grant::all(permission)] }
}

fn mailing() -> Scene {
    let mut scene = Scene::new();
    scene.mails = true;
    scene
}

fn asked(scene: &Scene, name: &str) -> Option<Asked> {
    scene.library.asked_by_letter(&address(name), scene.now)
}

fn row(scene: &mut Scene, name: &str) -> UserRow {
    let (users, ..) = scene.users("ann", everybody()).unwrap();
    users.into_iter().find(|row| row.email == address(name)).unwrap()
}

/// The letter to somebody left, or did not.
fn left(scene: &mut Scene, name: &str, reason: Option<&str>) -> usize {
    let reason = reason.map(ToOwned::to_owned);
    let owed = asked(scene, name).and_then(|asked| asked.owed).expect("a letter is owed");
    let events = scene.library.mailed(&address(name), owed, reason.as_ref());
    for event in &events {
        scene.library.apply(event, scene.now);
    }
    events.len()
}

#[test]
fn who_is_asked_is_owed_a_letter_until_it_left_and_managers_see_what_became_of_it() {
    let mut scene = mailing();
    scene.when("ann", share("bob", Permission::List)).unwrap();
    let told = asked(&scene, "bob").unwrap();
    assert_eq!((told.from.name.as_str(), told.owed), ("ann", Some(scene.now)));
    assert_eq!(row(&mut scene, "bob").mail.unwrap().state, MailState::Waiting);
    assert_eq!(left(&mut scene, "bob", None), 1);
    assert_eq!(asked(&scene, "bob").unwrap().owed, None);
    assert_eq!(row(&mut scene, "bob").mail.unwrap().state, MailState::Sent);
    assert_eq!(scene.library.mailed(&address("bob"), scene.now, None), [], "it is owed no more");
    scene.when("ann", UserAdd { email: address("eve"), details: UserDetails::default() }).unwrap();
    left(&mut scene, "eve", Some("no such mailbox"));
    let mail = row(&mut scene, "eve").mail.unwrap();
    assert_eq!((mail.state, mail.reason.as_deref()), (MailState::Failed, Some("no such mailbox")));
    let saved: Saved = decode_record(&encode(&scene.library.save())).unwrap();
    assert_eq!(Library::restore(saved), scene.library);
}

#[test]
fn nobody_is_mailed_who_joined_declined_was_removed_or_was_asked_too_long_ago() {
    let mut scene = mailing();
    for name in ["bob", "eve", "kim", "sue"] {
        scene.when("ann", share(name, Permission::List)).unwrap();
    }
    scene.when("bob", LibraryJoin {}).unwrap();
    scene.when("eve", LibraryDecline {}).unwrap();
    scene.when("ann", UserRemove { email: address("kim") }).unwrap();
    assert_eq!([asked(&scene, "bob"), asked(&scene, "eve"), asked(&scene, "kim")], [None, None, None]);
    assert_eq!(row(&mut scene, "bob").mail, None);
    scene.now = scene.now.plus_ms(7 * 24 * 60 * 60 * 1000);
    assert_eq!(asked(&scene, "sue"), None);
    scene.when("ann", share("bob", Permission::Edit)).unwrap();
    assert_eq!(asked(&scene, "bob"), None, "who joined is asked nothing");
}

#[test]
fn an_address_is_mailed_now_and_then_only_and_given_something_else_at_once() {
    let mut scene = mailing();
    scene.when("ann", share("bob", Permission::List)).unwrap();
    left(&mut scene, "bob", None);
    let again = scene.share(&[&address("bob")], &[Grant::all(Permission::List)]);
    assert_eq!(again[0].err.as_ref().map(|refusal| refusal.rejection.code()), Some("conflict"));
    let other = scene.share(&[&address("bob")], &[Grant::all(Permission::Edit)]);
    assert_eq!((other[0].done, asked(&scene, "bob").unwrap().owed), (Some(SharedAs::Asked), None));
    scene.now = scene.now.plus_ms(60_000);
    scene.when("ann", share("bob", Permission::Edit)).unwrap();
    assert_eq!(asked(&scene, "bob").unwrap().owed, Some(scene.now), "another letter");
    assert_eq!(
        scene.library.mailed(&address("bob"), scene.now.plus_ms(1), None),
        [],
        "of another one nothing is known"
    );
}

#[test]
fn a_hub_that_mails_nobody_owes_nothing() {
    let mut scene = Scene::new();
    for _ in 0..2 {
        let shared = scene.share(&[&address("bob")], &[Grant::all(Permission::List)]);
        assert_eq!(shared[0].done, Some(SharedAs::Asked));
    }
    assert_eq!((asked(&scene, "bob"), row(&mut scene, "bob").mail), (None, None));
}

#[test]
fn what_was_written_before_the_library_mailed_anybody_is_read() {
    let old = serde_json::json!({"user_asked": {"email": "bob@example.org", "until": 5}});
    let asked = Event::UserAsked { email: address("bob"), until: Timestamp(5), mail: None };
    assert_eq!(decode_record::<Event>(&encode(&old)), Ok(asked.clone()));
    assert_eq!(decode_record(&encode(&asked)), Ok(asked));
}
