//! Frames: what is sent as one WebSocket message (or in parts).

mod notice;
#[cfg(test)]
mod tests;

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

use crate::codec::{Blob, DecodeError, Encoding, FieldError, decode_struct, integer};
use crate::command::{
    BookCommand, Command, CommandFrame, DraftCommand, HubCommand, LibraryCommand, TextCommand, VersionCommand,
    ViewCommand,
};
use crate::event::EventFrame;
use crate::id::{BookId, ChapterId, CommandId, ReplicaId, Seq, SessionId, Timestamp, UserId};
use crate::limits::{Limits, Timers};
use crate::rejection::Refusal;
use crate::view::{RosterEntry, RosterMove};

pub use crate::answer::{Answer, AnswerShape, Opened, OpenedText};
pub use notice::{ClosedReason, Notice, NoticeFrame};

#[cfg(feature = "typescript")]
use ts_rs::TS;

/// What every frame begins with; read first, and alone.
#[derive(Debug, Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    t: std::borrow::Cow<'a, str>,
    #[serde(default, rename = "ref", deserialize_with = "crate::codec::lax_integer")]
    reference: Option<u64>,
}

/// What surrounds a command; read once its kind is known.
#[derive(Debug, Deserialize)]
struct Envelope {
    #[serde(default)]
    id: Option<CommandId>,
    #[serde(default)]
    retry: bool,
    #[serde(default)]
    book: Option<BookId>,
}

/// A frame from a client.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientFrame {
    /// The first frame of a connection.
    Hello(Hello),
    /// A command; answered by a reply.
    Command(CommandFrame),
    /// The person did something.
    Activity,
    /// Where the person is.
    Presence(PresenceSet),
    /// A piece of a larger frame.
    Part(Part),
}

/// Why an inbound frame is no [`ClientFrame`].
#[derive(Debug, PartialEq)]
pub enum FrameError {
    /// Not a frame at all: close 4000.
    Malformed(DecodeError),
    /// A command that can be answered: reply to `reference` with `invalid`.
    Field {
        /// The command's `ref`.
        reference: u64,
        /// What is wrong.
        error: FieldError,
    },
    /// An unknown kind that can be answered: reply to `reference` with `unsupported`.
    Unknown {
        /// The command's `ref`.
        reference: u64,
        /// The kind that was sent, cut to 64 characters.
        kind: String,
    },
}

impl Serialize for ClientFrame {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Hello(frame) => frame.serialize(serializer),
            Self::Command(frame) => frame.serialize(serializer),
            Self::Activity => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("t", "activity")?;
                map.end()
            }
            Self::Presence(frame) => frame.serialize(serializer),
            Self::Part(frame) => frame.serialize(serializer),
        }
    }
}

impl ClientFrame {
    /// Decodes one inbound frame. Never panics; allocates in proportion to `bytes`.
    pub fn decode(bytes: &[u8], encoding: Encoding) -> Result<Self, FrameError> {
        crate::codec::check(bytes, encoding).map_err(FrameError::Malformed)?;
        let malformed = |error: FieldError| FrameError::Malformed(DecodeError::NotAFrame(error.to_string()));
        let head: Head<'_> = decode_struct(bytes, encoding).map_err(malformed)?;
        match head.t.as_ref() {
            "hello" => decode_struct(bytes, encoding).map(Self::Hello).map_err(malformed),
            "activity" => Ok(Self::Activity),
            "presence" => decode_struct(bytes, encoding).map(Self::Presence).map_err(malformed),
            "part" => decode_struct(bytes, encoding).map(Self::Part).map_err(malformed),
            kind => {
                let Some(reference) = head.reference else {
                    return Err(FrameError::Malformed(DecodeError::NoRef(cut(kind))));
                };
                Self::decode_command(kind, reference, bytes, encoding)
            }
        }
    }

    fn decode_command(kind: &str, reference: u64, bytes: &[u8], encoding: Encoding) -> Result<Self, FrameError> {
        let command = HubCommand::decode(kind, bytes, encoding)
            .map(|decoded| decoded.map(Command::Hub))
            .or_else(|| LibraryCommand::decode(kind, bytes, encoding).map(|decoded| decoded.map(Command::Library)))
            .or_else(|| ViewCommand::decode(kind, bytes, encoding).map(|decoded| decoded.map(Command::View)))
            .or_else(|| TextCommand::decode(kind, bytes, encoding).map(|decoded| decoded.map(Command::Text)))
            .or_else(|| DraftCommand::decode(kind, bytes, encoding).map(|decoded| decoded.map(Command::Draft)))
            .or_else(|| VersionCommand::decode(kind, bytes, encoding).map(|decoded| decoded.map(Command::Version)))
            .or_else(|| BookCommand::decode(kind, bytes, encoding).map(|decoded| decoded.map(Command::Book)));
        let answer = |error| FrameError::Field { reference, error };
        let command = command.ok_or_else(|| FrameError::Unknown { reference, kind: cut(kind) })?.map_err(answer)?;
        let envelope: Envelope = decode_struct(bytes, encoding).map_err(answer)?;
        if envelope.book.is_none() && !matches!(command, Command::Hub(_) | Command::Library(_)) {
            return Err(answer(FieldError { field: "book".into(), reason: "missing field `book`".into() }));
        }
        let Envelope { id, retry, book } = envelope;
        Ok(Self::Command(CommandFrame { reference, id, retry, book, command }))
    }
}

fn cut(kind: &str) -> String {
    kind.chars().filter(|char| !char.is_control()).take(64).collect()
}

macro_rules! frames {
    ($($(#[$meta:meta])* $name:ident = $tag:literal { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[cfg_attr(feature = "typescript", derive(TS))]
            #[serde(tag = "t", rename = $tag)]
            pub struct $name {
                $($(#[$field_meta])* pub $field: $type,)*
            }
        )*
    };
}

frames! {
    /// The first frame of a connection.
    Hello = "hello" {
        /// The JWT; absent if it came in the `Authorization` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        token: Option<String>,
        /// `name/version` of the client.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        client: Option<String>,
        /// The session to continue.
        #[serde(default, deserialize_with = "crate::codec::optional_map", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        resume: Option<Resume>,
    }
    /// Where the person is in a book; an absent field is unchanged.
    PresenceSet = "presence" {
        /// The book.
        book: BookId,
        /// The chapter in view; null: none.
        #[serde(default, deserialize_with = "crate::codec::present", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        chapter: Option<Option<ChapterId>>,
        /// Opaque to the hub, at most `limits.cursor_bytes`; null: none.
        #[serde(default, deserialize_with = "crate::codec::present", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        cursor: Option<Option<String>>,
    }
    /// A piece of a frame that is larger than one message may be.
    Part = "part" {
        /// This is the last piece.
        last: bool,
        /// The piece: bytes, in JSON base64.
        #[cfg_attr(feature = "typescript", ts(type = "Uint8Array | string"))]
        data: Blob,
    }
    /// The hub's answer to `hello`.
    Welcome = "welcome" {
        /// This tab's session: keep it in memory, name it to resume.
        session: SessionId,
        /// This connection's incarnation; a resume names a higher one.
        incarnation: u32,
        /// Who the token says this is.
        user: UserView,
        /// The hub process that serves this connection.
        replica: ReplicaId,
        /// The session was continued; otherwise it is a new one.
        resumed: bool,
        /// When the token expires.
        expires_at: Timestamp,
        /// Every limit.
        limits: Limits,
        /// Every timer.
        timers: Timers,
    }
    /// The answer to a command: `ok` or `err`.
    Reply = "reply" {
        /// The command's `ref`.
        #[serde(rename = "ref")]
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        reference: u64,
        /// The last event of this command, else the state it was judged on; absent outside books.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        seq: Option<Seq>,
        /// What was done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        ok: Option<Answer>,
        /// Why it was not done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        err: Option<Refusal>,
    }
    /// Who came, moved and left, collected over a tick.
    Presence = "presence" {
        /// The book.
        book: BookId,
        /// New entries.
        joined: Vec<RosterEntry>,
        /// Changed entries.
        moved: Vec<RosterMove>,
        /// Sessions that are gone.
        left: Vec<SessionId>,
        /// Sessions that are here now, told or not.
        count: u32,
    }
    /// A chapter's text has changed.
    Text = "text" {
        /// The book.
        book: BookId,
        /// The chapter.
        chapter: ChapterId,
        /// The position in the chapter's log after it: one more than before.
        rev: Seq,
        /// Whose session wrote it.
        by: SessionId,
        /// A Yjs update (v1), to be merged into what came before.
        #[cfg_attr(feature = "typescript", ts(type = "Uint8Array | string"))]
        update: Blob,
    }
    /// Reconnect after the delay; the hub process is going away.
    Draining = "draining" {
        /// This session's own delay.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        reconnect_after_ms: u64,
    }
}

/// The session to continue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct Resume {
    /// The session, as `welcome` named it.
    pub session: SessionId,
    /// Higher than any incarnation this session had.
    pub incarnation: u32,
    /// How long the person has done nothing.
    #[serde(default, deserialize_with = "integer")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<u32>"))]
    pub idle_ms: u64,
}

/// The signed-in user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct UserView {
    /// The token's `sub`.
    pub id: UserId,
    /// The token's `name`.
    pub name: String,
    /// The token's `email`.
    pub email: String,
}

/// A frame from the hub, as a client decodes it.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerFrame {
    /// The answer to `hello`.
    Welcome(Box<Welcome>),
    /// The answer to a command.
    Reply(Box<Reply>),
    /// Something happened to a book.
    Event(Box<EventFrame>),
    /// Who came, moved and left.
    Presence(Presence),
    /// A chapter's text has changed.
    Text(Text),
    /// Something for this session alone.
    Notice(Notice),
    /// The hub process is going away.
    Draining(Draining),
    /// A piece of a larger frame.
    Part(Part),
}

impl Serialize for ServerFrame {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Welcome(frame) => frame.serialize(serializer),
            Self::Reply(frame) => frame.serialize(serializer),
            Self::Event(frame) => frame.serialize(serializer),
            Self::Presence(frame) => frame.serialize(serializer),
            Self::Text(frame) => frame.serialize(serializer),
            Self::Notice(notice) => NoticeFrame { notice: notice.clone() }.serialize(serializer),
            Self::Draining(frame) => frame.serialize(serializer),
            Self::Part(frame) => frame.serialize(serializer),
        }
    }
}

impl ServerFrame {
    /// Decodes one frame from the hub.
    ///
    /// Strict about what it knows: an event or notice of a newer kind is [`DecodeError::NotAFrame`]. The clients that
    /// use this crate are built along with their hub; others skip such an event and count its `seq`.
    pub fn decode(bytes: &[u8], encoding: Encoding) -> Result<Self, DecodeError> {
        crate::codec::check(bytes, encoding)?;
        let malformed = |error: FieldError| DecodeError::NotAFrame(error.to_string());
        let head: Head<'_> = decode_struct(bytes, encoding).map_err(malformed)?;
        match head.t.as_ref() {
            "welcome" => decode_struct(bytes, encoding).map(Self::Welcome),
            "reply" => decode_struct(bytes, encoding).map(Self::Reply),
            "event" => decode_struct(bytes, encoding).map(Self::Event),
            "presence" => decode_struct(bytes, encoding).map(Self::Presence),
            "text" => decode_struct(bytes, encoding).map(Self::Text),
            "notice" => decode_struct(bytes, encoding).map(|frame: NoticeFrame| Self::Notice(frame.notice)),
            "draining" => decode_struct(bytes, encoding).map(Self::Draining),
            "part" => decode_struct(bytes, encoding).map(Self::Part),
            kind => return Err(DecodeError::UnknownKind(cut(kind))),
        }
        .map_err(malformed)
    }
}
