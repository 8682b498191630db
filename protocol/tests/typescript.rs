//! The TypeScript declarations of every frame are the crate's own. This test fails when the committed file is stale.
//!
//! Renew it with `QUIRE_RENEW=1 cargo test -p quire-protocol --features typescript --test typescript`.

use std::collections::BTreeSet;
use std::path::Path;

use quire_protocol::answer::{Answer, AnswerShape, Opened, OpenedText};
use quire_protocol::codec::DEPTH_MAX;
use quire_protocol::command::{Command, CommandFrame};
use quire_protocol::event::{Event, EventFrame};
use quire_protocol::frame::{Draining, Hello, Notice, Part, Presence, PresenceSet, Reply, Text, Welcome};
use quire_protocol::inbox::Topic;
use quire_protocol::library::Permission;
use quire_protocol::person::COLOURS;
use quire_protocol::{
    Action, BookCommand, CloseCode, DraftCommand, Encoding, HubCommand, LibraryCommand, Limits, Refusal, Rejection,
    Role, TextCommand, Timers, VersionCommand, ViewCommand,
};
use ts_rs::{Config, TS, TypeVisitor};

const RENEW: &str = "QUIRE_RENEW=1 cargo test -p quire-protocol --features typescript --test typescript";

#[test]
fn the_committed_declarations_are_the_crates_own() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("typescript/src/generated/protocol.ts");
    let declarations = declarations();
    if option_env_of("QUIRE_RENEW") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &declarations).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == declarations, "{} is stale; renew it with\n  {RENEW}", path.display());
}

#[test]
fn every_command_has_an_answer_type() {
    for kind in Command::kinds() {
        assert!(AnswerShape::of(kind).is_some(), "{kind}");
    }
    assert_eq!(AnswerShape::of("lock.steal"), None);
}

#[expect(clippy::disallowed_methods, reason = "a test's own switch, not a setting of the hub")]
fn option_env_of(name: &str) -> bool {
    std::env::var(name).is_ok_and(|value| value == "1")
}

/// The whole file.
fn declarations() -> String {
    let mut file = File::new();
    file.section("Frames that a client sends");
    file.frame::<Hello>("Hello");
    file.literal(
        "Activity",
        "/** The person did something. Sent at most once in 30 s; not a heartbeat. */",
        "{ t: \"activity\" }",
    );
    file.frame::<PresenceSet>("PresenceSet");
    file.frame::<Part>("Part");
    file.declare::<CommandFrame>();
    file.literal(
        "ClientFrame",
        "/** Every frame that a client sends. */",
        "Hello | Activity | PresenceSet | Part | CommandFrame",
    );
    file.section("Commands");
    file.declare::<Command>();
    file.section("Frames that the hub sends");
    file.frame::<Welcome>("Welcome");
    file.frame::<Reply>("Reply");
    file.declare::<Rejection>();
    file.frame::<EventFrame>("EventFrame");
    file.frame::<Presence>("Presence");
    file.frame::<Text>("Text");
    file.literal("NoticeFrame", "/** Something for this session alone. */", "{ t: \"notice\" } & Notice");
    file.declare::<Notice>();
    file.frame::<Draining>("Draining");
    file.literal(
        "ServerFrame",
        "/** Every frame that the hub sends. A client ignores frames whose `t` it does not know. */",
        "Welcome | Reply | EventFrame | Presence | Text | NoticeFrame | Draining | Part",
    );
    file.section("Answers");
    file.answers();
    file.section("Names and numbers");
    file.constants();
    file.text
}

/// The file while it is written: every type once, each after the first that needs it.
struct File {
    config: Config,
    text: String,
    written: BTreeSet<String>,
    visited: BTreeSet<&'static str>,
}

impl File {
    fn new() -> Self {
        let text = format!(
            "// Generated from the crate quire-protocol; do not edit. Renew with:\n// {RENEW}\n/* eslint-disable */\n"
        );
        Self {
            config: Config::new().with_large_int("number"),
            text,
            written: BTreeSet::new(),
            visited: BTreeSet::new(),
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn section(&mut self, title: &str) {
        self.line(&format!("\n// === {title} ==="));
    }

    fn literal(&mut self, name: &str, docs: &str, body: &str) {
        if self.written.insert(name.to_owned()) {
            let declaration = format!("\n{}\nexport type {name} = {};\n", docs.trim(), body.trim_end_matches(';'));
            self.text.push_str(&readable(&declaration));
        }
    }

    /// A type under its own name, and what it needs.
    fn declare<T: TS + 'static + ?Sized>(&mut self) {
        let name = T::ident(&self.config);
        // Only derived types have a place of their own; numbers, strings and lists have none.
        let is_ours = T::output_path().is_some();
        if is_ours && !self.written.contains(&name) {
            let declaration = T::decl(&self.config);
            let body = declaration.split_once(" = ").expect("a declaration has a body").1.to_owned();
            self.literal(&name, &T::docs().unwrap_or_default(), &body);
        }
        if self.visited.insert(std::any::type_name::<T>()) {
            let body = if is_ours { T::inline(&self.config) } else { String::new() };
            self.declare_needs::<T>(&body);
        }
    }

    /// What a type needs, in the order in which its body names it (the derive has them in no order).
    fn declare_needs<T: TS + 'static + ?Sized>(&mut self, body: &str) {
        let mut needs = Needs { config: &self.config, found: Vec::new() };
        T::visit_dependencies(&mut needs);
        let mut found = needs.found;
        found.sort_by_key(|need| (body.find(&need.name), need.name.clone(), !need.is_declared));
        for Need { declare, .. } in found {
            declare(self);
        }
    }

    /// A frame: serde knows it by its `t`, so its name in TypeScript is given.
    fn frame<T: TS + 'static>(&mut self, name: &str) {
        let body = T::inline(&self.config);
        self.literal(name, &T::docs().unwrap_or_default(), &body);
        self.declare_needs::<T>(&body);
    }

    fn answers(&mut self) {
        self.declare::<Opened>();
        self.declare::<OpenedText>();
        self.declare::<Answer>();
        self.text.push_str(
            "\n/** What the reply to a command says in `ok`, by the command's kind. */\nexport interface AnswerOf {\n",
        );
        for kind in Command::kinds() {
            let shape = AnswerShape::of(kind).expect("every command has an answer");
            self.line(&format!("  {kind:?}: {};", answer_type(shape)));
        }
        self.text.push_str("}\n");
        self.text.push_str(
            "\n/** The command of one kind, without what surrounds it. */\n\
             export type CommandOf<K extends CommandKind> = Extract<Command, { t: K }>;\n\
             \n/** The event of one kind. */\n\
             export type EventOf<K extends EventKind> = Extract<Event, { t: K }>;\n",
        );
    }

    fn constants(&mut self) {
        let commands: Vec<_> = Command::kinds().collect();
        self.list("COMMAND_KINDS", "CommandKind", "Every kind of command.", &commands);
        self.list("HUB_COMMAND_KINDS", "HubCommandKind", "Commands outside a book.", HubCommand::KINDS);
        self.list("LIBRARY_COMMAND_KINDS", "LibraryCommandKind", "Commands about the library.", LibraryCommand::KINDS);
        let topics: Vec<&str> = Topic::ALL.map(Topic::as_str).to_vec();
        self.list("TOPICS", "TopicName", "Everything that somebody may be told of.", &topics);
        let permissions: Vec<String> = Permission::ALL.iter().map(json).collect();
        let permissions: Vec<&str> = permissions.iter().map(|permission| permission.trim_matches('"')).collect();
        self.list("PERMISSIONS", "PermissionName", "Every permission in a library.", &permissions);
        self.list("VIEW_COMMAND_KINDS", "ViewCommandKind", "Commands that change no book.", ViewCommand::KINDS);
        self.list("TEXT_COMMAND_KINDS", "TextCommandKind", "Commands about a chapter's text.", TextCommand::KINDS);
        self.list("DRAFT_COMMAND_KINDS", "DraftCommandKind", "Commands about recovery drafts.", DraftCommand::KINDS);
        self.list(
            "VERSION_COMMAND_KINDS",
            "VersionCommandKind",
            "Commands about the history of a text.",
            VersionCommand::KINDS,
        );
        self.list("BOOK_COMMAND_KINDS", "BookCommandKind", "Commands that a book decides.", BookCommand::KINDS);
        self.list(
            "EVENT_KINDS",
            "EventKind",
            "Every kind of event. Others are counted by `seq` and ignored.",
            Event::KINDS,
        );
        self.list("NOTICE_KINDS", "NoticeKind", "Every kind of notice.", Notice::KINDS);
        self.list("REFUSAL_CODES", "RefusalCode", "Every code of a refusal.", Rejection::CODES);
        self.list("ROLES", "RoleName", "Every role, lowest first.", &Role::ALL.map(Role::as_str));
        let actions: Vec<String> = Action::ALL.iter().map(json).collect();
        let actions: Vec<&str> = actions.iter().map(|action| action.trim_matches('"')).collect();
        self.list("ACTIONS", "ActionName", "Everything that a right may allow.", &actions);
        self.list("SUBPROTOCOLS", "Subprotocol", "The preferred one first.", &Encoding::ALL.map(Encoding::subprotocol));
        self.list("COLOURS", "Colour", "Colours for people; see the specification for whose is which.", &COLOURS);
        let codes: Vec<_> = CloseCode::ALL.iter().map(|code| (code.name(), u64::from(code.number()))).collect();
        self.numbers("CLOSE_CODES", "Why the hub ends a connection.", &codes);
        self.numbers("DEFAULT_LIMITS", "Limits before `welcome` says which they are.", &Limits::default().table());
        self.numbers("DEFAULT_TIMERS", "Timers before `welcome` says which they are.", &Timers::default().table());
        self.line(&format!("\n/** Deepest nesting of a frame. */\nexport const DEPTH_MAX = {DEPTH_MAX};"));
    }

    fn list(&mut self, name: &str, of: &str, docs: &str, entries: &[&str]) {
        self.line(&format!("\n/** {docs} */\nexport const {name} = ["));
        for entry in entries {
            self.line(&format!("  {entry:?},"));
        }
        self.line(&format!("] as const;\nexport type {of} = (typeof {name})[number];"));
    }

    fn numbers(&mut self, name: &str, docs: &str, entries: &[(&str, u64)]) {
        self.line(&format!("\n/** {docs} */\nexport const {name} = {{"));
        for (entry, number) in entries {
            self.line(&format!("  {entry}: {number},"));
        }
        self.text.push_str("} as const;\n");
    }
}

struct Needs<'a> {
    config: &'a Config,
    found: Vec<Need>,
}

struct Need {
    name: String,
    /// It has a declaration of its own; a box or list around it may have the same name.
    is_declared: bool,
    declare: fn(&mut File),
}

impl TypeVisitor for Needs<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        let (name, is_declared) = (T::name(self.config), T::output_path().is_some());
        self.found.push(Need { name, is_declared, declare: File::declare::<T> });
    }
}

/// The derive's text with one field a line and short comments.
fn readable(declaration: &str) -> String {
    // An empty struct is an object about which nothing is known, so that it can be part of an intersection.
    let text = declaration.replace("Record<symbol, never>", "object");
    let text = text.replace("/**\n * ", "/** ").replace("\n */", " */").replace("\n * ", " ").replace(", }", ",\n}");
    let mut readable = String::new();
    let mut depth = 0_usize;
    for line in text.lines().map(str::trim) {
        let is_comment = line.starts_with("/**");
        let closes = usize::from(line.starts_with('}'));
        let line = if is_comment || depth > 0 { line.to_owned() } else { line.replace(" | {", "\n  | {") };
        readable.push_str(&"  ".repeat(depth.saturating_sub(closes)));
        readable.push_str(&line);
        readable.push('\n');
        if !is_comment {
            depth = depth + line.matches('{').count() - line.matches('}').count();
        }
    }
    readable
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("plain data")
}

fn answer_type(shape: AnswerShape) -> &'static str {
    match shape {
        AnswerShape::Done => "Record<string, never>",
        AnswerShape::Opened => "Opened",
        AnswerShape::Books => "{ books: Array<BookRow>; cursor: string | null }",
        AnswerShape::Invitations => "{ invitations: Array<InvitationRow>; cursor: string | null }",
        AnswerShape::Threads => "{ threads: Array<Thread>; cursor: string | null }",
        AnswerShape::Royalties => "{ splits: Array<Split> }",
        AnswerShape::Checklist => "Checklist",
        AnswerShape::Inbox => {
            "{ inbox: Array<InboxEntry>; unread: number; before: Seq | null; choices: Array<TopicChoice>; \
             switches: Array<TopicSwitch>; mail_to: string | null }"
        }
        AnswerShape::Library => "LibraryView",
        AnswerShape::LibraryBooks => "{ shelf: Array<LibraryBookRow>; total: number; cursor: BookId | null }",
        AnswerShape::Known => "{ known: boolean }",
        AnswerShape::Shared => "{ shared: Array<Shared> }",
        AnswerShape::Users => "{ users: Array<UserRow>; total: number; cursor: string | null }",
        AnswerShape::User => "{ record: UserRow }",
        AnswerShape::Webhooks => "{ webhooks: Array<Webhook> }",
        AnswerShape::Webhook => "{ webhook: Webhook; secret: string | null }",
        AnswerShape::Deliveries => "{ deliveries: Array<Delivery>; waiting: number }",
        AnswerShape::Text => "OpenedText",
        AnswerShape::Revised => "{ rev: Seq }",
        AnswerShape::Drafts => "{ drafts: Array<DraftRow> }",
        AnswerShape::Draft => "{ update: Uint8Array | string }",
        AnswerShape::Versions => "{ versions: Array<VersionRow> }",
        AnswerShape::Version => "{ state: Uint8Array | string }",
        AnswerShape::Compared => "Comparison",
        AnswerShape::Points => "{ points: Array<PointRow> }",
        AnswerShape::Point => "PointView",
        AnswerShape::Token => "{ token: Token }",
        AnswerShape::TokenOrPosition => "{ token: Token; position?: never } | { position: number; token?: never }",
        AnswerShape::TokenIfTaken => "{ token?: Token }",
        AnswerShape::Invitation => "{ invitation: InvitationId }",
        AnswerShape::Refreshed => "{ expires_at: Timestamp }",
    }
}

/// Compiles only while the unions above name every frame there is.
#[expect(dead_code, reason = "exhaustiveness is checked by the compiler")]
fn all_frames_are_declared(client: &quire_protocol::ClientFrame, server: &quire_protocol::ServerFrame, _: &Refusal) {
    use quire_protocol::{ClientFrame as C, ServerFrame as S};
    match client {
        C::Hello(_) | C::Command(_) | C::Activity | C::Presence(_) | C::Part(_) => {}
    }
    match server {
        S::Welcome(_)
        | S::Reply(_)
        | S::Event(_)
        | S::Presence(_)
        | S::Text(_)
        | S::Notice(_)
        | S::Draining(_)
        | S::Part(_) => {}
    }
}
