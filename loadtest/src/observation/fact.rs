//! What of events and commands the oracle keeps: kinds, names, tokens; no texts.

use std::borrow::Cow;
use std::fmt;
use std::hash::Hasher as _;

use quire_protocol::command::Mode;
use quire_protocol::event::{By, ReleaseReason};
use quire_protocol::{BookCommand, ChapterId, CommentId, Encoding, Event, EventFrame, SessionId, ThreadId, Token};
use serde::{Deserialize, Serialize};

use super::Micros;

/// The names that an event or a command is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct About {
    /// The chapter or part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chapter: Option<ChapterId>,
    /// The comment thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadId>,
    /// The comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<CommentId>,
}

/// What is known of one event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Its kind on the wire.
    pub kind: Cow<'static, str>,
    /// The session that caused it; none: the hub.
    pub by: Option<SessionId>,
    /// What it is about.
    pub about: About,
    /// The session that holds, held or waits, where it is about a lock.
    pub session: Option<SessionId>,
    /// The token, where it grants a lock.
    pub token: Option<Token>,
    /// Why a lock ended.
    pub reason: Option<ReleaseReason>,
    /// Whether a chapter is live from now on, where it says so.
    #[serde(default)]
    pub live: Option<bool>,
    /// Equal for equal events.
    pub digest: u64,
    /// When a tab first heard it.
    pub heard_at: Micros,
}

impl Fact {
    /// What is kept of an event; `None` where it was withheld.
    pub fn of(frame: &EventFrame, at: Micros) -> Option<Self> {
        let event = &frame.event;
        if matches!(event, Event::Withheld(_)) {
            return None;
        }
        let by = match &frame.by {
            By::Person { session, .. } => Some(session.clone()),
            By::System { .. } => None,
        };
        let (session, token, reason) = lock_facts(event);
        Some(Self {
            kind: Cow::Borrowed(event.kind()),
            by,
            about: About::of_event(event),
            session,
            token,
            reason,
            live: if let Event::ChapterModeSet(event) = event { Some(event.mode == Mode::Live) } else { None },
            digest: digest(frame),
            heard_at: at,
        })
    }
}

/// Equal for equal frames, whatever encoding they came in; different ones are told apart.
fn digest(frame: &EventFrame) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(&Encoding::MessagePack.encode(frame));
    hasher.finish()
}

fn lock_facts(event: &Event) -> (Option<SessionId>, Option<Token>, Option<ReleaseReason>) {
    match event {
        Event::LockAcquired(event) => (Some(event.holder.session.clone()), event.token, None),
        Event::LockRehomed(event) => (Some(event.session.clone()), event.token, None),
        Event::LockReleased(event) => (Some(event.session.clone()), None, Some(event.reason)),
        Event::LockQueued(event) => (Some(event.session.clone()), None, None),
        Event::LockWaitEnded(event) => (Some(event.session.clone()), None, None),
        Event::LockWaitRehomed(event) => (Some(event.session.clone()), None, None),
        _ => (None, None, None),
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            self.chapter.as_ref().map(ChapterId::as_str),
            self.thread.as_ref().map(ThreadId::as_str),
            self.comment.as_ref().map(CommentId::as_str),
        ];
        f.write_str(&names.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

impl About {
    fn chapter(chapter: &ChapterId) -> Self {
        Self { chapter: Some(chapter.clone()), ..Self::default() }
    }

    fn thread(thread: &ThreadId) -> Self {
        Self { thread: Some(thread.clone()), ..Self::default() }
    }

    fn comment(thread: &ThreadId, comment: &CommentId) -> Self {
        Self { thread: Some(thread.clone()), comment: Some(comment.clone()), chapter: None }
    }

    /// What an event is about.
    pub fn of_event(event: &Event) -> Self {
        match event {
            Event::ChapterAdded(event) => Self::chapter(&event.chapter),
            Event::ChapterMoved(event) => Self::chapter(&event.chapter),
            Event::ChapterRenamed(event) => Self::chapter(&event.chapter),
            Event::ChapterRemoved(event) => Self::chapter(&event.chapter),
            Event::ChapterRestored(event) => Self::chapter(&event.chapter),
            Event::ChapterModeSet(event) => Self::chapter(&event.chapter),
            Event::ChapterAssigned(event) => Self::chapter(&event.chapter),
            Event::VersionRestored(event) => Self::chapter(&event.chapter),
            Event::LockAcquired(event) => Self::chapter(&event.chapter),
            Event::LockReleased(event) => Self::chapter(&event.chapter),
            Event::LockQueued(event) => Self::chapter(&event.chapter),
            Event::LockWaitEnded(event) => Self::chapter(&event.chapter),
            Event::LockRehomed(event) => Self::chapter(&event.chapter),
            Event::LockWaitRehomed(event) => Self::chapter(&event.chapter),
            Event::LockActive(event) => Self::chapter(&event.chapter),
            Event::CommentAdded(event) => {
                Self { chapter: Some(event.chapter.clone()), ..Self::comment(&event.thread, &event.comment) }
            }
            Event::CommentReplied(event) => Self::comment(&event.thread, &event.comment),
            Event::CommentEdited(event) => Self::comment(&event.thread, &event.comment),
            Event::CommentDeleted(event) => Self::comment(&event.thread, &event.comment),
            Event::ThreadResolved(event) => Self::thread(&event.thread),
            Event::ThreadReopened(event) => Self::thread(&event.thread),
            Event::ThreadAnchored(event) => Self::thread(&event.thread),
            _ => Self::default(),
        }
    }

    /// What a command is about.
    pub fn of_command(command: &BookCommand) -> Self {
        match command {
            BookCommand::ChapterAdd(command) => Self::chapter(&command.chapter),
            BookCommand::ChapterMove(command) => Self::chapter(&command.chapter),
            BookCommand::ChapterRename(command) => Self::chapter(&command.chapter),
            BookCommand::ChapterRemove(command) => Self::chapter(&command.chapter),
            BookCommand::ChapterRestore(command) => Self::chapter(&command.chapter),
            BookCommand::ChapterSetMode(command) => Self::chapter(&command.chapter),
            BookCommand::ChapterAssign(command) => Self::chapter(&command.chapter),
            BookCommand::LockAcquire(command) => Self::chapter(&command.chapter),
            BookCommand::LockRelease(command) => Self::chapter(&command.chapter),
            BookCommand::LockMoveHere(command) => Self::chapter(&command.chapter),
            BookCommand::LockHandOver(command) => Self::chapter(&command.chapter),
            BookCommand::LockKeep(command) => Self::chapter(&command.chapter),
            BookCommand::LockCancelWait(command) => Self::chapter(&command.chapter),
            BookCommand::LockForceRelease(command) => Self::chapter(&command.chapter),
            BookCommand::CommentAdd(command) => {
                Self { chapter: Some(command.chapter.clone()), ..Self::comment(&command.thread, &command.comment) }
            }
            BookCommand::CommentReply(command) => Self::comment(&command.thread, &command.comment),
            BookCommand::CommentEdit(command) => Self::comment(&command.thread, &command.comment),
            BookCommand::CommentDelete(command) => Self::comment(&command.thread, &command.comment),
            BookCommand::ThreadResolve(command) => Self::thread(&command.thread),
            BookCommand::ThreadReopen(command) => Self::thread(&command.thread),
            _ => Self::default(),
        }
    }
}
