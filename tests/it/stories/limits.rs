//! Every limit: what fits exactly is fine, one more is refused by the limit's name.

use quire_protocol::command::{Anchor, BookCreate, BooksList, MetadataPatch, MetadataSet};
use quire_protocol::frame::{Answer, Hello, Reply};
use quire_protocol::{BookCommand, BookId, Encoding, Limits, Rejection, Role, Seq, ServerFrame, Timers};

use crate::harness::wishes::*;
use crate::harness::{Person, TabEnd, Town, chapter, moby, user};

fn with(limits: Limits) -> Town {
    Town::with(limits, Timers::default())
}

/// The name of the limit that was too low for it.
fn limit(rejection: &Rejection) -> &str {
    match rejection {
        Rejection::TooLarge { limit, .. } | Rejection::LimitReached { limit, .. } => limit,
        other => panic!("no limit: {other:?}"),
    }
}

// === What a command carries ===

/// Small enough that a story can reach them.
fn tight() -> Limits {
    Limits {
        title_chars: 8,
        metadata_chars: 8,
        description_chars: 8,
        metadata_entries: 8,
        comment_chars: 8,
        quote_chars: 8,
        context_chars: 8,
        note_chars: 8,
        mentions: 8,
        ..Limits::default()
    }
}

/// Commands that are of this size in one respect; each with the limit that this is about.
fn sized(size: usize) -> Vec<(&'static str, BookCommand)> {
    let text = "ö".repeat(size);
    let name = |what: &str| format!("{what}-{size}");
    let remark = |what: &str| remark(1, &name(what));
    let metadata = |metadata| BookCommand::from(MetadataSet { title: None, metadata, base_seq: None });
    let anchor =
        Anchor { quote: "q".into(), prefix: "p".into(), suffix: "s".into(), offset: 0, base: Seq(0), relative: None };
    let mut rename = rename_chapter(1, &text);
    rename.chapter = chapter(1);
    let lines = vec![text.clone(); 1];
    let many: Vec<String> = (0..size).map(|index| index.to_string()).collect();
    let set = |change: &dyn Fn(&mut MetadataPatch)| {
        let mut patch = MetadataPatch::default();
        change(&mut patch);
        metadata(patch)
    };
    let mut quoted = remark("quote");
    quoted.anchor = Some(Anchor { quote: text.clone(), ..anchor.clone() });
    let mut prefixed = remark("prefix");
    prefixed.anchor = Some(Anchor { prefix: text.clone(), ..anchor.clone() });
    let mut suffixed = remark("suffix");
    suffixed.anchor = Some(Anchor { suffix: text.clone(), ..anchor });
    let mut long = remark("long");
    long.body.clone_from(&text);
    let mut loud = remark("loud");
    loud.mentions = vec![user("ann"); size];
    for commented in [&mut quoted, &mut prefixed, &mut suffixed, &mut loud] {
        commented.body = "short".into();
    }
    vec![
        ("title_chars", rename.into()),
        (
            "title_chars",
            MetadataSet { title: Some(text.clone()), metadata: MetadataPatch::default(), base_seq: None }.into(),
        ),
        ("metadata_chars", set(&|patch| patch.subtitle = Some(Some(text.clone())))),
        ("metadata_chars", set(&|patch| patch.keywords = Some(Some(lines.clone())))),
        ("description_chars", set(&|patch| patch.description = Some(Some(text.clone())))),
        ("metadata_entries", set(&|patch| patch.authors = Some(Some(many.clone())))),
        ("quote_chars", quoted.into()),
        ("context_chars", prefixed.into()),
        ("context_chars", suffixed.into()),
        ("comment_chars", long.into()),
        ("mentions", loud.into()),
        ("note_chars", ask_for(3, &text).into()),
        ("note_chars", force_release(2, &text).into()),
    ]
}

#[tokio::test(start_paused = true)]
async fn texts_and_lists_of_exactly_the_limit_are_fine_and_one_more_is_too_large() {
    let town = with(tight());
    let mut ann = town.arrives("ann").await;
    ann.creates(&moby(), "Moby").await;
    for number in 1..=3 {
        let short = add_named(number, quire_protocol::command::ChapterKind::Chapter, "Short");
        ann.does(short).await.accepted();
    }
    ann.opens(&moby()).await.accepted();
    for (name, command) in sized(9) {
        let rejection = ann.does(command.clone()).await.refused("too_large");
        assert_eq!(limit(&rejection), name, "{command:?}");
    }
    for (name, command) in sized(8) {
        assert!(ann.does(command.clone()).await.result.is_ok(), "{name}: {command:?}");
    }
}

// === How many there may be ===

#[tokio::test(start_paused = true)]
async fn a_book_has_so_many_chapters_threads_comments_and_members_and_no_more() {
    let limits = Limits {
        chapters_per_book: 4,
        threads_per_book: 2,
        comments_per_thread: 2,
        members_per_book: 3,
        ..Limits::default()
    };
    let town = with(limits);
    let (mut ann, [_ben]) = town.team([("ben", Role::Editor)]).await;
    let at_most: [(&str, BookCommand, BookCommand); 4] = [
        ("chapters_per_book", add_chapter(4).into(), add_chapter(5).into()),
        ("threads_per_book", remark(1, "two").into(), remark(1, "three").into()),
        ("comments_per_thread", reply_to("one", "second").into(), reply_to("one", "third").into()),
        ("members_per_book", invite("cat", Role::Editor).into(), invite("dan", Role::Editor).into()),
    ];
    ann.does(remark(1, "one")).await.accepted();
    for (name, last, one_more) in at_most {
        assert!(ann.does(last).await.result.is_ok(), "{name}");
        assert_eq!(limit(&ann.does(one_more).await.refused("limit_reached")), name);
    }
}

#[tokio::test(start_paused = true)]
async fn so_many_wait_for_one_chapter() {
    let town = with(Limits { waiting_per_chapter: 1, ..Limits::default() });
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    ben.does(queue_for(1)).await.queued();
    let refusal = cat.does(queue_for(1)).await.refused("limit_reached");
    assert_eq!(limit(&refusal), "waiting_per_chapter");
}

#[tokio::test(start_paused = true)]
async fn so_many_sessions_have_a_book_open() {
    let town = with(Limits { sessions_per_book: 2, ..Limits::default() });
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let mut third = town.arrives("ann").await;
    let refusal = third.opens(&moby()).await.refused("limit_reached");
    assert_eq!(limit(&refusal), "sessions_per_book");
    ann.opens(&moby()).await.accepted();
    ben.closes(&moby()).await;
    third.opens(&moby()).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn a_session_has_so_many_books_open() {
    let town = with(Limits { books_per_session: 2, ..Limits::default() });
    let mut ann = town.arrives("ann").await;
    let ids: Vec<_> = (1..=3).map(|number| BookId::new(&format!("book-{number}")).unwrap()).collect();
    for id in &ids {
        ann.creates(id, "A book").await;
    }
    ann.opens(&ids[0]).await.accepted();
    ann.opens(&ids[1]).await.accepted();
    ann.opens(&ids[1]).await.accepted();
    assert_eq!(limit(&ann.opens(&ids[2]).await.refused("limit_reached")), "books_per_session");
    ann.closes(&ids[0]).await;
    ann.opens(&ids[2]).await.accepted();
    ann.opens(&BookId::new("no-such-book").unwrap()).await.refused("limit_reached");
}

#[tokio::test(start_paused = true)]
async fn a_book_that_could_not_be_opened_takes_no_place_among_the_open_ones() {
    let town = with(Limits { books_per_session: 1, ..Limits::default() });
    let mut ann = town.arrives("ann").await;
    ann.creates(&moby(), "Moby-Dick").await;
    for number in 0..3 {
        ann.opens(&BookId::new(&format!("nowhere-{number}")).unwrap()).await.refused("not_found");
    }
    ann.opens(&moby()).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn a_user_has_so_many_sessions() {
    let town = with(Limits { sessions_per_user: 2, ..Limits::default() });
    let first = town.arrives("ann").await;
    let _second = town.arrives("ann").await;
    let hello = || Hello { token: Some(town.token("ann")), client: None, resume: None };
    let third = Person::says_hello(&town, "ann", Encoding::MessagePack, hello()).await;
    assert_eq!(third.err(), Some(TabEnd(Some(4029))));
    let _other = town.arrives("ben").await;
    let _again = first.duplicates().comes_back(&town).await.unwrap();
    first.closes_tab().await;
}

#[tokio::test(start_paused = true)]
async fn a_page_has_at_most_list_rows() {
    let town = with(Limits { list_rows: 2, ..Limits::default() });
    let mut ann = town.arrives("ann").await;
    for number in 1..=3 {
        ann.creates(&BookId::new(&format!("book-{number}")).unwrap(), "A book").await;
    }
    let Answer::Books { books, cursor } =
        ann.asks_hub(BooksList { limit: Some(1_000), cursor: None, trashed: false }).await.accepted()
    else {
        panic!("a list of books");
    };
    assert_eq!(books.len(), 2);
    assert!(cursor.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_long_name_is_cut() {
    let town = Town::new();
    let long = "a".repeat(128);
    assert_eq!(town.arrives(&long).await.welcome().user.name.len(), town.hub.limits.name_chars);
}

// === How fast ===

#[tokio::test(start_paused = true)]
async fn so_many_commands_at_once_and_then_at_their_rate() {
    let town = with(Limits { command_burst: 3, commands_per_second: 1, ..Limits::default() });
    let mut ann = town.arrives("ann").await;
    let list = || BooksList { limit: None, cursor: None, trashed: false };
    for _ in 0..3 {
        ann.asks_hub(list()).await.accepted();
    }
    let Rejection::RateLimited { retry_after_ms } = ann.asks_hub(list()).await.refused("rate_limited") else {
        unreachable!("the code says so");
    };
    town.passes(std::time::Duration::from_millis(retry_after_ms)).await;
    ann.asks_hub(list()).await.accepted();
    ann.asks_hub(list()).await.refused("rate_limited");
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_on_sending_when_refused_is_sent_away() {
    let limits = Limits { command_burst: 1, commands_per_second: 1, rate_refusals_per_second: 2, ..Limits::default() };
    let town = with(limits);
    let mut ann = town.arrives("ann").await;
    let list = || BooksList { limit: None, cursor: None, trashed: false };
    ann.asks_hub(list()).await.accepted();
    ann.asks_hub(list()).await.refused("rate_limited");
    ann.asks_hub(list()).await.refused("rate_limited");
    let create = BookCreate { title: "A".into(), metadata: MetadataPatch::default() };
    ann.wishes(&moby(), create).await;
    ann.is_sent_away_over(4029, "rate_refusals_per_second").await;
}

#[tokio::test(start_paused = true)]
async fn so_many_signals_in_a_second_and_no_more() {
    let town = with(Limits { signals_per_second: 5, ..Limits::default() });
    let mut ann = town.arrives("ann").await;
    for _ in 0..5 {
        ann.is_active().await;
    }
    ann.asks_hub(BooksList { limit: None, cursor: None, trashed: false }).await.accepted();
    ann.is_active().await;
    ann.is_sent_away_over(4029, "signals_per_second").await;
}

#[tokio::test(start_paused = true)]
async fn a_book_that_cannot_keep_up_says_so_at_once() {
    let town = with(Limits { mailbox_commands: 2, ..Limits::default() });
    let (mut ann, []) = town.team([]).await;
    // The store does not answer: the first command hangs, two more wait.
    town.line.is_cut();
    ann.wishes(&moby(), acquire(1)).await;
    town.settles().await;
    ann.wishes(&moby(), acquire(2)).await;
    ann.wishes(&moby(), acquire(3)).await;
    town.settles().await;
    let last = ann.wishes(&moby(), remark(1, "whale")).await;
    let refused = |frame: &ServerFrame| match frame {
        ServerFrame::Reply(reply) => {
            let Reply { reference, err, .. } = reply.as_ref();
            err.as_ref().map(|refusal| (*reference, refusal.rejection.code()))
        }
        _ => None,
    };
    assert_eq!(ann.waits_for("a refusal", refused).await, (last, "unavailable"));
}

// === How large ===

#[tokio::test(start_paused = true)]
async fn a_hello_of_exactly_the_limit_is_fine_and_one_byte_more_is_not() {
    let town = Town::new();
    for (more, welcome) in [(0, true), (1, false)] {
        let hello = |pad: usize| Hello { token: Some(town.token("ann")), client: Some("x".repeat(pad)), resume: None };
        let bare = Encoding::Json.encode(&hello(0)).len();
        let hello = hello(town.hub.limits.hello_bytes - bare + more);
        let arrived = Person::says_hello(&town, "ann", Encoding::Json, hello).await;
        assert_eq!(arrived.map(drop).err(), (!welcome).then_some(TabEnd(Some(1009))));
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_of_exactly_the_limit_is_read_and_one_byte_more_ends_the_connection() {
    use tokio_tungstenite::tungstenite::Message;
    let town = Town::new();
    for more in [0, 1] {
        let mut ann = Person::arrives(&town, "ann", Encoding::Json).await;
        let bare = r#"{"t":"books.list","ref":1,"pad":""}"#;
        let pad = "x".repeat(town.hub.limits.message_bytes - bare.len() + more);
        let reference = ann.next_reference();
        let text = bare.replace(r#""pad":"""#, &format!(r#""pad":"{pad}""#));
        ann.sends_raw(Message::Text(text.into())).await;
        if more == 0 {
            ann.answer_to(reference).await.accepted();
        } else {
            ann.is_sent_away_over(1009, "message_bytes").await;
        }
    }
}
