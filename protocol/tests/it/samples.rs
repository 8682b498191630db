//! One representative value of every kind of frame: what the golden bytes were made from.

use quire_protocol::answer::{Answer, Opened, OpenedText};
use quire_protocol::codec::Blob;
use quire_protocol::command::{
    AccessGrant, AccessRefuse, AccessRequest, After, Anchor, At, BookClose, BookCreate, BookDelete, BookOpen,
    BookRestore, BookShelve, BookUnshelve, BooksList, ChapterAdd, ChapterAssign, ChapterClose, ChapterKind,
    ChapterMove, ChapterOpen, ChapterRemove, ChapterRename, ChapterRestore, ChapterSetMode, ChapterUpdate, CommentAdd,
    CommentDelete, CommentEdit, CommentReply, DraftDiscard, DraftRead, DraftSave, DraftsList, FormatSet, Have,
    InboxChoose, InboxClose, InboxList, InboxOpen, InboxRead, InvitationAccept, InvitationDecline, InvitationResend,
    InvitationRevoke, InvitationsList, LibraryAllow, LibraryBooks, LibraryClose, LibraryDecline, LibraryJoin,
    LibraryLeave, LibraryOpen, LibraryShare, LockAcquire, LockCancelWait, LockForceRelease, LockHandOver, LockKeep,
    LockMoveHere, LockRelease, MemberInvite, MemberLeave, MemberLookup, MemberRemove, MemberSetEnd, MemberSetRole,
    Metadata, MetadataPatch, MetadataSet, Mode, OwnershipAccept, OwnershipDecline, OwnershipOffer, OwnershipWithdraw,
    PointRead, PointsList, PublishApprove, PublishChecklist, PublishPublish, PublishRequestChanges, PublishStart,
    PublishUnpublish, PublishWithdraw, Relative, RoyaltiesGet, RoyaltiesSet, ThreadReopen, ThreadResolve, ThreadsList,
    TokenRefresh, UserAdd, UserRemove, UserUpdate, UsersList, VersionCompare, VersionName, VersionRead, VersionRestore,
    VersionSave, VersionsList, WebhookDeliveries, WebhookRemove, WebhookSend, WebhookSet, WebhooksList,
};
use quire_protocol::event::{
    AccessRefused, AccessRequested, BookCreated, BookDeleted, BookRestored, BookShelved, BookTrashed, BookUnshelved,
    Cause, ChapterAdded, ChapterAssigned, ChapterModeSet, ChapterMoved, ChapterRemoved, ChapterRenamed,
    ChapterRestored, CommentAdded, CommentDeleted, CommentEdited, CommentReplied, FormatChanged, Holder,
    InvitationDeclined, InvitationMailed, InvitationResent, InvitationRevoked, LockAcquired, LockActive, LockQueued,
    LockRehomed, LockReleased, LockWaitEnded, LockWaitRehomed, Member, MemberEndSet, MemberInvited, MemberJoined,
    MemberLeft, MemberRemoved, MemberRoleChanged, MetadataChanged, OwnershipOfferEnded, OwnershipOffered,
    OwnershipTransferred, Person, PublishApproved, PublishChangesRequested, PublishPublished, PublishSubmitted,
    PublishUnpublished, PublishWithdrawn, ReleaseReason, RoyaltiesChanged, ThreadAnchored, ThreadReopened,
    ThreadResolved, VersionRestored, WaitEndReason, Withheld,
};
use quire_protocol::format::{Font, Format, Numbering, Trim};
use quire_protocol::frame::{
    ClosedReason, Draining, Hello, Notice, Part, Presence, PresenceSet, Reply, Resume, Text, UserView, Welcome,
};
use quire_protocol::inbox::{ByMail, InboxEntry, Told, Topic, TopicChoice, TopicSwitch};
use quire_protocol::library::{
    BookScope, Grant, LibraryBookRow, LibraryView, Permission, Shared, SharedAs, UserDetails, UserFilter, UserPatch,
    UserRow, UserState,
};
use quire_protocol::publishing::{
    Checklist, ListedRevision, PublishState, PublishedEdition, Publishing, Revision, RevisionState, Waiting,
};
use quire_protocol::royalty::{Share, Split};
use quire_protocol::view::{
    Assignment, BookRow, ChapterView, Comment, ComparedBlock, ComparedPiece, Comparison, DraftRow, HolderView,
    InvitationMail, InvitationRow, InvitationView, LockView, MailState, OfferView, PieceChange, PointChapter, PointRow,
    PointView, PresenceState, RemovedView, RequestView, Resolved, RosterEntry, RosterMove, Snapshot, Thread,
    ThreadHead, VersionCause, VersionRow, WaiterView,
};
use quire_protocol::webhook::{Attempt, Delivery, DeliveryState, Webhook};
use quire_protocol::{
    Action, BookCommand, By, ClientFrame, Command, CommandFrame, DraftCommand, Epoch, Event, EventFrame, HubCommand,
    LibraryCommand, Limits, Refusal, Rejection, Role, Seq, ServerFrame, TextCommand, Timers, Timestamp, Token,
    VersionCommand, ViewCommand, What,
};

pub(crate) const TOKEN: Token = Token(1_763_800_000_000_042);
pub(crate) const AT: Timestamp = Timestamp(1_763_800_000_123);
/// Types "H" into an empty document.
pub(crate) const UPDATE: [u8; 14] = [1, 1, 7, 0, 4, 1, 7, b'd', b'e', b'f', b'a', 1, b'H', 0];
pub(crate) const EPOCH: Epoch = Epoch(0x0123_4567_89ab_cdef);

/// Any id: parsing is the only way to make one.
pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("samples have good ids")
}

fn text(text: &str) -> String {
    text.to_owned()
}

#[expect(clippy::unnecessary_wraps, reason = "the samples read better with a word for a text that is there")]
fn some(value: &str) -> Option<String> {
    Some(value.to_owned())
}

pub(crate) fn hub_commands() -> Vec<HubCommand> {
    vec![
        BooksList { limit: Some(50), cursor: some("b7"), trashed: true }.into(),
        InvitationsList { limit: Some(50), cursor: None }.into(),
        TokenRefresh { token: text("aaa.bbb.ccc") }.into(),
        InboxOpen {}.into(),
        InboxList { before: Some(Seq(12)), limit: Some(20) }.into(),
        InboxRead { up_to: Some(Seq(12)), entries: vec![Seq(14)] }.into(),
        InboxChoose { choices: vec![choice()] }.into(),
        InboxClose {}.into(),
    ]
}

pub(crate) fn library_commands() -> Vec<LibraryCommand> {
    let (search, limit) = (some("mo"), Some(20));
    vec![
        LibraryOpen {}.into(),
        LibraryClose {}.into(),
        LibraryBooks {
            search: search.clone(),
            category: some("Sea"),
            state: Some(PublishState::Submitted),
            limit,
            cursor: Some(id("b7")),
        }
        .into(),
        LibraryShare { emails: vec![text("bob@example.org"), text("eve@example.org")], grants: grants() }.into(),
        LibraryAllow { switches: vec![switch()] }.into(),
        LibraryJoin {}.into(),
        LibraryDecline {}.into(),
        LibraryLeave {}.into(),
        UsersList {
            search,
            countries: vec![text("KE")],
            roles: vec![text("editor")],
            state: Some(UserState::Joined),
            limit,
            cursor: some("bob@example.org"),
        }
        .into(),
        UserAdd { email: text("bob@example.org"), details: details() }.into(),
        UserUpdate {
            email: text("bob@example.org"),
            patch: UserPatch { name: Some(some("Bob")), country: Some(None), ..UserPatch::default() },
            active: Some(false),
        }
        .into(),
        UserRemove { email: text("bob@example.org") }.into(),
        WebhooksList {}.into(),
        WebhookSet {
            webhook: id("w1"),
            url: text("https://hooks.example.org/quire"),
            topics: vec![Topic::Submitted, Topic::Published],
            on: true,
            renew: true,
        }
        .into(),
        WebhookRemove { webhook: id("w1") }.into(),
        WebhookSend { webhook: id("w1"), delivery: some("msg_3f2a") }.into(),
        WebhookDeliveries { webhook: id("w1") }.into(),
    ]
}

pub(crate) fn view_commands() -> Vec<ViewCommand> {
    vec![
        BookOpen { after: Some(After { epoch: EPOCH, seq: Seq(40) }) }.into(),
        BookClose {}.into(),
        ThreadsList { chapter: Some(id("c3")), thread: Some(id("t1")), limit: Some(20), cursor: some("t0") }.into(),
        RoyaltiesGet {}.into(),
        PublishChecklist {}.into(),
        MemberLookup { email: text("bob@example.org") }.into(),
    ]
}

pub(crate) fn text_commands() -> Vec<TextCommand> {
    vec![
        ChapterOpen { chapter: id("c3"), have: Some(Have { epoch: EPOCH, rev: Seq(16) }), clocks: true }.into(),
        ChapterClose { chapter: id("c3") }.into(),
        ChapterUpdate { chapter: id("c3"), token: TOKEN, n: 7, client: Some(77), update: Blob(UPDATE.to_vec()) }.into(),
    ]
}

pub(crate) fn draft_commands() -> Vec<DraftCommand> {
    vec![
        DraftSave { draft: id("d1"), chapter: id("c3"), excerpt: text("Mr. Bennet"), update: Blob(UPDATE.to_vec()) }
            .into(),
        DraftsList {}.into(),
        DraftRead { draft: id("d1") }.into(),
        DraftDiscard { draft: id("d1") }.into(),
    ]
}

pub(crate) fn version_commands() -> Vec<VersionCommand> {
    vec![
        VersionsList { chapter: id("c3") }.into(),
        VersionRead { chapter: id("c3"), rev: Seq(17) }.into(),
        VersionCompare { chapter: id("c3"), from: Seq(9), to: Some(Seq(17)) }.into(),
        VersionSave { chapter: Some(id("c3")), label: text("For the printer") }.into(),
        VersionName { chapter: id("c3"), rev: Seq(9), label: some("First light") }.into(),
        VersionRestore { chapter: id("c3"), token: TOKEN, rev: Seq(9) }.into(),
        PointsList {}.into(),
        PointRead { point: Seq(2) }.into(),
    ]
}

pub(crate) fn book_commands() -> Vec<BookCommand> {
    let mut commands = about_chapters();
    commands.extend(about_locks());
    commands.extend(about_comments());
    commands.extend(about_members());
    commands
}

fn about_chapters() -> Vec<BookCommand> {
    vec![
        BookCreate {
            title: text("Pride and Prejudice"),
            metadata: MetadataPatch {
                authors: Some(Some(vec![text("Jane Austen")])),
                language: Some(some("en")),
                ..MetadataPatch::default()
            },
        }
        .into(),
        BookDelete { forever: true }.into(),
        BookRestore {}.into(),
        BookShelve {}.into(),
        BookUnshelve {}.into(),
        MetadataSet { title: some("Pride & Prejudice"), metadata: patch(), base_seq: Some(Seq(12)) }.into(),
        FormatSet { format: format(), base_seq: Some(Seq(12)) }.into(),
        RoyaltiesSet { shares: split().shares, effective_at: Some(AT) }.into(),
        PublishStart { note: some("for autumn") }.into(),
        PublishWithdraw {}.into(),
        PublishRequestChanges { point: Seq(3), note: text("chapter 1 drags") }.into(),
        PublishApprove { point: Seq(3), note: some("well done") }.into(),
        PublishPublish { point: Some(Seq(3)), note: some("at last") }.into(),
        PublishUnpublish { note: some("rights") }.into(),
        ChapterAdd {
            chapter: id("c3"),
            title: text("Chapter 3"),
            kind: ChapterKind::Chapter,
            at: At::After(id("c2")),
            parent: Some(id("p1")),
        }
        .into(),
        ChapterMove { chapter: id("c3"), at: At::First, parent: None }.into(),
        ChapterRename { chapter: id("c3"), title: text("Netherfield") }.into(),
        ChapterRemove { chapter: id("c3") }.into(),
        ChapterRestore { chapter: id("c3") }.into(),
        ChapterSetMode { chapter: id("c3"), mode: Mode::Live }.into(),
        ChapterAssign { chapter: id("c3"), user: Some(id("u2")), due_at: Some(AT) }.into(),
    ]
}

fn about_locks() -> Vec<BookCommand> {
    vec![
        LockAcquire { chapter: id("c3"), wait: true, note: some("one typo") }.into(),
        LockRelease { chapter: id("c3"), token: TOKEN, after_n: Some(12) }.into(),
        LockMoveHere { chapter: id("c3") }.into(),
        LockHandOver { chapter: id("c3"), token: TOKEN, to: id("s2"), after_n: None }.into(),
        LockKeep { chapter: id("c3"), token: TOKEN, to: id("s2") }.into(),
        LockCancelWait { chapter: id("c3") }.into(),
        LockForceRelease { chapter: id("c3"), reason: text("the printer waits"), take: true }.into(),
    ]
}

fn about_comments() -> Vec<BookCommand> {
    vec![
        CommentAdd {
            thread: id("t1"),
            comment: id("m1"),
            chapter: id("c3"),
            anchor: Some(moving_anchor()),
            body: text("Five & ten?"),
            mentions: vec![id("auth0|bob")],
        }
        .into(),
        CommentReply { thread: id("t1"), comment: id("m2"), body: text("Ten."), mentions: Vec::new() }.into(),
        CommentEdit { thread: id("t1"), comment: id("m2"), body: text("Five."), mentions: vec![id("u1")] }.into(),
        CommentDelete { thread: id("t1"), comment: id("m2") }.into(),
        ThreadResolve { thread: id("t1") }.into(),
        ThreadReopen { thread: id("t1") }.into(),
    ]
}

fn about_members() -> Vec<BookCommand> {
    vec![
        MemberInvite { invitation: id("i1"), email: text("bob@example.org"), role: Role::Editor }.into(),
        MemberSetRole { user: id("u2"), role: Role::Viewer }.into(),
        MemberSetEnd { user: id("u2"), until: Some(Timestamp(1_700_000_000_000)) }.into(),
        AccessRequest { note: some("I drew the maps.") }.into(),
        AccessGrant { user: id("u2"), role: Role::Viewer }.into(),
        AccessRefuse { user: id("u2") }.into(),
        OwnershipOffer { user: id("u2") }.into(),
        OwnershipWithdraw {}.into(),
        OwnershipAccept {}.into(),
        OwnershipDecline {}.into(),
        MemberRemove { user: id("u2") }.into(),
        MemberLeave {}.into(),
        InvitationRevoke { invitation: id("i1") }.into(),
        InvitationResend { invitation: id("i1") }.into(),
        InvitationAccept { invitation: id("i1") }.into(),
        InvitationDecline { invitation: id("i1") }.into(),
    ]
}

/// Every command with what surrounds it.
pub(crate) fn commands() -> Vec<CommandFrame> {
    let hub = hub_commands().into_iter().map(Command::Hub);
    let library = library_commands().into_iter().map(Command::Library);
    let view = view_commands().into_iter().map(Command::View);
    let text = text_commands().into_iter().map(Command::Text);
    let draft = draft_commands().into_iter().map(Command::Draft);
    let version = version_commands().into_iter().map(Command::Version);
    let book = book_commands().into_iter().map(Command::Book);
    let in_book = |command: Command| CommandFrame {
        reference: 7,
        id: matches!(command, Command::Book(_)).then(|| id("0193e5a0-8d2f-7c3a-9f10-3b2a1c0d4e5f")),
        retry: matches!(command, Command::Book(_)),
        book: (!matches!(command, Command::Hub(_) | Command::Library(_))).then(|| id("b1")),
        command,
    };
    hub.chain(library).chain(view).chain(text).chain(draft).chain(version).chain(book).map(in_book).collect()
}

/// Every frame of a client that is no command, by kind.
pub(crate) fn client_frames() -> Vec<(&'static str, ClientFrame)> {
    let resume = Resume { session: id("s1"), incarnation: 2, idle_ms: 1_200 };
    vec![
        (
            "hello",
            ClientFrame::Hello(Hello {
                token: some("aaa.bbb.ccc"),
                client: some("quire-client/0.1.0"),
                resume: Some(resume),
            }),
        ),
        ("activity", ClientFrame::Activity),
        (
            "presence",
            ClientFrame::Presence(PresenceSet { book: id("b1"), chapter: Some(Some(id("c3"))), cursor: Some(None) }),
        ),
        ("part", ClientFrame::Part(Part { last: true, data: Blob(vec![0x81, 0xa1, 0x74, 0xff]) })),
    ]
}

pub(crate) fn events() -> Vec<Event> {
    let mut events = of_the_book();
    events.extend(of_locks());
    events.extend(of_comments());
    events.extend(of_members());
    events
}

fn of_the_book() -> Vec<Event> {
    vec![
        BookCreated { title: text("Emma"), metadata: metadata(), owner: Some(member()), claim: None }.into(),
        BookDeleted {}.into(),
        BookTrashed { person: Some(person()), until: Timestamp(1_700_000_000_000) }.into(),
        BookRestored {}.into(),
        BookShelved {}.into(),
        BookUnshelved {}.into(),
        MetadataChanged { title: text("Emma"), metadata: metadata() }.into(),
        FormatChanged { format: format() }.into(),
        RoyaltiesChanged { split: split() }.into(),
        PublishSubmitted { point: Seq(3), person: person(), note: some("for autumn") }.into(),
        PublishWithdrawn { person: person() }.into(),
        PublishChangesRequested { point: Seq(3), person: person(), note: text("chapter 1 drags") }.into(),
        PublishApproved { point: Seq(3), person: person(), note: None }.into(),
        PublishPublished { point: Seq(3), person: person(), note: some("at last") }.into(),
        PublishUnpublished { person: person(), note: some("rights") }.into(),
        ChapterAdded {
            chapter: id("c3"),
            title: text("Chapter 3"),
            kind: ChapterKind::Chapter,
            parent: Some(id("p1")),
            after: Some(id("c2")),
        }
        .into(),
        ChapterMoved { chapter: id("c3"), parent: None, after: None }.into(),
        ChapterRenamed { chapter: id("c3"), title: text("Netherfield") }.into(),
        ChapterRemoved { chapter: id("c3"), person: Some(person()) }.into(),
        ChapterRestored { chapter: id("c3"), parent: None, after: Some(id("c2")) }.into(),
        ChapterModeSet { chapter: id("c3"), mode: Mode::Live }.into(),
        ChapterAssigned { chapter: id("c3"), assignment: Some(assignment()), person: person() }.into(),
        VersionRestored { chapter: id("c3"), version: Seq(4), rev: Seq(9), person: person() }.into(),
    ]
}

fn of_locks() -> Vec<Event> {
    vec![
        LockAcquired { chapter: id("c3"), holder: holder(), token: Some(TOKEN), home: None }.into(),
        LockReleased {
            chapter: id("c3"),
            session: id("s1"),
            reason: ReleaseReason::Forced,
            note: some("the printer waits"),
            live: true,
        }
        .into(),
        LockQueued { chapter: id("c3"), waiter: person(), session: id("s2"), note: some("one typo"), home: None }
            .into(),
        LockWaitEnded { chapter: id("c3"), session: id("s2"), reason: WaitEndReason::Declined }.into(),
        LockRehomed { chapter: id("c3"), session: id("s1"), token: Some(TOKEN), home: None }.into(),
        LockWaitRehomed { chapter: id("c3"), session: id("s2"), home: None }.into(),
        LockActive { chapter: id("c3"), session: Some(id("s1")), active_at: AT }.into(),
    ]
}

fn of_comments() -> Vec<Event> {
    vec![
        CommentAdded {
            thread: id("t1"),
            comment: id("m1"),
            chapter: id("c3"),
            anchor: Some(anchor()),
            author: person(),
            body: text("Five & ten?"),
            mentions: vec![id("u2")],
        }
        .into(),
        CommentReplied {
            thread: id("t1"),
            comment: id("m2"),
            author: person(),
            body: text("Ten."),
            mentions: Vec::new(),
        }
        .into(),
        CommentEdited { thread: id("t1"), comment: id("m2"), body: text("Five."), mentions: Vec::new() }.into(),
        CommentDeleted { thread: id("t1"), comment: id("m2") }.into(),
        ThreadResolved { thread: id("t1"), person: person() }.into(),
        ThreadReopened { thread: id("t1") }.into(),
        ThreadAnchored { thread: id("t1"), detached: true }.into(),
    ]
}

fn of_members() -> Vec<Event> {
    vec![
        MemberInvited {
            invitation: id("i1"),
            email: text("bob@example.org"),
            role: Role::Editor,
            inviter: person(),
            expires_at: AT,
            mail: true,
        }
        .into(),
        MemberJoined { member: member(), invitation: Some(id("i1")) }.into(),
        MemberRoleChanged { user: id("u2"), role: Role::Viewer }.into(),
        MemberEndSet { user: id("u2"), until: Some(Timestamp(1_700_000_000_000)) }.into(),
        MemberRemoved { user: id("u2") }.into(),
        MemberLeft { user: id("u2") }.into(),
        InvitationRevoked { invitation: id("i1") }.into(),
        InvitationResent { invitation: id("i1"), expires_at: AT, mail: true }.into(),
        InvitationDeclined { invitation: id("i1") }.into(),
        InvitationMailed { invitation: id("i1"), asked: Seq(7), reason: Some(text("refused")) }.into(),
        AccessRequested { person: person(), email: text("ann@example.org"), note: some("I drew the maps.") }.into(),
        AccessRefused { user: id("u2") }.into(),
        OwnershipOffered { to: person(), expires_at: AT }.into(),
        OwnershipOfferEnded { to: id("u2"), declined: true }.into(),
        OwnershipTransferred { from: id("u1"), to: id("u2") }.into(),
        Withheld {}.into(),
    ]
}

pub(crate) fn event_frame(event: Event) -> EventFrame {
    let by = if matches!(event, Event::Withheld(_)) {
        By::System { system: Cause::Withheld }
    } else {
        By::Person { user: id("u1"), session: id("s1") }
    };
    EventFrame { book: id("b1"), epoch: EPOCH, seq: Seq(42), at: AT, by, event }
}

/// Every frame of the hub that is no reply, event or notice, by kind.
pub(crate) fn server_frames() -> Vec<(&'static str, ServerFrame)> {
    vec![
        (
            "welcome",
            ServerFrame::Welcome(Box::new(Welcome {
                session: id("s1"),
                incarnation: 2,
                user: UserView { id: id("u1"), name: text("Ann Lee"), email: text("ann@example.org") },
                replica: id("r1"),
                resumed: true,
                expires_at: AT,
                limits: Limits::default(),
                timers: Timers::default(),
            })),
        ),
        (
            "presence",
            ServerFrame::Presence(Presence {
                book: id("b1"),
                joined: vec![roster_entry()],
                moved: vec![RosterMove {
                    session: id("s2"),
                    chapter: Some(None),
                    state: Some(PresenceState::Idle),
                    cursor: None,
                }],
                left: vec![id("s3")],
                count: 2,
            }),
        ),
        (
            "text",
            ServerFrame::Text(Text {
                book: id("b1"),
                chapter: id("c3"),
                rev: Seq(18),
                by: id("s1"),
                update: Blob(UPDATE.to_vec()),
            }),
        ),
        ("draining", ServerFrame::Draining(Draining { reconnect_after_ms: 1_200 })),
        ("part", ServerFrame::Part(Part { last: false, data: Blob(vec![0x81, 0xa1, 0x74, 0xff]) })),
    ]
}

pub(crate) fn notices() -> Vec<Notice> {
    let (book, chapter) = (id("b1"), id("c3"));
    vec![
        Notice::LockIdleSoon { book, chapter, releases_at: AT },
        Notice::LockLost {
            book: id("b1"),
            chapter: id("c3"),
            reason: ReleaseReason::Idle,
            by: By::System { system: Cause::Idle },
            note: None,
        },
        Notice::LockWanted { book: id("b1"), chapter: id("c3"), by: person(), note: some("one typo") },
        Notice::AccessChanged { book: id("b1"), role: Some(Role::Viewer), can: vec![Action::View, Action::Comment] },
        Notice::BookClosed { book: id("b1"), reason: ClosedReason::Removed },
        Notice::BooksChanged,
        Notice::LibraryChanged { access: true, users: true, books: false, notices: true, webhooks: true },
        Notice::Noticed { entry: Box::new(inbox_entry()), unread: 3 },
        Notice::InboxChanged { unread: 2 },
    ]
}

pub(crate) fn rejections() -> Vec<Rejection> {
    vec![
        Rejection::Unauthenticated { reason: text("the token expired") },
        Rejection::NotFound { what: What::Chapter },
        Rejection::Forbidden,
        Rejection::Locked { holder: holder(), since_at: AT, yours_elsewhere: false },
        Rejection::NotHolder,
        Rejection::StaleToken,
        Rejection::StaleBase { current: Seq(14) },
        Rejection::Conflict { reason: text("the part is not empty"), children: vec![id("c4")] },
        Rejection::IdTaken,
        Rejection::Invalid { field: text("anchor.offset"), reason: text("integers are below 2^53") },
        Rejection::Unsupported { kind: text("lock.steal") },
        Rejection::TooLarge { limit: text("title_chars"), max: 300 },
        Rejection::LimitReached { limit: text("locks_per_session"), max: 16, used: 16 },
        Rejection::RateLimited { retry_after_ms: 20 },
        Rejection::Unavailable { retry_after_ms: 500 },
        Rejection::OutcomeUnknown,
    ]
}

fn library_answers() -> Vec<(&'static str, Answer)> {
    vec![
        ("library", Answer::Library(Box::new(library()))),
        ("library_books", Answer::LibraryBooks { shelf: vec![shelf_row()], total: 7, cursor: Some(id("b1")) }),
        ("known", Answer::Known { known: true }),
        ("shared", Answer::Shared { shared: shared() }),
        ("users", Answer::Users { users: vec![user_row()], total: 7, cursor: some("bob@example.org") }),
        ("user", Answer::User { record: Box::new(user_row()) }),
        ("user_asked", Answer::User { record: Box::new(asked_row()) }),
        ("webhooks", Answer::Webhooks { webhooks: vec![webhook()] }),
        ("webhook", Answer::Webhook { webhook: Box::new(webhook()), secret: some("whsec_AAECAw==") }),
        ("deliveries", Answer::Deliveries { deliveries: vec![delivery()], waiting: 1 }),
    ]
}

/// Every shape of answer, by a name for its file.
pub(crate) fn answers() -> Vec<(&'static str, Answer)> {
    let events = vec![event_frame(ThreadReopened { thread: id("t1") }.into()), event_frame(Withheld {}.into())];
    let mut answers = library_answers();
    answers.extend([
        ("done", Answer::Done {}),
        ("opened_events", Answer::Opened(Box::new(Opened { events: Some(events), ..opened() }))),
        ("opened_snapshot", Answer::Opened(Box::new(Opened { snapshot: Some(snapshot()), ..opened() }))),
        ("books", Answer::Books { books: vec![book_row()], cursor: some("b1") }),
        ("invitations", Answer::Invitations { invitations: vec![invitation_row()], cursor: None }),
        ("royalties", Answer::Royalties { splits: vec![split()] }),
        ("checklist", Answer::Checklist(checklist())),
        ("inbox", inbox()),
        ("threads", Answer::Threads { threads: vec![thread()], cursor: None }),
        (
            "text",
            Answer::Text(Box::new(OpenedText {
                epoch: Some(EPOCH),
                rev: Seq(17),
                after: Some(Seq(15)),
                state: None,
                updates: vec![Blob(UPDATE.to_vec()), Blob(vec![0, 0])],
                lineage: Some(TOKEN),
                n: Some(3),
                clocks: Some(vec![(7, 1)]),
            })),
        ),
        (
            "text_of_nobody",
            Answer::Text(Box::new(OpenedText {
                epoch: None,
                rev: Seq(0),
                after: None,
                state: None,
                updates: Vec::new(),
                lineage: None,
                n: None,
                clocks: None,
            })),
        ),
        (
            "text_packed",
            Answer::Text(Box::new(OpenedText {
                epoch: Some(EPOCH),
                rev: Seq(17),
                state: Some(Blob(vec![31, 139, 8, 0])),
                updates: vec![Blob(vec![0, 0])],
                lineage: Some(TOKEN),
                ..OpenedText::default()
            })),
        ),
        ("revised", Answer::Revised { rev: Seq(18) }),
        ("drafts", Answer::Drafts { drafts: vec![draft_row()] }),
        ("draft", Answer::Draft { update: Blob(UPDATE.to_vec()) }),
        ("versions", Answer::Versions { versions: vec![version_row()] }),
        ("version", Answer::Version { state: Blob(vec![31, 139, 8, 0]) }),
        ("compared", Answer::Compared(Box::new(comparison()))),
        ("points", Answer::Points { points: vec![point_row()] }),
        ("point", Answer::Point(Box::new(point_view()))),
        ("token", Answer::Token { token: TOKEN }),
        ("position", Answer::Position { position: 2 }),
        ("invitation", Answer::Invitation { invitation: id("i1") }),
        ("refreshed", Answer::Refreshed { expires_at: AT }),
    ]);
    answers
}

pub(crate) fn ok(answer: Answer) -> ServerFrame {
    ServerFrame::Reply(Box::new(Reply { reference: 7, seq: Some(Seq(42)), ok: Some(answer), err: None }))
}

pub(crate) fn err(rejection: Rejection) -> ServerFrame {
    let err = Some(Refusal::from(rejection));
    ServerFrame::Reply(Box::new(Reply { reference: 7, seq: Some(Seq(41)), ok: None, err }))
}

fn draft_row() -> DraftRow {
    DraftRow { id: id("d1"), chapter: id("c3"), excerpt: text("Mr. Bennet"), saved_at: AT }
}

fn version_row() -> VersionRow {
    VersionRow {
        rev: Seq(17),
        kept_at: AT,
        by: Some(Person { user: id("u1"), name: text("Ann Lee") }),
        cause: VersionCause::Restored,
        label: some("For the printer"),
        restored: Some(Seq(9)),
        pinned: true,
        words: 1_200,
        added: 7,
        removed: 3,
    }
}

fn point_row() -> PointRow {
    PointRow {
        point: Seq(2),
        kept_at: AT,
        by: Person { user: id("u1"), name: text("Ann Lee") },
        label: text("For the printer"),
        title: text("Pride and Prejudice"),
        chapter_count: 2,
        words: 1_200,
    }
}

fn point_view() -> PointView {
    let PointRow { point, kept_at, by, label, title, words, .. } = point_row();
    let entry = |chapter, title, kind, parent: Option<&str>, rev: Option<u64>| PointChapter {
        chapter: id(chapter),
        title: text(title),
        kind,
        parent: parent.map(id),
        rev: rev.map(Seq),
        words: rev.map_or(0, |_| words),
    };
    let chapters = vec![
        entry("p1", "Volume I", ChapterKind::Part, None, None),
        entry("c3", "Chapter 3", ChapterKind::Chapter, Some("p1"), Some(17)),
        entry("c4", "Afterword", ChapterKind::Back, None, None),
    ];
    PointView { point, kept_at, by, label, title, words, chapters }
}

fn comparison() -> Comparison {
    let piece = |change, said| ComparedPiece { change, text: text(said) };
    let pieces = vec![
        piece(PieceChange::Kept, "Five "),
        piece(PieceChange::Deleted, "thousand"),
        piece(PieceChange::Inserted, "hundred"),
    ];
    Comparison { blocks: vec![ComparedBlock { name: text("paragraph"), pieces }], added: 1, removed: 1 }
}

fn patch() -> MetadataPatch {
    MetadataPatch {
        subtitle: Some(None),
        authors: Some(Some(vec![text("Jane Austen")])),
        language: Some(some("en-GB")),
        description: Some(some("A novel of manners.")),
        publisher: Some(some("T. Egerton")),
        isbn: Some(some("978-0-14-143951-8")),
        keywords: Some(Some(vec![text("novel")])),
        categories: Some(Some(vec![text("Love")])),
    }
}

fn grants() -> Vec<Grant> {
    let set = |word: &str| std::iter::once(text(word)).collect();
    let filter = UserFilter { countries: Some(set("KE")), roles: Some(set("editor")) };
    vec![
        Grant { permission: Permission::Edit, books: Some(BookScope::Categories(set("Sea"))), users: None },
        Grant { permission: Permission::Publish, books: Some(BookScope::Own), users: None },
        Grant { permission: Permission::ListUsers, books: None, users: Some(filter) },
        Grant::all(Permission::Upload),
    ]
}

fn details() -> UserDetails {
    UserDetails {
        name: some("Bob"),
        organisation: some("Harper"),
        department: some("Fiction"),
        country: some("KE"),
        role: some("editor"),
    }
}

fn user_row() -> UserRow {
    UserRow {
        email: text("bob@example.org"),
        user: Some(id("u2")),
        details: details(),
        state: UserState::Joined,
        joined_at: Some(AT),
        asked_until: None,
        mail: None,
        grants: Some(grants()),
    }
}

/// Asked to join, and mailed.
fn asked_row() -> UserRow {
    let mail = InvitationMail { state: MailState::Failed, at: AT, reason: some("550 no such mailbox") };
    let (state, asked_until) = (UserState::Asked, Some(AT));
    UserRow { user: None, state, joined_at: None, asked_until, mail: Some(mail), ..user_row() }
}

fn book_row() -> BookRow {
    BookRow { id: id("b1"), title: text("Emma"), role: Some(Role::Owner), trashed_until: None }
}

fn inbox() -> Answer {
    let (choices, switches, mail_to) = (vec![choice()], vec![switch()], some("ann@example.org"));
    Answer::Inbox { inbox: vec![inbox_entry()], unread: 3, before: Some(Seq(12)), choices, switches, mail_to }
}

fn choice() -> TopicChoice {
    TopicChoice { topic: Topic::LockIdle, inbox: false, mail: ByMail::Daily }
}

fn switch() -> TopicSwitch {
    TopicSwitch { topic: Topic::BookShelved, inbox: true, mail: false }
}

fn inbox_entry() -> InboxEntry {
    let told = Told {
        id: text("b1:17:mentioned"),
        topic: Topic::Mentioned,
        at: AT,
        book: id("b1"),
        title: text("Emma"),
        by: Some(person()),
        chapter: Some(id("c3")),
        chapter_title: some("The Ball"),
        thread: Some(id("t1")),
        comment: Some(id("k1")),
        invitation: Some(id("i1")),
        role: Some(Role::Editor),
        text: some("Is this right?"),
    };
    InboxEntry { n: Seq(12), read: false, told }
}

fn library() -> LibraryView {
    let can = vec![Permission::List, Permission::Download, Permission::Edit, Permission::ListUsers];
    LibraryView { owner: Some(person()), you: Some(user_row()), can, grants: grants(), users: 7, books: 3 }
}

fn assignment() -> Assignment {
    Assignment { person: person(), due_at: Some(AT) }
}

fn publishing() -> Publishing {
    let (point, at, by) = (Seq(3), AT, person());
    Publishing {
        state: PublishState::Published,
        was_published: true,
        edition: Some(PublishedEdition { point: Seq(2), at, by: by.clone() }),
        revision: Some(Revision { point, state: RevisionState::Submitted, at, by, note: some("for autumn") }),
    }
}

fn checklist() -> Checklist {
    let waiting = Waiting { chapters: vec![id("c2")], order: true, details: false };
    Checklist { open_threads: 2, empty: vec![id("c4")], held: vec![id("c3")], waiting: Some(waiting) }
}

fn shelf_row() -> LibraryBookRow {
    LibraryBookRow {
        id: id("b1"),
        title: text("Moby-Dick"),
        categories: vec![text("Sea")],
        owner: Some(person()),
        state: PublishState::Published,
        revision: Some(ListedRevision { point: Seq(3), state: RevisionState::Submitted }),
        may: vec![Permission::List, Permission::Edit],
    }
}

fn webhook() -> Webhook {
    Webhook {
        id: id("w1"),
        url: text("https://hooks.example.org/quire"),
        topics: vec![Topic::Submitted, Topic::Published],
        on: true,
        by: person(),
        at: AT,
        rests: false,
    }
}

fn delivery() -> Delivery {
    Delivery {
        id: text("msg_3f2a"),
        topic: Some(Topic::Submitted),
        book: Some(id("b1")),
        at: AT,
        state: DeliveryState::Waiting,
        attempts: vec![Attempt { at: AT, ms: 250, status: Some(503), problem: some("it answered with status 503") }],
    }
}

fn shared() -> Vec<Shared> {
    let refused = Rejection::Invalid { field: text("email"), reason: text("this is no address") };
    vec![
        Shared { email: text("bob@example.org"), done: Some(SharedAs::Asked), err: None },
        Shared { email: text("nobody"), done: None, err: Some(refused.into()) },
    ]
}

fn split() -> Split {
    let share = |user: &str, basis_points| Share { user: id(user), basis_points };
    Split { effective_at: AT, shares: vec![share("u1", 6_250), share("u2", 3_750)] }
}

fn format() -> Format {
    Format { trim: Trim::SixByNine, font: Font::OldStyle, numbering: Numbering::Words, ..Format::default() }
}

fn metadata() -> Metadata {
    Metadata::default().patched(patch())
}

fn anchor() -> Anchor {
    Anchor {
        quote: text("ten thousand a year"),
        prefix: text("his having "),
        suffix: text("."),
        offset: 812,
        base: Seq(3),
        relative: None,
    }
}

fn moving_anchor() -> Anchor {
    let position = |clock: u8, assoc: u8| Blob(vec![0, 7, clock, assoc]);
    let relative = Relative { lineage: TOKEN, start: position(3, 0), end: position(21, 0x41) };
    Anchor { relative: Some(Box::new(relative)), ..anchor() }
}

fn person() -> Person {
    Person { user: id("u2"), name: text("Bob Óðinsson") }
}

fn member() -> Member {
    Member { user: id("u1"), name: text("Ann Lee"), email: text("ann@example.org"), role: Role::Owner, until: None }
}

fn holder() -> Holder {
    Holder { user: id("u1"), name: text("Ann Lee"), initials: text("AL"), session: id("s1") }
}

fn roster_entry() -> RosterEntry {
    RosterEntry {
        session: id("s1"),
        user: id("u1"),
        name: text("Ann Lee"),
        initials: text("AL"),
        colour: text("#2557b0"),
        chapter: Some(id("c3")),
        state: PresenceState::Active,
        cursor: some("812"),
    }
}

fn opened() -> Opened {
    Opened {
        epoch: EPOCH,
        seq: Seq(42),
        role: Some(Role::Owner),
        can: vec![Action::View, Action::EditText],
        roster: vec![roster_entry()],
        roster_count: 1,
        events: None,
        snapshot: None,
    }
}

fn snapshot() -> Snapshot {
    let waiting =
        vec![WaiterView { user: id("u2"), name: text("Bob"), session: id("s2"), note: some("one typo"), asked_at: AT }];
    let lock = LockView { holder: holder(), token: TOKEN, since_at: AT, away: false, waiting };
    let beside = vec![HolderView { holder: holder(), token: TOKEN, since_at: AT, away: true }];
    let resolved = Some(Resolved { by: person(), at: AT });
    Snapshot {
        id: id("b1"),
        title: text("Emma"),
        metadata: metadata(),
        metadata_seq: Seq(12),
        shelved: true,
        publishing: publishing(),
        format: format(),
        format_seq: Seq(13),
        chapters: vec![ChapterView {
            id: id("c3"),
            title: text("Chapter 3"),
            kind: ChapterKind::Chapter,
            parent: None,
            mode: Mode::Live,
            assignment: Some(assignment()),
            lock: Some(lock),
            beside,
        }],
        removed: vec![RemovedView {
            id: id("c9"),
            title: text("Cut"),
            kind: ChapterKind::Back,
            removed_at: AT,
            by: person(),
        }],
        threads: Some(vec![ThreadHead {
            id: id("t1"),
            chapter: id("c3"),
            anchor: None,
            detached: false,
            resolved,
            count: 2,
            last_at: AT,
        }]),
        members: vec![member()],
        invitations: Some(vec![InvitationView {
            id: id("i1"),
            email: text("bob@example.org"),
            role: Role::Editor,
            expires_at: AT,
            mail: Some(InvitationMail { state: MailState::Failed, at: AT, reason: Some(text("refused")) }),
        }]),
        requests: Some(vec![RequestView {
            person: person(),
            email: text("cy@example.org"),
            note: some("I drew the maps."),
            at: AT,
        }]),
        offer: Some(OfferView { to: person(), expires_at: AT }),
    }
}

fn thread() -> Thread {
    Thread {
        id: id("t1"),
        chapter: id("c3"),
        anchor: Some(moving_anchor()),
        detached: true,
        resolved: None,
        comments: vec![Comment {
            id: id("m1"),
            author: person(),
            body: String::new(),
            mentions: Vec::new(),
            at: AT,
            edited_at: Some(AT),
            deleted: true,
        }],
    }
}

fn invitation_row() -> InvitationRow {
    InvitationRow {
        id: id("i1"),
        book: id("b1"),
        title: text("Emma"),
        role: Role::Editor,
        by: person(),
        expires_at: AT,
    }
}
