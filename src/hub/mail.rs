//! What an actor is asked to do.

use std::sync::Arc;

use bytes::Bytes;
use quire_protocol::command::{After, Anchor, ChapterOpen, MemberLookup, ThreadsList};
use quire_protocol::frame::PresenceSet;
use quire_protocol::inbox::Told;
use quire_protocol::view::Snapshot;
use quire_protocol::{
    Action, BookCommand, ChapterId, CommandId, DraftCommand, InvitationId, Rejection, ReplicaId, Seq, SessionId,
    ThreadId, Token, UserId, VersionCommand,
};
use tokio::sync::oneshot;

use super::unavailable;
use crate::book::{Act, Book, Described, Import, Invited, Standing, keeps_point};
use crate::hub::replicas::signal::{Mark, Signal};
use crate::hub::seat::Seat;
use crate::store::Position;
use crate::store::shared::Wake;
use quire_protocol::event::Home;

/// One entry of an actor's mailbox. Boxed: a mailbox keeps room for 32 and more, whether anybody writes or not.
pub(crate) type Letter = Box<Mail>;

/// A question about a book.
pub enum Query {
    /// `threads.list`.
    Threads(ThreadsList),
    /// `royalties.get`.
    Royalties,
    /// `publish.checklist`.
    Checklist,
    /// `member.lookup`.
    Lookup(MemberLookup),
}

/// What a host application asks of a book.
pub enum HostQuestion {
    /// What it is.
    Book(oneshot::Sender<Result<Box<Described>, Rejection>>),
    /// For each whether this user may do this.
    Can(Vec<(UserId, Action)>, oneshot::Sender<Result<Vec<bool>, Rejection>>),
}

impl HostQuestion {
    /// Answers it; without a book: nobody can ask now. The one who asked may have gone away meanwhile.
    pub(crate) fn answer(self, book: Option<&Book>) {
        let book = book.ok_or_else(unavailable);
        match self {
            Self::Book(answer) => drop(answer.send(book.and_then(Book::described).map(Box::new))),
            Self::Can(questions, answer) => drop(answer.send(book.and_then(|book| book.answers(&questions)))),
        }
    }
}

/// What an entry says.
pub enum Mail {
    /// Something to decide.
    Wish(Box<Wish>),
    /// `book.open`.
    Open {
        /// Who.
        seat: Arc<Seat>,
        /// The command's `ref`.
        reference: u64,
        /// What the client has.
        after: Option<After>,
    },
    /// `book.close`.
    Close {
        /// Who.
        seat: Arc<Seat>,
        /// The command's `ref`.
        reference: u64,
    },
    /// A question that the book answers as it is.
    Query {
        /// Who.
        seat: Arc<Seat>,
        /// The command's `ref`.
        reference: u64,
        /// Which.
        query: Query,
    },
    /// `chapter.open`.
    OpenText {
        /// Who.
        seat: Arc<Seat>,
        /// The command's `ref`.
        reference: u64,
        /// What.
        open: ChapterOpen,
    },
    /// `chapter.close`.
    CloseText {
        /// Who.
        seat: Arc<Seat>,
        /// The command's `ref`.
        reference: u64,
        /// Which.
        chapter: ChapterId,
    },
    /// `chapter.update`.
    Update(Box<Update>),
    /// A command about the drafts of whoever sends it.
    Draft {
        /// Who.
        seat: Arc<Seat>,
        /// The command's `ref`.
        reference: u64,
        /// What.
        command: Box<DraftCommand>,
    },
    /// A command about the history of a chapter's text.
    Version {
        /// Who.
        seat: Arc<Seat>,
        /// The command's `ref`.
        reference: u64,
        /// What.
        command: Box<VersionCommand>,
    },
    /// The update that brings an old version back is ready.
    Restored(Box<Restoration>),
    /// The words that open threads of a chapter are about, for a task of the hub.
    Anchors {
        /// Which chapter.
        chapter: ChapterId,
        /// The answer.
        answer: oneshot::Sender<Vec<(ThreadId, Anchor)>>,
    },
    /// The connection is over.
    Left {
        /// Which session.
        session: SessionId,
        /// Which of its connections.
        home: Home,
        /// The tab closed it: there is no grace.
        clean: bool,
    },
    /// Where the person is.
    Presence {
        /// Which session.
        session: SessionId,
        /// Changed fields.
        set: PresenceSet,
    },
    /// The person did something.
    Activity {
        /// Which session.
        session: SessionId,
    },
    /// What the library allows has changed.
    Library {
        /// Told once everybody in the book is judged by it.
        done: oneshot::Sender<()>,
    },
    /// Something about other replicas, or from them.
    News(Box<News>),
    /// The outline of the book, for somebody who has this right.
    Contents {
        /// Who.
        user: UserId,
        /// What they want to do.
        action: Action,
        /// The answer, with the position of the book.
        answer: oneshot::Sender<Result<Box<Contents>, Rejection>>,
    },
    /// What a host application asks.
    Hosted(HostQuestion),
    /// What an invitation says, for a task of the hub.
    Invitation {
        /// Which.
        id: InvitationId,
        /// The answer; `None`: it is over.
        answer: oneshot::Sender<Result<Option<Invited>, Rejection>>,
    },
    /// May this user read the book as it was?
    MayReadPoint {
        /// Who.
        user: UserId,
        /// A point of its history.
        point: Seq,
        /// The answer.
        answer: oneshot::Sender<Result<(), Rejection>>,
    },
    /// Which of these may be told them still?
    MayKnow {
        /// Who.
        who: Knower,
        /// What they were told.
        told: Vec<Told>,
        /// Those.
        answer: oneshot::Sender<Vec<Told>>,
    },
    /// What became of telling people what concerns them.
    Told {
        /// Which task says so.
        number: u64,
        /// Everybody was told.
        done: bool,
    },
    /// Whether everybody was told what concerns them.
    Settle {
        /// The answer.
        answer: oneshot::Sender<bool>,
    },
    /// May this user do this, and what else?
    May {
        /// Who.
        user: UserId,
        /// What.
        action: Action,
        /// The answer.
        answer: oneshot::Sender<Result<Standing, Rejection>>,
    },
}

impl Mail {
    /// Everybody who has the book open may have to hear of it.
    pub(crate) fn may_be_told(&self) -> bool {
        match self {
            Self::Wish(_) => true,
            Self::News(news) => matches!(**news, News::Appended(_)),
            _ => false,
        }
    }

    /// Takes in what came right after it, if that goes on where it ends.
    pub(crate) fn takes_in(&mut self, next: &mut Self) -> bool {
        let (Self::News(news), Self::News(next)) = (self, next) else { return false };
        match (&mut **news, &mut **next) {
            (News::Appended(wake), News::Appended(next)) => wake.takes_in(next),
            _ => false,
        }
    }
}

/// A book as somebody may know it, and where that is in its log.
pub type Contents = (Snapshot, Option<Position>);

/// What other replicas did, or who they are.
pub enum News {
    /// One appended to the book's log.
    Appended(Box<Wake>),
    /// The log may be somewhere else than the actor believes.
    Behind,
    /// One said something about the book.
    Said(Signal),
    /// One's last presence signal about the book.
    Digest {
        /// Whose.
        from: ReplicaId,
        /// Which.
        mark: Mark,
    },
    /// A chapter's text was made one state.
    Packed(Box<PackedText>),
    /// Some came or went.
    Replicas,
}

/// All updates of a text up to a position as one.
pub struct PackedText {
    /// Which.
    pub chapter: ChapterId,
    /// Where.
    pub position: Position,
    /// A full Yjs state (v1), compressed with gzip.
    pub state: Bytes,
}

/// Something to write into a chapter.
pub struct Update {
    /// Who.
    pub seat: Arc<Seat>,
    /// The command's `ref`.
    pub reference: u64,
    /// Where.
    pub chapter: ChapterId,
    /// The token under which it is held.
    pub token: Token,
    /// Its number among the updates of the hold.
    pub n: u64,
    /// The client id of the editor's own choice, if it is not that of the hold.
    pub client: Option<u32>,
    /// What (Yjs, v1).
    pub update: Bytes,
}

/// An update that brings an old version back, made for a text as it was a moment ago.
pub struct Restoration {
    /// Who wished it.
    pub seat: Arc<Seat>,
    /// Which chapter.
    pub chapter: ChapterId,
    /// The token under which it is held.
    pub token: Token,
    /// Which version.
    pub version: Seq,
    /// Where the text's log ended when the update was made.
    pub after: Position,
    /// The Yjs client that wrote it.
    pub client: u64,
    /// The update (Yjs, v1).
    pub update: Bytes,
    /// The position after it; `None`: somebody wrote meanwhile, so it must be made anew.
    pub answer: oneshot::Sender<Result<Option<Seq>, Rejection>>,
}

/// Something to decide, and whom to tell.
pub struct Wish {
    /// Who wishes; `None`: the hub itself.
    pub seat: Option<Arc<Seat>>,
    /// What.
    pub act: Act,
    /// The client's id for it.
    pub id: Option<CommandId>,
    /// The client says that it sent this before.
    pub retry: bool,
    /// The point of the book's history that was kept for it: see [`crate::book::keeps_point`].
    pub point: Option<Seq>,
    /// Where the answer goes.
    pub answer: AnswerTo,
}

/// Where the answer to a wish goes.
pub enum AnswerTo {
    /// To the connection, as a reply to this `ref`.
    Reference(u64),
    /// To a task of the hub.
    Task(oneshot::Sender<Result<(), Rejection>>),
    /// To nobody: the events say it all.
    Nobody,
}

impl Wish {
    /// A client's command.
    pub fn command(seat: Arc<Seat>, reference: u64, id: Option<CommandId>, retry: bool, command: BookCommand) -> Self {
        Self { id, retry, ..Self::on_behalf(seat, Act::Command(command), AnswerTo::Reference(reference)) }
    }

    /// A point of the book's history is to be kept before it is decided.
    pub(crate) fn needs_point(&self) -> bool {
        self.point.is_none() && matches!(&self.act, Act::Command(command) if keeps_point(command))
    }

    /// Something that the hub noticed.
    pub fn noticed(act: Act) -> Self {
        Self { seat: None, act, id: None, retry: false, point: None, answer: AnswerTo::Nobody }
    }

    /// Something that a task of the hub found.
    pub fn found(act: Act, answer: oneshot::Sender<Result<(), Rejection>>) -> Self {
        Self { answer: AnswerTo::Task(answer), ..Self::noticed(act) }
    }

    /// A person's act that the hub does for them.
    pub fn on_behalf(seat: Arc<Seat>, act: Act, answer: AnswerTo) -> Self {
        Self { seat: Some(seat), answer, ..Self::noticed(act) }
    }

    /// The creation of a whole book.
    pub fn import(import: Import, answer: oneshot::Sender<Result<(), Rejection>>) -> Self {
        Self::found(Act::Import(import), answer)
    }
}

/// Who may know something.
#[derive(Clone, Debug)]
pub enum Knower {
    /// This person.
    Person(UserId),
    /// A webhook of the library, which this person set.
    Webhook {
        /// Who.
        by: UserId,
    },
}
