use quire_protocol::event::{Cause, Claim};
use quire_protocol::view::MailState;
use quire_protocol::{Action, Role};
use serde_json::{Value, json};

use crate::book::given::*;
use crate::book::{Act, Actor, Import, Whose};

fn on(t: &str, invitation: &str) -> Value {
    json!({"t": t, "invitation": invitation})
}

fn accept(id: &str) -> Value {
    on("invitation.accept", id)
}

/// An imported book that may be claimed.
fn claimable(claim: Claim) -> Scene {
    let mut scene = Scene::blank();
    let (title, whose) = ("Sample".into(), Whose::Claim(claim));
    let import = Import { title, metadata: quire_protocol::command::Metadata::default(), chapters: vec![], whose };
    scene.act(Actor::Hub(Cause::Import), &Act::Import(import), None).done();
    scene
}

fn joined(name: &str, role: &str) -> Value {
    json!({"t": "member.joined", "member": {"user": name, "role": role}, "invitation": null})
}

#[test]
fn an_invitation_grants_nothing_until_it_is_accepted() {
    let mut scene = Scene::new();
    let zoe = tab("zoe");
    let expires = scene.now.plus_ms(7 * 24 * 60 * 60 * 1000);
    let facts = json!({"t": "member.invited", "email": "zoe@example.org", "role": "editor", "expires_at": expires,
        "inviter": {"user": "ann"}});
    let said = scene.when(&tab("ann"), invite("i1", " Zoe@Example.org ", "can_edit")).then([facts]);
    said.says(json!({"invitation": "i1"})).done();
    assert!(Action::ALL.iter().all(|action| !scene.may("zoe", *action)));
    scene.when(&zoe, acquire("c1")).refused(json!({"code": "not_found", "what": "book"}));
    let member = json!({"user": "zoe", "name": "zoe", "email": "zoe@example.org", "role": "editor"});
    let facts = json!({"t": "member.joined", "member": member, "invitation": "i1"});
    scene.when(&zoe, accept("i1")).then([facts]).done();
    scene.when(&zoe, acquire("c1")).done();
    scene.when(&zoe, accept("i1")).refused(json!({"code": "not_found", "what": "invitation"}));
}

#[test]
fn an_invitation_is_for_whoever_proves_its_address() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), invite("i1", "zoe@example.org", "viewer")).done();
    let book = json!({"code": "not_found", "what": "book"});
    let invitation = json!({"code": "not_found", "what": "invitation"});
    for t in ["invitation.accept", "invitation.decline"] {
        scene.when(&tab("mallory"), on(t, "i1")).refused(book.clone());
        scene.when(&tab("zoe").with_email(None), on(t, "i1")).refused(book.clone());
        scene.when(&tab("zoe"), on(t, "i9")).refused(invitation.clone());
        scene.when(&tab("vic"), on(t, "i1")).refused(invitation.clone());
    }
    scene.when(&tab("ann"), invite("i2", "yan@example.org", "viewer")).done();
    scene.when(&tab("zoe"), accept("i2")).refused(invitation);
    scene.when(&tab("zed").with_email(Some("zoe@example.org")), accept("i1")).done();
}

#[test]
fn a_lapsed_invitation_is_refused_and_left_out_until_it_is_sent_again() {
    let mut scene = Scene::new();
    let (ann, zoe) = (tab("ann"), tab("zoe"));
    scene.when(&ann, invite("i1", "zoe@example.org", "viewer")).done();
    scene.passes(scene.timers.invitation_ms - 1);
    assert_eq!(scene.seen_by("ann").invitations.unwrap().len(), 1);
    assert_eq!(scene.book.card(scene.now).invitations.len(), 1);
    scene.passes(1);
    assert_eq!(scene.seen_by("ann").invitations.unwrap(), []);
    assert_eq!(scene.book.card(scene.now).invitations, []);
    scene.when(&zoe, accept("i1")).refused(json!("conflict"));
    scene.when(&zoe, on("invitation.decline", "i1")).refused(json!("conflict"));
    let expires = scene.now.plus_ms(scene.timers.invitation_ms);
    let renewed = json!({"t": "invitation.resent", "expires_at": expires});
    scene.when(&ann, on("invitation.resend", "i1")).then([renewed]).done();
    scene.when(&zoe, accept("i1")).done();
}

#[test]
fn a_lapsed_invitation_stands_in_nobodys_way_but_comes_back_only_alone() {
    let mut scene = Scene::new();
    let ann = tab("ann");
    scene.when(&ann, invite("i1", "zoe@example.org", "viewer")).done();
    scene.passes(scene.timers.invitation_ms);
    scene.when(&ann, invite("i2", "zoe@example.org", "viewer")).done();
    scene.when(&ann, on("invitation.resend", "i1")).refused(json!("conflict"));
    scene.when(&tab("zoe"), accept("i2")).done();
    scene.when(&ann, on("invitation.resend", "i1")).refused(json!("conflict"));
}

#[test]
fn revoked_and_declined_invitations_are_gone() {
    let mut scene = Scene::new();
    let (ann, zoe) = (tab("ann"), tab("zoe"));
    let gone = json!({"code": "not_found", "what": "invitation"});
    scene.when(&ann, invite("i1", "zoe@example.org", "viewer")).done();
    scene.when(&ann, on("invitation.revoke", "i1")).then([json!({"t": "invitation.revoked"})]).done();
    scene.when(&zoe, accept("i1")).refused(json!({"code": "not_found", "what": "book"}));
    scene.when(&ann, invite("i2", "zoe@example.org", "viewer")).done();
    scene.when(&zoe, on("invitation.decline", "i2")).then([json!({"t": "invitation.declined"})]).done();
    scene.when(&zoe, accept("i2")).refused(json!({"code": "not_found", "what": "book"}));
    for id in ["i1", "i2", "i9"] {
        scene.when(&ann, on("invitation.revoke", id)).refused(gone.clone());
        scene.when(&ann, on("invitation.resend", id)).refused(gone.clone());
    }
    assert_eq!(scene.seen_by("ann").invitations.unwrap(), []);
}

#[test]
fn nobody_is_invited_twice_or_without_an_address() {
    let mut scene = Scene::new();
    let ann = tab("ann");
    scene.when(&ann, invite("i1", "bob@example.org", "viewer")).refused(json!("conflict"));
    scene.when(&ann, invite("i1", "zoe@example.org", "viewer")).done();
    scene.when(&ann, invite("i2", "ZOE@example.org", "editor")).refused(json!("conflict"));
    scene.when(&ann, invite("i2", "nobody", "viewer")).refused(json!({"code": "invalid", "field": "email"}));
}

#[test]
fn somebody_who_joined_otherwise_cannot_accept_too() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), invite("i1", "rob@example.org", "editor")).done();
    scene.when(&tab("bob").with_email(Some("rob@example.org")), accept("i1")).refused(json!("conflict"));
}

#[test]
fn the_owners_role_is_given_to_nobody() {
    let mut scene = Scene::new();
    let ann = tab("ann");
    let role = json!({"code": "invalid", "field": "role"});
    scene.when(&ann, invite("i1", "zoe@example.org", "owner")).refused(role.clone());
    scene.when(&ann, set_role("bob", "owner")).refused(role.clone());
    scene.when(&ann, set_role("ann", "owner")).refused(role);
    let owner = json!({"code": "invalid", "field": "user"});
    scene.when(&ann, set_role("ann", "viewer")).refused(owner.clone());
    scene.when(&ann, json!({"t": "member.remove", "user": "ann"})).refused(owner);
    scene.when(&ann, json!({"t": "member.leave"})).refused(json!("forbidden"));
}

#[test]
fn roles_change_and_take_effect_with_the_event() {
    let mut scene = Scene::new();
    let ann = tab("ann");
    let facts = json!({"t": "member.role_changed", "user": "rae", "role": "author"});
    scene.when(&ann, set_role("rae", "author")).then([facts]).done();
    scene.when(&ann, set_role("rae", "author")).changes_nothing().done();
    scene.when(&tab("rae"), acquire("c1")).done();
    scene.when(&ann, set_role("zoe", "viewer")).refused(json!({"code": "not_found", "what": "member"}));
    let removal = json!({"t": "member.remove", "user": "zoe"});
    scene.when(&ann, removal).refused(json!({"code": "not_found", "what": "member"}));
}

#[test]
fn a_removed_member_is_a_stranger_until_invited_again_and_their_words_stay() {
    let mut scene = Scene::new();
    let (ann, vic) = (tab("ann"), tab("vic"));
    scene.when(&vic, comment("t1", "k1", "Mine")).done();
    scene.when(&ann, json!({"t": "member.remove", "user": "vic"})).then([json!({"t": "member.removed"})]).done();
    scene.when(&vic, reply("t1", "k2", "Still here")).refused(json!({"code": "not_found", "what": "book"}));
    assert_eq!(scene.seen_by("ann").threads.unwrap().len(), 1);
    scene.joins("vic", "viewer");
    scene.when(&vic, reply("t1", "k2", "Back")).done();
}

#[test]
fn inviting_the_same_again_answers_its_first_seq() {
    let mut scene = Scene::new();
    let ann = tab("ann");
    scene.when(&ann, invite("i1", "zoe@example.org", "viewer")).done();
    let first = scene.book.seq();
    scene.when(&ann, on("invitation.revoke", "i1")).done();
    let again = scene.when(&ann, invite("i1", "Zoe@example.org", "viewer")).repeats(first);
    again.says(json!({"invitation": "i1"})).done();
    scene.when(&ann, invite("i1", "zoe@example.org", "editor")).refused(json!("id_taken"));
    scene.when(&ann, invite("i1", "yan@example.org", "viewer")).refused(json!("id_taken"));
}

#[test]
fn so_many_belong_to_a_book_and_no_more() {
    let mut scene = Scene::new();
    let ann = tab("ann");
    scene.limits.members_per_book = 6;
    scene.when(&ann, invite("i1", "zoe@example.org", "viewer")).done();
    let full = json!({"code": "limit_reached", "limit": "members_per_book", "max": 6, "used": 6});
    scene.when(&ann, invite("i2", "yan@example.org", "viewer")).refused(full.clone());
    scene.passes(scene.timers.invitation_ms);
    scene.when(&ann, invite("i2", "yan@example.org", "viewer")).done();
    scene.when(&ann, on("invitation.resend", "i1")).refused(full);
    scene.limits.members_per_book = 5;
    let full = json!({"code": "limit_reached", "limit": "members_per_book", "max": 5, "used": 5});
    scene.when(&tab("yan"), accept("i2")).refused(full);
    scene.limits.members_per_book = 6;
    scene.when(&tab("yan"), accept("i2")).done();
}

#[test]
fn past_invitations_do_not_pile_up() {
    let mut scene = Scene::new();
    let ann = tab("ann");
    let before = scene.book.members.invitations.len();
    for index in 0..super::PAST_INVITATIONS_MAX + 10 {
        let id = format!("i{index}");
        scene.when(&ann, invite(&id, "zoe@example.org", "viewer")).done();
        scene.when(&ann, on("invitation.revoke", &id)).done();
    }
    assert_eq!(scene.book.members.invitations.len(), super::PAST_INVITATIONS_MAX + 1);
    assert!(before > 0);
    scene.when(&ann, invite("i0", "yan@example.org", "viewer")).done();
    scene.when(&ann, invite("i1009", "yan@example.org", "viewer")).refused(json!("id_taken"));
}

#[test]
fn whoever_proves_the_address_owns_the_imported_book() {
    let mut scene = claimable(Claim::Address(" Zoe@Example.org".into()));
    assert_eq!(scene.book.card(scene.now).claim, Some(Claim::Address("zoe@example.org".into())));
    scene.act(tab("mallory").actor(), &Act::Claim, None).changes_nothing().done();
    scene.act(tab("zoe").with_email(None).actor(), &Act::Claim, None).changes_nothing().done();
    scene.act(tab("zoe").actor(), &Act::Claim, None).then([joined("zoe", "owner")]).done();
    scene.act(tab("zoe").actor(), &Act::Claim, None).changes_nothing().done();
    let other = tab("zed").with_email(Some("zoe@example.org"));
    scene.act(other.actor(), &Act::Claim, None).changes_nothing().done();
    assert_eq!(scene.book.card(scene.now).claim, None);
}

#[test]
fn the_first_owns_the_sample_and_later_ones_are_authors() {
    let mut scene = claimable(Claim::Anyone);
    scene.act(tab("ann").actor(), &Act::Claim, None).then([joined("ann", "owner")]).done();
    scene.act(tab("bob").with_email(None).actor(), &Act::Claim, None).then([joined("bob", "author")]).done();
    scene.act(tab("bob").actor(), &Act::Claim, None).changes_nothing().done();
    assert_eq!(scene.book.card(scene.now).claim, Some(Claim::Anyone));
}

#[test]
fn a_claim_brings_nobody_back() {
    let mut scene = claimable(Claim::Anyone);
    for name in ["ann", "bob", "eve"] {
        scene.act(tab(name).actor(), &Act::Claim, None).done();
    }
    scene.when(&tab("ann"), json!({"t": "member.remove", "user": "bob"})).done();
    scene.when(&tab("eve"), json!({"t": "member.leave"})).done();
    scene.when(&tab("ann"), invite("i1", "zoe@example.org", "viewer")).done();
    scene.when(&tab("zoe"), on("invitation.decline", "i1")).done();
    for name in ["bob", "eve", "zoe"] {
        scene.act(tab(name).actor(), &Act::Claim, None).changes_nothing().done();
    }
    scene.joins("bob", "viewer");
    assert_eq!(scene.book.access(&user("bob")).role, Some(Role::Viewer));
}

#[test]
fn an_invitation_goes_before_a_claim_and_a_full_book_takes_nobody() {
    let mut scene = claimable(Claim::Anyone);
    scene.act(tab("ann").actor(), &Act::Claim, None).done();
    scene.when(&tab("ann"), invite("i1", "zoe@example.org", "viewer")).done();
    scene.act(tab("zoe").actor(), &Act::Claim, None).changes_nothing().done();
    scene.when(&tab("zoe"), accept("i1")).done();
    scene.limits.members_per_book = 2;
    scene.act(tab("bob").actor(), &Act::Claim, None).changes_nothing().done();
    scene.limits.members_per_book = 3;
    scene.act(tab("bob").actor(), &Act::Claim, None).then([joined("bob", "author")]).done();
}

#[test]
fn a_book_without_a_claim_is_claimed_by_nobody() {
    let mut scene = Scene::new();
    scene.act(tab("zoe").actor(), &Act::Claim, None).changes_nothing().done();
    scene.act(Actor::Hub(Cause::Import), &Act::Claim, None).refused(json!("forbidden"));
    Scene::blank().act(tab("zoe").actor(), &Act::Claim, None).refused(json!("not_found"));
}

#[test]
fn names_are_cleaned_and_cut() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), invite("i1", "zoe@example.org", "viewer")).done();
    let name = format!(" Zoë\n{}", "x".repeat(scene.limits.name_chars));
    scene.when(&crate::book::given::Tab { name, ..tab("zoe") }, accept("i1")).done();
    let zoe = scene.seen_by("ann").members.into_iter().find(|member| member.user == user("zoe")).unwrap();
    assert_eq!(zoe.name.chars().count(), scene.limits.name_chars);
    assert!(zoe.name.starts_with("Zoë x"));
}

#[test]
fn a_letter_is_owed_until_it_is_told_what_became_of_it() {
    let mut scene = Scene::new();
    scene.mails = true;
    let (ann, id) = (tab("ann"), quire_protocol::InvitationId::new("i1").unwrap());
    let facts = json!({"t": "member.invited", "mail": true});
    scene.when(&ann, invite("i1", "zoe@example.org", "viewer")).then([facts]).done();
    let asked = scene.book.invited(&id, scene.now).unwrap().owed.expect("a letter is owed");
    let mailed =
        |asked, reason: Option<&str>| Act::Mailed { invitation: id.clone(), asked, reason: reason.map(str::to_owned) };
    let later = quire_protocol::Seq(asked.0 + 1);
    scene.noticed(&mailed(later, None)).changes_nothing().done();
    let state = |scene: &Scene| scene.seen_by("ann").invitations.unwrap()[0].mail.clone().unwrap().state;
    assert_eq!(state(&scene), MailState::Waiting);
    let told = json!({"t": "invitation.mailed", "asked": asked, "reason": "refused"});
    scene.noticed(&mailed(asked, Some("refused"))).then([told]).done();
    assert_eq!(state(&scene), MailState::Failed);
    scene.noticed(&mailed(asked, None)).changes_nothing().done();
    // Another one is another one.
    scene.passes(scene.timers.invitation_mail_ms);
    scene.when(&ann, on("invitation.resend", "i1")).done();
    scene.noticed(&mailed(asked, None)).changes_nothing().done();
    assert_eq!(state(&scene), MailState::Waiting);
    scene.when(&tab("zoe"), accept("i1")).done();
    assert_eq!(scene.book.invited(&id, scene.now), None, "nothing is owed to a member");
}

#[test]
fn an_address_is_mailed_now_and_then_only() {
    let mut scene = Scene::new();
    scene.mails = true;
    let (ann, bob) = (tab("ann"), invite("i2", "bert@example.org", "viewer"));
    scene.when(&ann, invite("i1", "zoe@example.org", "viewer")).done();
    scene.passes(1_000);
    let seconds = scene.timers.invitation_mail_ms / 1_000 - 1;
    let reason = format!("a letter went to this address a moment ago; try again in {seconds} seconds");
    let wait = json!({"code": "conflict", "reason": reason});
    scene.when(&ann, on("invitation.resend", "i1")).refused(wait);
    scene.when(&ann, bob).done();
    scene.when(&ann, on("invitation.revoke", "i1")).done();
    scene.when(&ann, invite("i3", "zoe@example.org", "viewer")).refused(json!("conflict"));
    scene.passes(scene.timers.invitation_mail_ms);
    scene.when(&ann, invite("i3", "zoe@example.org", "viewer")).done();
    // A hub that sends nothing has nothing to pace.
    scene.mails = false;
    scene.when(&ann, on("invitation.resend", "i3")).done();
}
