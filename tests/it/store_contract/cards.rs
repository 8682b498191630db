//! The index of books (R17): hints that follow the newest card of each book.

use quire::store::Card;
use quire_protocol::event::{Claim, Person};
use quire_protocol::view::InvitationRow;
use quire_protocol::{BookId, InvitationId, Role, Seq, Timestamp, UserId};

use super::bench::Bench;

on_every_store! {
    a_card_is_found_by_each_member,
    a_card_is_found_by_each_invited_address,
    a_card_is_found_while_it_can_be_claimed,
    a_claim_is_found_by_its_address_alone,
    claims_for_anyone_and_for_an_address_are_one_list,
    r17_an_older_card_arrives_late,
    r17_an_equal_card_replaces,
    a_member_who_left_finds_the_book_no_more,
    lists_go_on_after_a_book,
}

async fn a_card_is_found_by_each_member(bench: Bench) {
    let shared = Card { members: members(&["ann", "bob"]), ..card("b1", 3) };
    let own = Card { members: members(&["bob"]), ..card("b2", 1) };
    put(&bench, &[&shared, &own]).await;
    assert_eq!(of(&bench, "ann").await, std::slice::from_ref(&shared));
    assert_eq!(of(&bench, "bob").await, [shared, own]);
    assert_eq!(of(&bench, "bo").await, []);
}

async fn a_card_is_found_by_each_invited_address(bench: Bench) {
    let invitations = vec![invitation("ann@example.org"), invitation("bob@example.org")];
    let inviting = Card { invitations, ..card("b1", 3) };
    put(&bench, &[&inviting, &card("b2", 1)]).await;
    assert_eq!(inviting_to(&bench, "bob@example.org").await, std::slice::from_ref(&inviting));
    assert_eq!(inviting_to(&bench, "ann@example.org").await, [inviting]);
    assert_eq!(inviting_to(&bench, "cleo@example.org").await, []);
}

async fn a_card_is_found_while_it_can_be_claimed(bench: Bench) {
    let open = Card { claim: Some(Claim::Anyone), ..card("b1", 1) };
    let meant = Card { claim: Some(Claim::Address("ann@example.org".into())), ..card("b2", 1) };
    put(&bench, &[&open, &meant, &card("b3", 1)]).await;
    assert_eq!(claimable_by(&bench, "ann@example.org").await, [open, meant.clone()]);
    put(&bench, &[&card("b1", 2)]).await;
    assert_eq!(claimable_by(&bench, "ann@example.org").await, [meant]);
    put(&bench, &[&card("b2", 2)]).await;
    assert_eq!(claimable_by(&bench, "ann@example.org").await, []);
}

async fn a_claim_is_found_by_its_address_alone(bench: Bench) {
    let open = Card { claim: Some(Claim::Anyone), ..card("b1", 1) };
    put(&bench, &[&open, &meant_for("ann@example.org", "b2"), &meant_for("", "b3")]).await;
    assert_eq!(claimable_by(&bench, "bob@example.org").await, std::slice::from_ref(&open));
    assert_eq!(claimable_by(&bench, "ann@example.or").await, std::slice::from_ref(&open));
    assert_eq!(claimable_by(&bench, "").await, [open.clone(), meant_for("", "b3")]);
    assert_eq!(bench.store.cards_claimable(None, None, 10).await.unwrap(), [open]);
}

async fn claims_for_anyone_and_for_an_address_are_one_list(bench: Bench) {
    let open = |id| Card { claim: Some(Claim::Anyone), ..card(id, 1) };
    let ann = "ann@example.org";
    let cards = [meant_for(ann, "b1"), open("b2"), open("b3"), meant_for(ann, "b4"), open("b5")];
    put(&bench, &cards.iter().collect::<Vec<_>>()).await;
    let mut found: Vec<Card> = vec![];
    loop {
        let after = found.last().map(|card| card.book.clone());
        let page = bench.store.cards_claimable(Some(ann.into()), after, 2).await.unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    assert_eq!(found, cards);
}

async fn r17_an_older_card_arrives_late(bench: Bench) {
    let newer = Card { title: "New".into(), members: members(&["bob"]), ..card("b1", 5) };
    let older = Card { title: "Old".into(), members: members(&["ann"]), ..card("b1", 4) };
    put(&bench, &[&newer, &older]).await;
    assert_eq!(of(&bench, "bob").await, [newer]);
    assert_eq!(of(&bench, "ann").await, []);
}

async fn r17_an_equal_card_replaces(bench: Bench) {
    let first = Card { members: members(&["ann"]), ..card("b1", 5) };
    let corrected = Card { title: "Corrected".into(), ..first.clone() };
    put(&bench, &[&first, &corrected, &corrected]).await;
    assert_eq!(of(&bench, "ann").await, [corrected]);
}

async fn a_member_who_left_finds_the_book_no_more(bench: Bench) {
    let invitations = vec![invitation("cleo@example.org")];
    let before = Card { members: members(&["ann", "bob"]), invitations, ..card("b1", 1) };
    let after = Card { members: members(&["ann"]), deleted: true, ..card("b1", 2) };
    put(&bench, &[&before, &after]).await;
    assert_eq!(of(&bench, "bob").await, []);
    assert_eq!(of(&bench, "ann").await, [after]);
    assert_eq!(inviting_to(&bench, "cleo@example.org").await, []);
}

async fn lists_go_on_after_a_book(bench: Bench) {
    let cards: Vec<Card> = ["b1", "b2", "b3", "b4", "b5"]
        .map(|id| Card {
            members: members(&["ann"]),
            invitations: vec![invitation("bob@example.org")],
            claim: Some(Claim::Anyone),
            ..card(id, 1)
        })
        .into();
    put(&bench, &cards.iter().rev().collect::<Vec<_>>()).await;
    let (ann, after) = (UserId::new("ann").unwrap(), Some(BookId::new("b2").unwrap()));
    let store = &bench.store;
    assert_eq!(store.cards_of(ann.clone(), None, 2).await.unwrap(), cards[..2]);
    assert_eq!(store.cards_of(ann, after.clone(), 2).await.unwrap(), cards[2..4]);
    assert_eq!(store.cards_inviting("bob@example.org".into(), after.clone(), 9).await.unwrap(), cards[2..]);
    assert_eq!(store.cards_claimable(None, after, 1).await.unwrap(), cards[2..3]);
}

async fn put(bench: &Bench, cards: &[&Card]) {
    for card in cards {
        bench.store.put_card((*card).clone()).await.unwrap();
    }
}

async fn of(bench: &Bench, user: &str) -> Vec<Card> {
    bench.store.cards_of(UserId::new(user).unwrap(), None, 10).await.unwrap()
}

async fn inviting_to(bench: &Bench, email: &str) -> Vec<Card> {
    bench.store.cards_inviting(email.into(), None, 10).await.unwrap()
}

async fn claimable_by(bench: &Bench, email: &str) -> Vec<Card> {
    bench.store.cards_claimable(Some(email.into()), None, 10).await.unwrap()
}

fn meant_for(email: &str, book: &str) -> Card {
    Card { claim: Some(Claim::Address(email.into())), ..card(book, 1) }
}

fn card(book: &str, seq: u64) -> Card {
    Card {
        book: BookId::new(book).unwrap(),
        seq: Seq(seq),
        title: "Moby-Dick".into(),
        members: vec![],
        invitations: vec![],
        claim: None,
        ends: Vec::new(),
        trashed_until: None,
        deleted: false,
    }
}

fn members(users: &[&str]) -> Vec<(UserId, Role)> {
    users.iter().map(|user| (UserId::new(user).unwrap(), Role::Author)).collect()
}

fn invitation(email: &str) -> (String, InvitationRow) {
    let row = InvitationRow {
        id: InvitationId::new("i1").unwrap(),
        book: BookId::new("b1").unwrap(),
        title: "Moby-Dick".into(),
        role: Role::Editor,
        by: Person { user: UserId::new("ann").unwrap(), name: "Ann".into() },
        expires_at: Timestamp(9),
    };
    (email.to_owned(), row)
}
