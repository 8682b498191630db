//! The vocabulary of quire: what tabs and hubs say to each other.
//!
//! `README.md` beside this crate is the specification; this crate is what it describes, and nothing else: no
//! sockets, no clock, no rules. Commands are wishes ([`command`]), events are facts ([`event`]), a refusal is data
//! ([`Rejection`]), and one WebSocket message is one frame ([`frame`]), written as `MessagePack` or JSON ([`codec`]).
//!
//! ```
//! use quire_protocol::{ClientFrame, Encoding};
//!
//! let bytes = br#"{"t":"lock.acquire","ref":7,"book":"b1","chapter":"c3"}"#;
//! let frame = ClientFrame::decode(bytes, Encoding::Json)?;
//! assert!(matches!(frame, ClientFrame::Command(command) if command.command.kind() == "lock.acquire"));
//! # Ok::<(), quire_protocol::FrameError>(())
//! ```

pub mod answer;
pub mod codec;
pub mod command;
pub mod event;
pub mod format;
pub mod frame;
pub mod id;
pub mod inbox;
pub mod library;
pub mod limits;
pub mod person;
pub mod publishing;
pub mod rejection;
pub mod role;
pub mod royalty;
mod tagged;
pub mod text;
pub mod view;
pub mod webhook;

pub use codec::{DecodeError, Encoding};
pub use command::{
    BookCommand, Command, CommandFrame, DraftCommand, HubCommand, LibraryCommand, TextCommand, VersionCommand,
    ViewCommand,
};
pub use event::{By, Event, EventFrame};
pub use format::Format;
pub use frame::{ClientFrame, FrameError, ServerFrame};
pub use id::{
    AssetId, BookId, ChapterId, CommandId, CommentId, DraftId, Epoch, InvitationId, LibraryId, ReplicaId, Seq,
    SessionId, ThreadId, Timestamp, Token, UserId, WebhookId,
};
pub use limits::{Limits, Timers};
pub use rejection::{CloseCode, Refusal, Rejection, What};
pub use role::{Action, Role};
