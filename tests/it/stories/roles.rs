//! Who may do what, over live connections: every command of a book, for everybody who might send it.

use quire_protocol::command::{
    AccessGrant, AccessRefuse, AccessRequest, At, BookClose, BookCreate, BookDelete, BookRestore, BookShelve,
    BookUnshelve, ChapterAssign, ChapterMove, CommentDelete, CommentEdit, FormatSet, InvitationAccept,
    InvitationDecline, InvitationResend, InvitationRevoke, MemberLeave, MemberLookup, MemberSetEnd, MetadataPatch,
    MetadataSet, Mode, OwnershipAccept, OwnershipDecline, OwnershipOffer, OwnershipWithdraw, PublishApprove,
    PublishChecklist, PublishPublish, PublishRequestChanges, PublishStart, PublishUnpublish, PublishWithdraw,
    RoyaltiesGet, ThreadReopen, ThreadResolve, ThreadsList,
};
use quire_protocol::frame::Answer;
use quire_protocol::{
    BookCommand, BookId, Command, Format, Limits, Rejection, Role, Seq, Timers, Token, ViewCommand, What,
};

use crate::harness::wishes::*;
use crate::harness::{Person, Town, chapter, comment, invitation, moby, thread, user};

const YES: &str = "yes";
/// Their role lets them ask; what they ask for does not fit.
const STALE: &str = "stale_token";
/// Their role lets them ask; what has to be so first is not.
const EARLY: &str = "conflict";
const NO: &str = "forbidden";

/// What each command answers to each role. The rows are tried in this order, in one book.
#[rustfmt::skip]
const TABLE: [(&str, [&str; 5]); 48] = [
    //                       owner  author editor viewer reader
    // Not in the library yet; there, nobody publishes by a role.
    ("publish.start",      [EARLY, NO,    NO,    NO,    NO ]),
    ("publish.withdraw",   [YES,   NO,    NO,    NO,    NO ]),
    ("publish.request_changes", [NO; 5]),
    ("publish.approve",    [NO; 5]),
    ("publish.publish",    [NO; 5]),
    ("publish.unpublish",  [NO; 5]),
    ("book.shelve",        [YES,   NO,    NO,    NO,    NO ]),
    ("book.unshelve",      [YES,   NO,    NO,    NO,    NO ]),
    ("metadata.set",       [YES,   YES,   YES,   NO,    NO ]),
    ("format.set",         [YES,   YES,   YES,   NO,    NO ]),
    ("royalties.set",      [YES,   NO,    NO,    NO,    NO ]),
    ("chapter.add",        [YES,   YES,   YES,   NO,    NO ]),
    ("chapter.move",       [YES,   YES,   YES,   NO,    NO ]),
    ("chapter.rename",     [YES,   YES,   YES,   NO,    NO ]),
    ("chapter.remove",     [YES,   YES,   YES,   NO,    NO ]),
    ("chapter.restore",    [YES,   YES,   YES,   NO,    NO ]),
    ("chapter.set_mode",   [YES,   YES,   YES,   NO,    NO ]),
    ("chapter.assign",     [YES,   YES,   YES,   NO,    NO ]),
    ("lock.acquire",       [YES,   YES,   YES,   NO,    NO ]),
    ("lock.release",       [STALE, STALE, STALE, NO,    NO ]),
    ("lock.hand_over",     [STALE, STALE, STALE, NO,    NO ]),
    ("lock.keep",          [STALE, STALE, STALE, NO,    NO ]),
    ("lock.move_here",     [YES,   YES,   YES,   NO,    NO ]),
    ("lock.cancel_wait",   [YES,   YES,   YES,   NO,    NO ]),
    ("lock.force_release", [YES,   NO,    NO,    NO,    NO ]),
    ("comment.add",        [YES,   YES,   YES,   YES,   NO ]),
    ("comment.reply",      [YES,   YES,   YES,   YES,   NO ]),
    ("comment.edit",       [YES,   YES,   YES,   YES,   NO ]),
    ("comment.delete",     [YES,   YES,   YES,   YES,   NO ]),
    ("thread.resolve",     [YES,   YES,   YES,   NO,    NO ]),
    ("thread.reopen",      [YES,   YES,   YES,   NO,    NO ]),
    ("member.invite",      [YES,   NO,    NO,    NO,    NO ]),
    ("invitation.resend",  [YES,   NO,    NO,    NO,    NO ]),
    ("invitation.revoke",  [YES,   NO,    NO,    NO,    NO ]),
    ("member.set_role",    [YES,   NO,    NO,    NO,    NO ]),
    ("member.set_end",     [YES,   NO,    NO,    NO,    NO ]),
    ("member.remove",      [YES,   NO,    NO,    NO,    NO ]),
    ("access.request",     ["conflict"; 5]),
    ("access.grant",       ["not_found", NO, NO,  NO,    NO ]),
    ("access.refuse",      ["not_found", NO, NO,  NO,    NO ]),
    ("ownership.offer",    [EARLY, NO,    NO,    NO,    NO ]),
    ("ownership.withdraw", [YES,   NO,    NO,    NO,    NO ]),
    ("ownership.accept",   ["conflict"; 5]),
    ("ownership.decline",  ["conflict"; 5]),
    ("book.create",        ["id_taken"; 5]),
    ("book.delete",        [YES,   NO,    NO,    NO,    NO ]),
    ("book.restore",       [YES,   NO,    NO,    NO,    NO ]),
    ("member.leave",       [NO,    YES,   YES,   YES,   YES]),
];

/// What the person with this number sends: about a chapter and a thread of their own, so that all of it would fit.
fn wish(kind: &str, number: u32) -> BookCommand {
    let own = format!("own-{number}");
    let nobody = || quire_protocol::SessionId::new("nobody").unwrap();
    match kind {
        "book.create" => BookCreate { title: "Another".into(), metadata: MetadataPatch::default() }.into(),
        "access.request" => AccessRequest { note: None }.into(),
        "access.grant" => AccessGrant { user: user("zoe"), role: Role::Editor }.into(),
        "access.refuse" => AccessRefuse { user: user("zoe") }.into(),
        "ownership.offer" => OwnershipOffer { user: user("zoe") }.into(),
        "ownership.withdraw" => OwnershipWithdraw {}.into(),
        "ownership.accept" => OwnershipAccept {}.into(),
        "ownership.decline" => OwnershipDecline {}.into(),
        "book.restore" => BookRestore {}.into(),
        "book.delete" => BookDelete { forever: false }.into(),
        "book.shelve" => BookShelve {}.into(),
        "book.unshelve" => BookUnshelve {}.into(),
        "metadata.set" => {
            let metadata = MetadataPatch { subtitle: Some(Some(own)), ..MetadataPatch::default() };
            MetadataSet { title: None, metadata, base_seq: None }.into()
        }
        "format.set" => {
            let size = 100 + u16::try_from(number).unwrap();
            FormatSet { format: Format { font_size_tenths_pt: size, ..Format::default() }, base_seq: None }.into()
        }
        "publish.start" => PublishStart { note: None }.into(),
        "publish.withdraw" => PublishWithdraw {}.into(),
        "publish.request_changes" => PublishRequestChanges { point: Seq(1), note: own }.into(),
        "publish.approve" => PublishApprove { point: Seq(1), note: None }.into(),
        "publish.publish" => PublishPublish { point: None, note: None }.into(),
        "publish.unpublish" => PublishUnpublish { note: None }.into(),
        "royalties.set" => royalties(&[("ann", 10_000)]).into(),
        "chapter.add" => add_chapter(100 + number).into(),
        "chapter.move" => ChapterMove { chapter: chapter(100 + number), at: At::First, parent: None }.into(),
        "chapter.rename" => rename_chapter(100 + number, &own).into(),
        "chapter.remove" => remove_chapter(100 + number).into(),
        "chapter.restore" => restore_chapter(100 + number).into(),
        "chapter.set_mode" => set_mode(100 + number, Mode::Live).into(),
        "chapter.assign" => {
            let (chapter, user) = (chapter(100 + number), Some(crate::harness::user("ann")));
            ChapterAssign { chapter, user, due_at: None }.into()
        }
        "lock.acquire" => acquire(100 + number).into(),
        "lock.release" => release(100 + number, Token(1)).into(),
        "lock.hand_over" => hand_over(100 + number, Token(1), nobody()).into(),
        "lock.keep" => keep(100 + number, Token(1), nobody()).into(),
        "lock.move_here" => move_here(100 + number).into(),
        "lock.cancel_wait" => cancel_wait(100 + number).into(),
        "lock.force_release" => force_release(100 + number, "because").into(),
        "comment.add" => remark(1, &own).into(),
        "comment.reply" => reply_to(&own, &format!("reply-{number}")).into(),
        "comment.edit" => {
            CommentEdit { thread: thread(&own), comment: comment(&own), body: "Better".into(), mentions: vec![] }.into()
        }
        "comment.delete" => CommentDelete { thread: thread(&own), comment: comment(&own) }.into(),
        "thread.resolve" => ThreadResolve { thread: thread(&own) }.into(),
        "thread.reopen" => ThreadReopen { thread: thread(&own) }.into(),
        "member.invite" => invite("somebody", Role::Editor).into(),
        "invitation.resend" => InvitationResend { invitation: invitation("for-somebody") }.into(),
        "invitation.revoke" => InvitationRevoke { invitation: invitation("for-somebody") }.into(),
        "member.set_end" => MemberSetEnd { user: user("zoe"), until: None }.into(),
        "member.set_role" => set_role("zoe", Role::Editor).into(),
        "member.remove" => remove_member("zoe").into(),
        "member.leave" => MemberLeave {}.into(),
        "invitation.accept" => InvitationAccept { invitation: invitation("for-somebody") }.into(),
        "invitation.decline" => InvitationDecline { invitation: invitation("for-somebody") }.into(),
        other => panic!("no row for {other}"),
    }
}

/// The code of the answer, or [`YES`].
async fn tries(person: &mut Person, command: BookCommand) -> &'static str {
    match person.does(command).await.result {
        Ok(_) => YES,
        Err(rejection) => rejection.code(),
    }
}

const NO_SUCH_BOOK: Rejection = Rejection::NotFound { what: What::Book };

#[tokio::test(start_paused = true)]
async fn every_command_is_answered_by_the_table_and_a_denied_one_changes_nothing() {
    let town = Town::with(Limits { command_burst: 10_000, ..Limits::default() }, Timers::default());
    let (ann, [author, editor, viewer, reader, _zoe]) = town
        .team([
            ("ada", Role::Author),
            ("eli", Role::Editor),
            ("vic", Role::Viewer),
            ("rex", Role::Reader),
            ("zoe", Role::Viewer),
        ])
        .await;
    let mut ann = ann;
    // So that she may bring the book in.
    ann.sees_library().await;
    let mut members = [ann, author, editor, viewer, reader];
    for (kind, cells) in TABLE {
        // From the right, where there is most to deny.
        for (index, expected) in cells.into_iter().enumerate().rev() {
            let before = members[0].sees().await.seq;
            let number = u32::try_from(index).unwrap();
            // The book ends with the last row: nobody could try anything after it.
            let deletes = kind == "book.delete" && expected == YES;
            if !deletes {
                let answer = tries(&mut members[index], wish(kind, number)).await;
                assert_eq!(answer, expected, "{kind} by {}", members[index].name());
            }
            let after = members[0].sees().await.seq;
            assert!(expected == YES || before == after, "{kind} by {} was denied", members[index].name());
        }
    }
    let [mut ann, ..] = members;
    ann.does(BookDelete { forever: false }).await.accepted();
}

#[test]
fn the_table_has_a_row_for_every_command_but_the_answers_to_invitations() {
    let mut rows: Vec<_> = TABLE.iter().map(|(kind, _)| *kind).collect();
    rows.extend(["invitation.accept", "invitation.decline"]);
    rows.sort_unstable();
    let mut kinds = BookCommand::KINDS.to_vec();
    kinds.sort_unstable();
    assert_eq!(rows, kinds);
}

/// Somebody invited, somebody removed, and a stranger: for none of them there is such a book.
#[tokio::test(start_paused = true)]
async fn who_does_not_belong_to_a_book_cannot_tell_it_from_one_that_is_not_there() {
    let town = Town::new();
    let (mut ann, [mut removed]) = town.team([("ron", Role::Editor)]).await;
    ann.does(remove_member("ron")).await.accepted();
    ann.does(invite("ivy", Role::Editor)).await.accepted();
    let mut invited = town.arrives("ivy").await;
    let mut stranger = town.arrives("sam").await;
    let before = ann.sees().await.seq;
    let nowhere = BookId::new("no-such-book").unwrap();
    for outsider in [&mut removed, &mut invited, &mut stranger] {
        outsider.rest().await;
        for kind in BookCommand::KINDS.iter().filter(|kind| **kind != "book.create") {
            // Of an invitation its addressee alone knows.
            if outsider.name() == "ivy" && kind.starts_with("invitation.") {
                continue;
            }
            let here = outsider.does(wish(kind, 1)).await;
            let there = outsider.asks(&nowhere, Command::Book(wish(kind, 1))).await;
            // Whoever asks to be let in is answered the same in any case.
            let expected = if *kind == "access.request" { Ok(Answer::Done {}) } else { Err(NO_SUCH_BOOK) };
            assert_eq!(here.result, expected, "{kind} by {}", outsider.name());
            assert_eq!((here.seq, here.result), (there.seq, there.result), "{kind} by {}", outsider.name());
        }
        let list = ThreadsList { chapter: None, thread: None, limit: None, cursor: None };
        let close = BookClose {};
        let lookup = MemberLookup { email: "ann@example.com".into() };
        for view in [
            ViewCommand::from(list),
            ViewCommand::from(close),
            RoyaltiesGet {}.into(),
            PublishChecklist {}.into(),
            lookup.into(),
        ] {
            let here = outsider.asks(&moby(), Command::View(view.clone())).await;
            let there = outsider.asks(&nowhere, Command::View(view)).await;
            assert_eq!((here.seq, here.result), (there.seq, there.result), "{}", outsider.name());
        }
        let (here, there) = (outsider.opens(&moby()).await, outsider.opens(&nowhere).await);
        assert_eq!(here.result.as_ref().err(), Some(&NO_SUCH_BOOK));
        assert_eq!((here.seq, here.result), (there.seq, there.result));
        outsider.hears_nothing_more().await;
    }
    assert_eq!(ann.sees().await.seq.0, before.0 + 3, "three ask to be let in");
}

#[tokio::test(start_paused = true)]
async fn that_an_id_is_taken_shows_and_nothing_else() {
    let town = Town::new();
    let (_ann, []) = town.team([]).await;
    let mut sam = town.arrives("sam").await;
    let said = sam.does(wish("book.create", 1)).await;
    assert_eq!((said.seq, said.result.err()), (None, Some(Rejection::IdTaken)));
}

#[tokio::test(start_paused = true)]
async fn a_reader_reads_and_lists_no_comments() {
    let town = Town::new();
    let (mut ann, [mut rex]) = town.team([("rex", Role::Reader)]).await;
    ann.does(remark(1, "whale")).await.accepted();
    let list = ViewCommand::from(ThreadsList { chapter: None, thread: None, limit: None, cursor: None });
    rex.asks(&moby(), Command::View(list)).await.refused("forbidden");
    let snapshot = rex.snapshot().await;
    assert_eq!((snapshot.chapters.len(), snapshot.threads, snapshot.invitations), (3, None, None));
}

#[tokio::test(start_paused = true)]
async fn nobody_edits_the_comment_of_another_and_who_may_not_resolve_deletes_only_their_own() {
    let town = Town::new();
    let (mut ann, [mut vic, mut eli]) = town.team([("vic", Role::Viewer), ("eli", Role::Editor)]).await;
    vic.does(remark(1, "own-1")).await.accepted();
    ann.does(wish("comment.edit", 1)).await.refused("forbidden");
    eli.does(remark(1, "own-2")).await.accepted();
    vic.does(wish("comment.delete", 2)).await.refused("forbidden");
    eli.does(wish("comment.delete", 1)).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn the_owner_is_neither_removed_nor_changed_and_nobody_becomes_one() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Author)]).await;
    ann.does(remove_member("ann")).await.refused("invalid");
    ann.does(set_role("ann", Role::Reader)).await.refused("invalid");
    ann.does(set_role("ben", Role::Owner)).await.refused("invalid");
    ann.does(invite("cat", Role::Owner)).await.refused("invalid");
    ben.does(set_role("ann", Role::Reader)).await.refused("forbidden");
}
