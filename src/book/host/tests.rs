use quire_protocol::Action;
use quire_protocol::event::{By, Cause};
use serde_json::json;

use super::super::Act;
use super::super::audit::Audit;
use super::super::given::*;
use super::*;
use crate::audit::Doer;

fn vouch(name: &str) -> Vouched {
    Vouched { user: user(name), name: name.into(), email: Some(format!("{name}@example.org")) }
}

fn set_role(name: &str, role: Role) -> Hosted {
    Hosted::SetRole { person: vouch(name), role }
}

fn remove(name: &str) -> Hosted {
    Hosted::Remove { user: user(name) }
}

fn create(title: &str, owner: &str) -> Hosted {
    Hosted::Create { title: title.into(), metadata: Box::default(), owner: vouch(owner) }
}

/// What comes of a wish of the host.
fn host(scene: &mut Scene, wish: Hosted) -> Said {
    scene.act(Actor::Hub(Cause::Host), &Act::Hosted(wish), None)
}

#[test]
fn a_host_makes_a_book_once_for_an_owner_whom_it_names() {
    let mut scene = Scene::blank();
    let delete = |forever| Hosted::Delete { forever };
    for wish in [delete(false), delete(true), Hosted::Restore] {
        host(&mut scene, wish).refused(json!({"code": "not_found", "what": "book"}));
    }
    host(&mut scene, create("Moby Dick", "ann"))
        .then([json!({"t": "book.created", "title": "Moby Dick", "owner": {"user": "ann", "role": "owner"}})])
        .done();
    scene.when(&tab("ann"), add("c1")).done();
    scene.when(&tab("ann"), json!({"t": "metadata.set", "title": "The Whale"})).done();
    host(&mut scene, create(" Moby  Dick ", "ann")).changes_nothing().done();
    for other in [create("Typee", "ann"), create("Moby Dick", "bob")] {
        host(&mut scene, other).refused(json!("id_taken"));
    }
    let described = scene.book.described().unwrap();
    assert_eq!((described.title.as_str(), described.shelved, described.chapters.len()), ("The Whale", false, 1));
    host(&mut scene, delete(true)).refused(json!("conflict"));
    host(&mut scene, delete(false)).then([json!({"t": "book.trashed", "person": null})]).done();
    host(&mut scene, create("Moby Dick", "ann")).refused(json!("id_taken"));
    host(&mut scene, Hosted::Restore).then([json!({"t": "book.restored"})]).done();
    assert_eq!(scene.book.described().unwrap(), described);
    host(&mut scene, delete(false)).done();
    host(&mut scene, delete(true)).then([json!({"t": "book.deleted"})]).done();
    host(&mut scene, Hosted::Restore).refused(json!({"code": "not_found", "what": "book"}));
    host(&mut scene, create("Moby Dick", "ann")).refused(json!("id_taken"));
    assert_eq!(scene.book.described(), Err(not_found(What::Book)));
}

#[test]
fn a_book_of_a_persons_own_making_is_not_the_hosts() {
    let mut scene = Scene::new();
    host(&mut scene, create("Moby Dick", "ann")).refused(json!("id_taken"));
}

#[test]
fn whoever_the_host_names_is_a_member_at_once_and_their_invitation_is_over() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), invite("i1", "zoe@example.org", "reader")).done();
    host(&mut scene, set_role("zoe", Role::Editor))
        .then([json!({"t": "member.joined", "member": {"user": "zoe", "role": "editor"}, "invitation": "i1"})])
        .done();
    host(&mut scene, set_role("zoe", Role::Editor)).changes_nothing().done();
    assert!(scene.may("zoe", Action::EditText));
    scene.when(&tab("zoe"), acquire("c1")).done();
    host(&mut scene, set_role("zoe", Role::Viewer))
        .then([
            json!({"t": "lock.released", "reason": "permission_changed"}),
            json!({"t": "member.role_changed", "user": "zoe", "role": "viewer"}),
        ])
        .done();
    host(&mut scene, remove("zoe")).then([json!({"t": "member.removed", "user": "zoe"})]).done();
    host(&mut scene, remove("zoe")).refused(json!({"code": "not_found", "what": "member"}));
    assert!(!scene.may("zoe", Action::View));
}

#[test]
fn nobody_becomes_owner_nor_ceases_to_be_and_addresses_stay_one_persons() {
    let mut scene = Scene::new();
    let role = json!({"code": "invalid", "field": "role"});
    host(&mut scene, set_role("zoe", Role::Owner)).refused(role.clone());
    host(&mut scene, set_role("bob", Role::Owner)).refused(role);
    let owner = json!({"code": "invalid", "field": "user"});
    host(&mut scene, set_role("ann", Role::Viewer)).refused(owner.clone());
    host(&mut scene, remove("ann")).refused(owner);
    let twin = Vouched { user: user("zoe"), ..vouch("bob") };
    host(&mut scene, Hosted::SetRole { person: twin, role: Role::Viewer }).refused(json!("conflict"));
    let nameless = Vouched { name: " ".into(), ..vouch("zoe") };
    let nameless = Hosted::SetRole { person: nameless, role: Role::Viewer };
    host(&mut scene, nameless).refused(json!({"code": "invalid", "field": "name"}));
    scene.limits.members_per_book = 5;
    host(&mut scene, set_role("zoe", Role::Viewer)).refused(json!({"code": "limit_reached", "used": 5}));
}

#[test]
fn the_host_alone_sends_what_is_the_hosts_and_the_log_says_so() {
    let mut scene = Scene::new();
    for actor in [Actor::Hub(Cause::Idle), tab("ann").actor()] {
        assert!(scene.act(actor, &Act::Hosted(set_role("zoe", Role::Viewer)), None).is_forbidden());
    }
    host(&mut scene, Hosted::Shelve).then([json!({"t": "book.shelved"})]).done();
    host(&mut scene, Hosted::Shelve).changes_nothing().done();
    host(&mut scene, set_role("zoe", Role::Viewer)).done();
    host(&mut scene, Hosted::Unshelve).then([json!({"t": "book.unshelved"})]).done();
    assert_eq!(scene.log.last().unwrap().fact.by, By::System { system: Cause::Host });
    let mut audit = Audit::default();
    let rows: Vec<_> = scene.log.iter().flat_map(|committed| audit.read(committed)).collect();
    let hosts = rows.iter().filter(|row| row.who == Some(Doer::Hub { system: Cause::Host }));
    let what: Vec<_> = hosts.map(|row| row.what).collect();
    assert_eq!(what, ["book.shelved", "member.joined", "book.unshelved"]);
}

#[test]
fn questions_are_answered_by_roles_and_permissions() {
    let scene = Scene::new();
    let asked = [("ann", Action::Audit), ("vic", Action::Comment), ("vic", Action::EditText), ("zoe", Action::View)];
    let questions: Vec<_> = asked.map(|(name, action)| (user(name), action)).into();
    assert_eq!(scene.book.answers(&questions), Ok(vec![true, true, false, false]));
    assert_eq!(Scene::blank().book.answers(&questions), Err(not_found(What::Book)));
}
