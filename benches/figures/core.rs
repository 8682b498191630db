//! What the rules and the encodings cost, without tasks, stores and sockets.

use quire::book::{Act, Actor, Book, Committed, Context, Fact};
use quire::outbox;
use quire_protocol::command::{At, ChapterMove, CommentAdd, LockAcquire, LockRelease};
use quire_protocol::event::{By, Home};
use quire_protocol::{
    BookCommand, CommandId, CommentId, Encoding, Epoch, EventFrame, Limits, ReplicaId, SessionId, ThreadId, Timers,
    Timestamp, Token, UserId,
};
use tokio::time::Instant;

use crate::Figure;
use crate::people::{CHAPTERS, book, chapter, creation, rename, user};

const THREADS: u32 = 1_000;
/// Rounds of which the median is told.
const ROUNDS: usize = 21;
const COMMANDS_PER_ROUND: u32 = 200;
const FRAMES_PER_ROUND: u32 = 10_000;

pub(crate) fn figures() -> Vec<Figure> {
    let mut desk = Desk::new();
    for command in creation(CHAPTERS) {
        desk.does(command);
    }
    for number in 0..THREADS {
        desk.does(comment(number));
    }
    let mut figures = vec![
        desk.measure("`lock.acquire` and `lock.release`", |number| (acquire(number), Some(release))),
        desk.measure("`comment.add`", |number| (comment(THREADS + number), None)),
        desk.measure("`chapter.move`", |number| (reorder(number), None)),
    ];
    let frame = desk.last_frame(rename(1));
    figures.extend(Encoding::ALL.map(|encoding| encode(&frame, encoding)));
    figures
}

fn acquire(number: u32) -> BookCommand {
    LockAcquire { chapter: chapter(number), wait: false, note: None }.into()
}

fn release(number: u32, token: Token) -> BookCommand {
    LockRelease { chapter: chapter(number), token, after_n: None }.into()
}

fn comment(number: u32) -> BookCommand {
    CommentAdd {
        thread: ThreadId::new(&format!("thread-{number}")).expect("a number is an id"),
        comment: CommentId::new(&format!("comment-{number}")).expect("a number is an id"),
        chapter: chapter(number),
        anchor: None,
        body: "Is this not said twice, here and in the chapter before?".into(),
        mentions: Vec::new(),
    }
    .into()
}

/// Moves another chapter to the front each time.
fn reorder(number: u32) -> BookCommand {
    ChapterMove { chapter: chapter(number * 7 + 1), at: At::First, parent: None }.into()
}

/// A book, and the person who works on it.
struct Desk {
    book: Book,
    user: UserId,
    session: SessionId,
    home: Home,
    limits: Limits,
    timers: Timers,
    commands: u32,
}

impl Desk {
    fn new() -> Self {
        let replica = ReplicaId::new("north").expect("a word is an id");
        Self {
            book: Book::new(book(0)),
            user: user("ann"),
            session: SessionId::new("ann-1").expect("a word is an id"),
            home: Home { replica, incarnation: 0 },
            limits: Limits::default(),
            timers: Timers::default(),
            commands: 0,
        }
    }

    /// Decides, and applies what was decided, as the actor of a book does.
    fn does(&mut self, command: BookCommand) {
        self.commands += 1;
        let id = CommandId::new(&format!("command-{}", self.commands)).expect("a number is an id");
        let now = Timestamp(u64::from(self.commands));
        let context = Context {
            actor: Actor::Person {
                user: &self.user,
                name: "Ann",
                email: Some("ann@example.com"),
                session: &self.session,
                home: &self.home,
            },
            now,
            command: Some(&id),
            retry: false,
            is_away: &|_| false,
            limits: &self.limits,
            timers: &self.timers,
            mails: false,
            point: None,
        };
        let decision = self.book.decide(&context, &Act::Command(command)).unwrap_or_else(|no| panic!("{no:?}"));
        let by = By::Person { user: self.user.clone(), session: self.session.clone() };
        let count = decision.events.len();
        assert!(count > 0, "a command that changes nothing is not what is measured");
        let mut outcome = Some(decision.outcome);
        for (index, event) in decision.events.into_iter().enumerate() {
            let last = index + 1 == count;
            let command = outcome.take_if(|_| last).map(|outcome| (self.user.clone(), id.clone(), outcome));
            let (seq, stamp) = (self.book.seq().next(), Token(self.book.last_stamp().0 + 1));
            self.book.apply(&Committed { seq, stamp, at: now, fact: Fact { by: by.clone(), command, event } });
        }
    }

    /// The cost of a command, and of a second one that needs the stamp of the first; each round begins with the same
    /// book.
    fn measure(
        &mut self,
        what: &str,
        commands: impl Fn(u32) -> (BookCommand, Option<fn(u32, Token) -> BookCommand>),
    ) -> Figure {
        let before = self.book.clone();
        let cost = median(|| {
            self.book = before.clone();
            let start = Instant::now();
            for number in 0..COMMANDS_PER_ROUND {
                let (first, second) = commands(number);
                self.does(first);
                if let Some(second) = second {
                    self.does(second(number, self.book.last_stamp()));
                }
            }
            start.elapsed().as_secs_f64() * 1e9 / f64::from(COMMANDS_PER_ROUND)
        });
        self.book = before;
        Figure::new(format!("decide and apply {what}, 61 chapters, 1,000 threads"), format!("{cost:.0} ns"))
    }

    /// The event that a command leads to, as a subscriber hears it.
    fn last_frame(&mut self, command: BookCommand) -> EventFrame {
        let (id, title) = match &command {
            BookCommand::ChapterRename(rename) => (rename.chapter.clone(), rename.title.clone()),
            other => panic!("{} is no rename", other.kind()),
        };
        self.does(command);
        EventFrame {
            book: self.book.id().clone(),
            epoch: Epoch(1),
            seq: self.book.seq(),
            at: Timestamp(1_767_225_600_000),
            by: By::Person { user: self.user.clone(), session: self.session.clone() },
            event: quire_protocol::event::ChapterRenamed { chapter: id, title }.into(),
        }
    }
}

fn encode(frame: &EventFrame, encoding: Encoding) -> Figure {
    let limits = Limits::default();
    let bytes: usize = outbox::encode(frame, encoding, &limits).iter().map(bytes::Bytes::len).sum();
    let cost = median(|| {
        let start = Instant::now();
        for _ in 0..FRAMES_PER_ROUND {
            std::hint::black_box(outbox::encode(std::hint::black_box(frame), encoding, &limits));
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(FRAMES_PER_ROUND)
    });
    let name = encoding.subprotocol();
    Figure::new(format!("encode a `chapter.renamed` frame, `{name}`"), format!("{cost:.0} ns, {bytes} bytes"))
}

/// The median of a few rounds: others use the machine, too.
fn median(mut round: impl FnMut() -> f64) -> f64 {
    let mut costs: Vec<f64> = (0..ROUNDS).map(|_| round()).collect();
    costs.sort_by(f64::total_cmp);
    costs[ROUNDS / 2]
}
