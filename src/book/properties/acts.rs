//! Arbitrary things that people and the hub do, over few enough names that they meet.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use quire_protocol::event::ReleaseReason;
use quire_protocol::{
    BookCommand, ChapterId, Encoding, InvitationId, Role, Seq, SessionId, ThreadId, Timestamp, Token,
};
use serde_json::{Value, json};

use crate::book::given::{Tab, chapter, tab};
use crate::book::{Act, Book, Hosted, Vouched};

/// One of a few people in one of their two tabs, on one of a few connections.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    name: &'static str,
    second: bool,
    incarnation: u32,
}

impl Who {
    const NAMES: [&'static str; 7] = ["ann", "bob", "eve", "vic", "rae", "zoe", "yan"];

    pub(super) fn tab(self) -> Tab {
        let first = tab(self.name);
        let mut tab = if self.second { first.second() } else { first };
        tab.home.incarnation = self.incarnation;
        tab
    }
}

/// Somebody does something.
#[expect(clippy::struct_excessive_bools, reason = "each is one coin that was thrown")]
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) who: Who,
    pub(super) act: Act,
    pub(super) by_hub: bool,
    /// Whatever names a token names the current one.
    pub(super) knows_token: bool,
    pub(super) id: Option<u8>,
    pub(super) retry: bool,
    pub(super) goes_away: bool,
    pub(super) pause_ms: u64,
}

impl Step {
    /// The act, with its token replaced by the current one if the step knows it.
    pub(super) fn act_on(&self, book: &Book) -> Act {
        let mut act = self.act.clone();
        let aim = |chapter: &ChapterId, token: &mut Token| {
            let current = book.held().find(|held| held.chapter == chapter && self.knows_token);
            *token = current.map_or(*token, |held| held.token);
        };
        let submitted = |point: &mut Seq| {
            let revision = book.publishing(&tab("ann").user).revision.filter(|_| self.knows_token);
            *point = revision.map_or(*point, |revision| revision.point);
        };
        match &mut act {
            Act::Command(BookCommand::LockRelease(command)) => aim(&command.chapter, &mut command.token),
            Act::Command(BookCommand::LockHandOver(command)) => aim(&command.chapter, &mut command.token),
            Act::Command(BookCommand::LockKeep(command)) => aim(&command.chapter, &mut command.token),
            Act::Command(BookCommand::PublishRequestChanges(command)) => submitted(&mut command.point),
            Act::Command(BookCommand::PublishApprove(command)) => submitted(&mut command.point),
            Act::Command(BookCommand::PublishPublish(command)) => {
                if let Some(point) = &mut command.point {
                    submitted(point);
                }
            }
            Act::LockIdle { chapter, token } | Act::LockActive { chapter, token, .. } => aim(chapter, token),
            Act::Mailed { invitation, asked, .. } if self.knows_token => {
                let owed = book.invited(invitation, Timestamp(0)).and_then(|invited| invited.owed);
                *asked = owed.unwrap_or(*asked);
            }
            _ => {}
        }
        act
    }
}

pub(super) fn histories(steps: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(prop_oneof![8 => commands(), 2 => noticed()], 0..steps)
}

/// A step in which a person sends a command.
pub(super) fn commands() -> impl Strategy<Value = Step> {
    let wishes = prop_oneof![
        6 => locks(), 3 => chapters(), 4 => comments(), 6 => people(), 1 => whole_book(), 2 => publishing(), 1 => trash(),
    ];
    let surroundings = (option::of(0..200_u8), any::<[bool; 2]>(), prop::bool::weighted(0.2), 0..20_u64);
    (who(), wishes, surroundings).prop_map(|(who, wish, (id, [retry, knows_token], goes_away, pause_ms))| {
        let act = Act::Command(parse(&wish));
        Step { who, act, by_hub: false, knows_token, id, retry, goes_away, pause_ms }
    })
}

fn noticed() -> impl Strategy<Value = Step> {
    let acts = (who(), 0..15_u8, ids("c", 5), 0..2_000_000_u64, any::<bool>());
    (acts, who(), any::<bool>()).prop_map(|((whose, kind, id, number, lost), who, by_hub)| {
        let Tab { session, home, .. } = whose.tab();
        let (chapter, token) = (chapter(&id), Token(number * 1_000));
        let reason = if lost { ReleaseReason::ReplicaLost } else { ReleaseReason::Disconnected };
        let act = match kind {
            0 => Act::SessionEnded { session, home, reason },
            1 => Act::ViewClosed { session },
            2 => Act::LockIdle { chapter, token },
            3 => Act::LockActive { chapter, token, active_at: Timestamp(number) },
            // Those that comments are about.
            4..=6 => Act::Anchored { chapter: self::chapter(&format!("c{}", 1 + number % 2)), found: found(number) },
            7 => {
                let invitation = InvitationId::new(&format!("i{}", 1 + number % 2)).expect("it is an id");
                let reason = (number % 3 == 0).then(|| "refused".to_owned());
                Act::Mailed { invitation, asked: Seq(number % 50), reason }
            }
            8 => Act::Claim,
            9 => Act::Lapsed,
            10 => Act::VersionRestored { chapter, version: Seq(number), rev: Seq(number + 1) },
            _ => Act::Hosted(hosted(&whose.tab(), number)),
        };
        Step { who, act, by_hub, knows_token: lost, id: None, retry: false, goes_away: lost, pause_ms: 1 }
    })
}

/// What a host may wish of a book with this person in it.
fn hosted(tab: &Tab, number: u64) -> Hosted {
    let person = Vouched { user: tab.user.clone(), name: tab.name.clone(), email: tab.email.clone() };
    match number % 12 {
        0 => Hosted::Create { title: "Typee".into(), metadata: Box::default(), owner: person },
        1 => Hosted::Shelve,
        2 => Hosted::Unshelve,
        3 | 4 => Hosted::Remove { user: person.user },
        5 => match number % 5 {
            0 => Hosted::Delete { forever: false },
            1 => Hosted::Delete { forever: true },
            _ => Hosted::Restore,
        },
        other => Hosted::SetRole { person, role: Role::ALL[usize::try_from(other % 5).expect("it is small")] },
    }
}

/// Of the few threads that there are, those that a number names; one of them twice.
fn found(number: u64) -> Vec<(ThreadId, bool)> {
    let thread = |of: u64| ThreadId::new(&format!("t{of}")).expect("it is an id");
    (1..=3).map(|of| (thread(of), number >> of & 1 == 1)).chain([(thread(1), number & 1 == 1)]).collect()
}

fn who() -> impl Strategy<Value = Who> {
    let name = prop_oneof![3 => Just("ann"), 2 => Just("bob"), 2 => Just("eve"), 1 => Just("zoe"), 3 => names()];
    let incarnation = prop_oneof![12 => Just(0), 2 => Just(1), 1 => Just(2)];
    (name, prop::bool::weighted(0.2), incarnation).prop_map(|(name, second, incarnation)| Who {
        name,
        second,
        incarnation,
    })
}

fn ids(prefix: &'static str, count: u32) -> impl Strategy<Value = String> {
    (1..=count).prop_map(move |number| format!("{prefix}{number}"))
}

fn sessions() -> impl Strategy<Value = SessionId> {
    who().prop_map(|who| who.tab().session)
}

fn names() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&Who::NAMES[..])
}

fn roles() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["owner", "author", "editor", "viewer", "reader"][..])
}

fn locks() -> impl Strategy<Value = Value> {
    let kinds =
        ["acquire", "acquire", "acquire", "release", "move_here", "hand_over", "keep", "cancel_wait", "force_release"];
    let wishes = (prop::sample::select(kinds.to_vec()), ids("c", 4), any::<bool>(), sessions()).prop_map(
        |(kind, chapter, flag, to)| {
            json!({"t": format!("lock.{kind}"), "chapter": chapter, "wait": flag, "take": flag, "reason": "because",
                "to": to, "token": 1})
        },
    );
    let modes = (ids("c", 4), prop::sample::select(&["live", "live", "exclusive"][..]));
    let tasks = (ids("c", 5), option::of(names()), option::of(1..9_u64)).prop_map(|(chapter, user, due_at)| {
        let due_at = due_at.filter(|_| user.is_some());
        json!({"t": "chapter.assign", "chapter": chapter, "user": user, "due_at": due_at})
    });
    let modes = modes.prop_map(|(chapter, mode)| json!({"t": "chapter.set_mode", "chapter": chapter, "mode": mode}));
    prop_oneof![18 => wishes, 2 => modes, 1 => tasks]
}

fn chapters() -> impl Strategy<Value = Value> {
    let kinds = ["add", "move", "rename", "remove", "restore"];
    let at = prop_oneof![Just(json!("first")), Just(json!("last")), ids("c", 5).prop_map(|id| json!({"after": id})),];
    let kind = prop::sample::select(&["chapter", "part", "front"][..]);
    let parent = option::of(ids("c", 5));
    (prop::sample::select(kinds.to_vec()), ids("c", 5), at, kind, parent).prop_map(
        |(command, chapter, at, kind, parent)| {
            let title = format!("Title of {chapter}");
            json!({"t": format!("chapter.{command}"), "chapter": chapter, "title": title, "kind": kind, "at": at,
            "parent": parent})
        },
    )
}

fn comments() -> impl Strategy<Value = Value> {
    let kinds = ["comment.add", "comment.reply", "comment.edit", "comment.delete", "thread.resolve", "thread.reopen"];
    let text = ("[a-c]{1,2}| ", option::of(names()), any::<bool>());
    (prop::sample::select(kinds.to_vec()), ids("t", 2), ids("k", 2), ids("c", 2), text).prop_map(
        |(kind, thread, comment, chapter, (body, mention, is_about_words))| {
            let mentions: Vec<_> = mention.into_iter().collect();
            let anchor = is_about_words.then(|| json!({"quote": "whale", "offset": 3}));
            json!({"t": kind, "thread": thread, "comment": comment, "chapter": chapter, "body": body,
                "mentions": mentions, "anchor": anchor})
        },
    )
}

fn people() -> impl Strategy<Value = Value> {
    let kinds = [
        "member.invite",
        "member.set_role",
        "member.set_end",
        "member.remove",
        "member.leave",
        "invitation.revoke",
        "invitation.resend",
        "invitation.accept",
        "invitation.decline",
        "access.request",
        "access.request",
        "access.grant",
        "access.refuse",
        "ownership.offer",
        "ownership.withdraw",
        "ownership.accept",
        "ownership.decline",
    ];
    let guest = prop::sample::select(&["zoe", "yan"][..]);
    let until = option::weighted(0.8, 1_000_000..1_000_200_u64);
    (prop::sample::select(kinds.to_vec()), ids("i", 2), names(), guest, (roles(), until)).prop_map(
        |(kind, invitation, name, guest, (role, until))| {
            let email = format!("{guest}@example.org");
            json!({"t": kind, "invitation": invitation, "user": name, "email": email, "role": role, "until": until})
        },
    )
}

fn royalties() -> impl Strategy<Value = Value> {
    (names(), names(), 0..=10_000_u32, option::of(0..5_000_u64)).prop_map(|(one, other, part, later)| {
        let share = |user: &str, basis_points: u32| json!({"user": user, "basis_points": basis_points});
        let shares =
            if part == 10_000 { vec![share(one, part)] } else { vec![share(one, part), share(other, 10_000 - part)] };
        json!({"t": "royalties.set", "shares": shares, "effective_at": later.map(|ms| 1_000_000 + ms)})
    })
}

fn publishing() -> impl Strategy<Value = Value> {
    let kinds = ["start", "start", "withdraw", "request_changes", "approve", "publish", "publish", "unpublish"];
    let kind = prop::sample::select(kinds.to_vec());
    (kind, option::of(1..20_u64)).prop_map(|(kind, point)| {
        let point = if matches!(kind, "request_changes" | "approve") { Some(point.unwrap_or(1)) } else { point };
        json!({"t": format!("publish.{kind}"), "point": point, "note": "because"})
    })
}

fn whole_book() -> impl Strategy<Value = Value> {
    let set = |base: u64| json!({"t": "metadata.set", "title": format!("Title {base}"), "base_seq": base});
    let format = |(base, size): (u64, u16)| json!({"t": "format.set", "format": {"font_size_tenths_pt": size}, "base_seq": base});
    prop_oneof![
        30 => (0..60_u64).prop_map(set),
        20 => (0..60_u64, 55..70_u16).prop_map(format),
        20 => royalties(),
        6 => Just(json!({"t": "book.create", "title": "Moby Dick"})),
        30 => Just(json!({"t": "book.shelve"})),
        30 => Just(json!({"t": "book.unshelve"})),
        3 => Just(json!({"t": "book.delete"})),
    ]
}

/// What is done with a book in the trash.
fn trash() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => Just(json!({"t": "book.restore"})),
        1 => Just(json!({"t": "book.delete", "forever": true})),
    ]
}

fn parse(wish: &Value) -> BookCommand {
    let kind = wish["t"].as_str().expect("a wish says what it is");
    let bytes = serde_json::to_vec(wish).expect("a wish is plain data");
    BookCommand::decode(kind, &bytes, Encoding::Json).expect("a known kind").expect("well formed")
}
