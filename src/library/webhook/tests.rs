use quire_protocol::codec::decode_record;
use quire_protocol::command::{
    LibraryCommand, LibraryJoin, LibraryShare, UserRemove, UserUpdate, WebhookDeliveries, WebhookRemove, WebhookSend,
    WebhooksList,
};
use quire_protocol::frame::Answer;
use quire_protocol::library::{Grant, UserPatch};

use super::*;
use crate::chapter::journal::encode;
use crate::library::Saved;
use crate::library::tests::{Scene, address};

fn id(text: &str) -> WebhookId {
    WebhookId::new(text).unwrap()
}

fn set(name: &str, url: &str, topics: &[Topic]) -> WebhookSet {
    WebhookSet { webhook: id(name), url: url.to_owned(), topics: topics.to_vec(), on: true, renew: false }
}

fn rows(scene: &mut Scene, name: &str) -> Vec<wire::Webhook> {
    match scene.when(name, WebhooksList {}).unwrap() {
        Answer::Webhooks { webhooks } => webhooks,
        other => panic!("{other:?}"),
    }
}

fn gives(scene: &mut Scene, name: &str, permissions: &[Permission]) {
    let grants = permissions.iter().map(|permission| Grant::all(*permission)).collect();
    scene.when("ann", LibraryShare { emails: vec![address(name)], grants }).unwrap();
    scene.when(name, LibraryJoin {}).unwrap();
}

fn listening(scene: &Scene) -> Vec<&str> {
    scene.library.listening().map(|webhook| webhook.id.as_str()).collect()
}

const HOOK: &str = "https://hooks.example.org/quire?key=1";

#[test]
fn whoever_may_manage_settings_sets_lists_and_removes_them_and_nobody_else_learns_of_any() {
    let mut scene = Scene::new();
    gives(&mut scene, "sue", &[Permission::Settings]);
    gives(&mut scene, "bob", &[Permission::ManageUsers, Permission::Notifications, Permission::Reports]);
    scene.when("sue", set("w1", HOOK, &[Topic::Published, Topic::Submitted, Topic::Published])).unwrap();
    let row = rows(&mut scene, "ann").pop().unwrap();
    assert_eq!((row.url.as_str(), row.by.user.as_str(), row.on, row.rests), (HOOK, "sue", true, false));
    assert_eq!(row.topics, [Topic::Submitted, Topic::Published]);
    let commands: [LibraryCommand; 5] = [
        WebhooksList {}.into(),
        set("w1", HOOK, &[]).into(),
        WebhookRemove { webhook: id("w1") }.into(),
        WebhookSend { webhook: id("w1"), delivery: None }.into(),
        WebhookDeliveries { webhook: id("w1") }.into(),
    ];
    for command in commands {
        let refused = |scene: &mut Scene, name: &str| scene.when(name, command.clone()).unwrap_err().code();
        assert_eq!((refused(&mut scene, "bob"), refused(&mut scene, "eve")), ("forbidden", "not_found"), "{command:?}");
    }
    scene.when("ann", WebhookRemove { webhook: id("w1") }).unwrap();
    assert_eq!(rows(&mut scene, "ann"), []);
    let (done, events) = scene.decides("ann", &WebhookRemove { webhook: id("w1") }.into());
    assert!(done && events.is_empty(), "it is gone already");
}

#[test]
fn what_is_so_already_is_no_change_and_another_manager_takes_it_over() {
    let mut scene = Scene::new();
    gives(&mut scene, "sue", &[Permission::Settings]);
    let topics = [Topic::Submitted];
    scene.when("sue", set("w1", HOOK, &topics)).unwrap();
    assert_eq!(scene.decides("sue", &set("w1", HOOK, &topics).into()), (true, vec![]));
    let renewed = WebhookSet { renew: true, ..set("w1", HOOK, &topics) };
    assert_eq!(scene.decides("sue", &renewed.into()), (true, vec![]), "a secret is none of the library's");
    let (_, events) = scene.decides("ann", &set("w1", HOOK, &topics).into());
    assert_eq!(events.len(), 1);
    assert_eq!(rows(&mut scene, "ann")[0].by.user.as_str(), "ann");
}

#[test]
fn it_rests_while_whoever_set_it_may_not_manage_settings() {
    let mut scene = Scene::new();
    gives(&mut scene, "sue", &[Permission::Settings]);
    scene.when("sue", set("w1", HOOK, &[])).unwrap();
    scene.when("ann", set("w2", HOOK, &[])).unwrap();
    assert_eq!(listening(&scene), ["w1", "w2"]);
    let rest = |active| UserUpdate { email: address("sue"), patch: UserPatch::default(), active: Some(active) };
    scene.when("ann", rest(false)).unwrap();
    assert_eq!(listening(&scene), ["w2"]);
    assert!(rows(&mut scene, "ann")[0].rests);
    scene.when("ann", rest(true)).unwrap();
    assert_eq!(listening(&scene), ["w1", "w2"]);
    scene.when("ann", UserRemove { email: address("sue") }).unwrap();
    assert_eq!(listening(&scene), ["w2"]);
    scene.when("ann", WebhookSet { on: false, ..set("w2", HOOK, &[]) }).unwrap();
    assert_eq!(listening(&scene), [""; 0]);
    scene.when("ann", set("w1", HOOK, &[])).unwrap();
    assert_eq!(listening(&scene), ["w1"], "somebody else has it now");
}

#[test]
fn addresses_are_whole_and_there_are_no_more_than_a_few() {
    let mut scene = Scene::new();
    let code = |scene: &mut Scene, url: &str| scene.when("ann", set("w1", url, &[])).unwrap_err().code();
    for url in ["", "hooks", "/x", "https://", "https://a b/", "https://ann:pass@hooks.example.org/", "https://ann@h/"]
    {
        assert_eq!(code(&mut scene, url), "invalid", "{url}");
    }
    let long = format!("https://hooks.example.org/{}", "x".repeat(WEBHOOK_URL_BYTES_MAX));
    assert_eq!(code(&mut scene, &long), "too_large");
    for number in 0..scene.limits.webhooks_per_library {
        scene.when("ann", set(&format!("w{number}"), HOOK, &[])).unwrap();
    }
    assert_eq!(scene.when("ann", set("one-more", HOOK, &[])).unwrap_err().code(), "limit_reached");
    scene.when("ann", set("w0", "https://elsewhere.example.org", &[])).unwrap();
}

#[test]
fn what_says_that_it_is_gone_is_turned_off_once_unless_it_moved() {
    let mut scene = Scene::new();
    scene.when("ann", set("w1", HOOK, &[Topic::Published])).unwrap();
    let gone = scene.library.webhook(&id("w1")).unwrap().clone();
    let events = scene.library.turned_off(&gone);
    scene.library.apply(&events[0], scene.now);
    assert_eq!((listening(&scene).len(), rows(&mut scene, "ann")[0].on), (0, false));
    assert_eq!(scene.library.turned_off(&gone), []);
    scene.when("ann", set("w1", "https://new.example.org", &[])).unwrap();
    assert_eq!(scene.library.turned_off(&gone), [], "another address said so");
}

#[test]
fn they_are_saved_and_what_was_saved_before_there_were_any_is_read() {
    let mut scene = Scene::new();
    scene.when("ann", set("w1", HOOK, &[Topic::Published])).unwrap();
    let saved: Saved = decode_record(&encode(&scene.library.save())).unwrap();
    assert_eq!(Library::restore(saved), scene.library);
    let old = serde_json::json!({"V1": {"owner": null, "users": [], "books": [], "gone": []}});
    let old: Saved = decode_record(&encode(&old)).unwrap();
    assert_eq!(Library::restore(old), Library::default());
}

#[test]
fn a_log_names_the_host_alone() {
    assert_eq!(host(HOOK), "hooks.example.org");
    assert_eq!(host("nothing"), "nothing");
    assert_eq!(host("/x"), "");
}
