//! What the owner of a book can look up later: who changed rights, people, money or the book itself, when and why.
//!
//! Read from the log, in its order; nothing is kept for it. Which events are in it is one closed table in `Audit::matter`: a new
//! event fails the build until somebody has decided.

#![deny(clippy::wildcard_enum_match_arm)]

use quire_protocol::command::Metadata;
use quire_protocol::event::{
    AccessRequested, BookCreated, By, ChapterAssigned, Event, LockReleased, MemberInvited, ReleaseReason,
    VersionRestored,
};
use quire_protocol::{ChapterId, Format, Role, Seq, Timestamp, UserId};

use super::known::Known;
use super::{Committed, Standing};
use crate::audit::{Detail, Doer, LOST, Named, RoleChange, Row, Titled, changed};

/// The log as far as it was read.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    known: Known,
    title: String,
    metadata: Metadata,
    format: Format,
    /// The last event that was read.
    seq: Seq,
}

/// What a row is about, before names are put to it.
#[derive(Default)]
struct Matter {
    chapter: Option<ChapterId>,
    member: Option<UserId>,
    address: Option<String>,
    role: Option<RoleChange>,
    reason: Option<ReleaseReason>,
    note: Option<String>,
    detail: Option<Detail>,
}

impl Audit {
    /// Takes in the next event, and says what is to be looked up of it. What is missing before it is a row of its own.
    pub fn read(&mut self, committed: &Committed) -> Vec<Row> {
        let (event, at) = (&committed.fact.event, committed.at);
        let missing = committed.seq.0.saturating_sub(self.seq.next().0);
        let mut rows = Vec::new();
        if missing > 0 {
            self.known.loses_sight();
            let matter = Matter { detail: Some(Detail::Lost(missing)), ..Matter::default() };
            rows.push(self.row((self.seq.next(), at), None, LOST, matter));
        }
        let matter = self.matter(event);
        self.learn(event, at);
        self.seq = committed.seq;
        if let Some(matter) = matter {
            let who = self.doer(&committed.fact.by);
            rows.push(self.row((committed.seq, at), Some(who), event.kind(), matter));
        }
        rows
    }

    /// The same, and besides it everyday work on the book, as far as somebody may know of it who may do this.
    pub fn read_for(&mut self, standing: Standing, committed: &Committed) -> Vec<Row> {
        let event = &committed.fact.event;
        let everyday = everyday(event);
        let mut rows = self.read(committed);
        if let Some(matter) = everyday {
            rows.push(self.row(
                (committed.seq, committed.at),
                Some(self.doer(&committed.fact.by)),
                event.kind(),
                matter,
            ));
        }
        if standing.hears(event) { rows } else { Vec::new() }
    }

    fn doer(&self, by: &By) -> Doer {
        match by {
            By::Person { user, .. } => Doer::Person(self.named(user.clone())),
            By::System { system } => Doer::Hub { system: *system },
        }
    }

    /// Whether an event is looked up later, and what is said of it then. What people do with the text, in comments, for
    /// themselves and to the order of chapters is not: the book itself and its report tell that.
    fn matter(&self, event: &Event) -> Option<Matter> {
        let none = Matter::default;
        let of_chapter = |chapter: &ChapterId| Matter { chapter: Some(chapter.clone()), ..none() };
        Some(match event {
            Event::BookCreated(event) => created(event),
            // In the library, whoever is given something there may come in.
            Event::BookShelved(_)
            | Event::BookUnshelved(_)
            | Event::BookDeleted(_)
            | Event::BookRestored(_)
            | Event::PublishWithdrawn(_) => none(),
            Event::BookTrashed(event) => Matter { detail: Some(Detail::Until(Some(event.until))), ..none() },
            Event::MetadataChanged(event) => {
                let fields = metadata_changes((&self.title, &self.metadata), (&event.title, &event.metadata));
                Matter { detail: Some(Detail::Fields(fields)), ..none() }
            }
            Event::FormatChanged(event) => {
                Matter { detail: Some(Detail::Fields(format_changes(&self.format, &event.format))), ..none() }
            }
            Event::RoyaltiesChanged(event) => Matter { detail: Some(Detail::Split(event.split.clone())), ..none() },
            Event::PublishSubmitted(event) => step(Some(event.point), event.note.as_ref()),
            Event::PublishChangesRequested(event) => step(Some(event.point), Some(&event.note)),
            Event::PublishApproved(event) => step(Some(event.point), event.note.as_ref()),
            Event::PublishPublished(event) => step(Some(event.point), event.note.as_ref()),
            Event::PublishUnpublished(event) => step(None, event.note.as_ref()),
            Event::ChapterRemoved(event) => of_chapter(&event.chapter),
            Event::ChapterRestored(event) => of_chapter(&event.chapter),
            Event::ChapterModeSet(event) => {
                Matter { detail: Some(Detail::Mode(event.mode)), ..of_chapter(&event.chapter) }
            }
            Event::ChapterAssigned(event) => assigned(event),
            Event::VersionRestored(event) => brought_back(event),
            Event::LockReleased(event) if is_taken(event.reason) => self.taken(event),
            Event::MemberInvited(event) => invited(event),
            Event::MemberJoined(event) => {
                let address = Some(event.member.email.clone()).filter(|email| !email.is_empty());
                Matter { address, ..self.role_of(&event.member.user, Some(event.member.role)) }
            }
            Event::MemberRoleChanged(event) => self.role_of(&event.user, Some(event.role)),
            Event::MemberEndSet(event) => Matter { detail: Some(Detail::Until(event.until)), ..about(&event.user) },
            Event::OwnershipOffered(event) => about(&event.to.user),
            Event::OwnershipOfferEnded(event) => about(&event.to),
            Event::OwnershipTransferred(event) => self.role_of(&event.to, Some(Role::Owner)),
            Event::AccessRequested(event) => requested(event),
            Event::AccessRefused(event) => about(&event.user),
            Event::MemberRemoved(event) => self.role_of(&event.user, None),
            Event::MemberLeft(event) => self.role_of(&event.user, None),
            Event::InvitationRevoked(event) => self.invited(&event.invitation),
            Event::InvitationResent(event) => self.invited(&event.invitation),
            Event::InvitationMailed(event) => Matter { note: event.reason.clone(), ..self.invited(&event.invitation) },
            Event::InvitationDeclined(event) => self.invited(&event.invitation),
            Event::ChapterAdded(_)
            | Event::ChapterMoved(_)
            | Event::ChapterRenamed(_)
            | Event::LockAcquired(_)
            | Event::LockReleased(_)
            | Event::LockQueued(_)
            | Event::LockWaitEnded(_)
            | Event::LockRehomed(_)
            | Event::LockWaitRehomed(_)
            | Event::LockActive(_)
            | Event::CommentAdded(_)
            | Event::CommentReplied(_)
            | Event::CommentEdited(_)
            | Event::CommentDeleted(_)
            | Event::ThreadResolved(_)
            | Event::ThreadReopened(_)
            | Event::ThreadAnchored(_)
            | Event::Withheld(_) => return None,
        })
    }

    fn taken(&self, event: &LockReleased) -> Matter {
        Matter {
            chapter: Some(event.chapter.clone()),
            member: self.known.holder(&event.chapter, &event.session).cloned(),
            reason: Some(event.reason),
            note: event.note.clone(),
            ..Matter::default()
        }
    }

    fn role_of(&self, user: &UserId, to: Option<Role>) -> Matter {
        let role = RoleChange { from: self.known.role(user), to };
        Matter { member: Some(user.clone()), role: Some(role), ..Matter::default() }
    }

    fn invited(&self, invitation: &quire_protocol::InvitationId) -> Matter {
        let Some(invited) = self.known.invitation(invitation) else { return Matter::default() };
        let role = RoleChange { from: None, to: Some(invited.role) };
        Matter { address: Some(invited.email.clone()), role: Some(role), ..Matter::default() }
    }

    fn learn(&mut self, event: &Event, at: Timestamp) {
        if let Event::BookCreated(event) = event {
            (self.title, self.metadata) = (event.title.clone(), event.metadata.clone());
        } else if let Event::MetadataChanged(event) = event {
            (self.title, self.metadata) = (event.title.clone(), event.metadata.clone());
        } else if let Event::FormatChanged(event) = event {
            self.format = event.format.clone();
        }
        self.known.learn(event, at);
    }

    fn row(&self, (seq, at): (Seq, Timestamp), who: Option<Doer>, what: &'static str, matter: Matter) -> Row {
        let Matter { chapter, member, address, role, reason, note, detail } = matter;
        let titled = |id: ChapterId| Titled { title: self.known.title(&id).map(Into::into), id };
        let (chapter, member) = (chapter.map(titled), member.map(|user| self.named(user)));
        Row { seq, at, who, what, book: None, chapter, member, address, role, state: None, reason, note, detail }
    }

    fn named(&self, id: UserId) -> Named {
        Named { name: self.known.name(&id).map(Into::into), id }
    }
}

/// A step of the book to its readers.
/// What people do from day to day, which is in no audit log.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is left out here is in the audit log, or of no interest later"
)]
fn everyday(event: &Event) -> Option<Matter> {
    let of_chapter = |chapter: &ChapterId| Matter { chapter: Some(chapter.clone()), ..Matter::default() };
    match event {
        Event::ChapterAdded(event) => Some(of_chapter(&event.chapter)),
        Event::ChapterRenamed(event) => Some(of_chapter(&event.chapter)),
        Event::CommentAdded(event) => Some(of_chapter(&event.chapter)),
        Event::CommentReplied(_) | Event::ThreadResolved(_) | Event::ThreadReopened(_) => Some(Matter::default()),
        _ => None,
    }
}

fn about(user: &UserId) -> Matter {
    Matter { member: Some(user.clone()), ..Matter::default() }
}

fn invited(event: &MemberInvited) -> Matter {
    let role = RoleChange { from: None, to: Some(event.role) };
    Matter { address: Some(event.email.clone()), role: Some(role), ..Matter::default() }
}

fn created(event: &BookCreated) -> Matter {
    let owner = event.owner.as_ref();
    Matter {
        member: owner.map(|owner| owner.user.clone()),
        role: owner.map(|owner| RoleChange { from: None, to: Some(owner.role) }),
        detail: Some(Detail::Title(event.title.clone())),
        ..Matter::default()
    }
}

fn requested(event: &AccessRequested) -> Matter {
    let address = Some(event.email.clone()).filter(|email| !email.is_empty());
    Matter { address, note: event.note.clone(), ..Matter::default() }
}

fn step(point: Option<Seq>, note: Option<&String>) -> Matter {
    Matter { detail: point.map(Detail::Point), note: note.cloned(), ..Matter::default() }
}

fn assigned(event: &ChapterAssigned) -> Matter {
    let member = event.assignment.as_ref().map(|assignment| assignment.person.user.clone());
    Matter { chapter: Some(event.chapter.clone()), member, ..Matter::default() }
}

fn brought_back(event: &VersionRestored) -> Matter {
    let (chapter, detail) = (event.chapter.clone(), Detail::Version(event.version));
    Matter { chapter: Some(chapter), detail: Some(detail), ..Matter::default() }
}

/// Somebody lost the lock by what others did, or by the hub; not by their own wish.
const fn is_taken(reason: ReleaseReason) -> bool {
    match reason {
        ReleaseReason::Forced
        | ReleaseReason::Disconnected
        | ReleaseReason::Idle
        | ReleaseReason::PermissionChanged
        | ReleaseReason::ReplicaLost
        | ReleaseReason::Restored
        | ReleaseReason::ModeChanged => true,
        // What removes chapter or book is told itself.
        ReleaseReason::Released
        | ReleaseReason::HandedOver
        | ReleaseReason::Moved
        | ReleaseReason::ChapterRemoved
        | ReleaseReason::BookDeleted => false,
    }
}

fn metadata_changes(old: (&str, &Metadata), new: (&str, &Metadata)) -> Vec<&'static str> {
    let ((old_title, old), (new_title, new)) = (old, new);
    let Metadata { subtitle, authors, language, description, publisher, isbn, keywords, categories } = old;
    let changes = [
        ("title", old_title != new_title),
        ("subtitle", *subtitle != new.subtitle),
        ("authors", *authors != new.authors),
        ("language", *language != new.language),
        ("description", *description != new.description),
        ("publisher", *publisher != new.publisher),
        ("isbn", *isbn != new.isbn),
        ("keywords", *keywords != new.keywords),
        ("categories", *categories != new.categories),
    ];
    changed(&changes)
}

fn format_changes(old: &Format, new: &Format) -> Vec<&'static str> {
    #[rustfmt::skip]
    let Format {
        trim, margins, font, font_size_tenths_pt, line_height_percent, opening, numbering, ornament, paragraphs,
        hyphenation, justify,
    } = old;
    let changes = [
        ("trim", *trim != new.trim),
        ("margins", *margins != new.margins),
        ("font", *font != new.font),
        ("font_size_tenths_pt", *font_size_tenths_pt != new.font_size_tenths_pt),
        ("line_height_percent", *line_height_percent != new.line_height_percent),
        ("opening", *opening != new.opening),
        ("numbering", *numbering != new.numbering),
        ("ornament", *ornament != new.ornament),
        ("paragraphs", *paragraphs != new.paragraphs),
        ("hyphenation", *hyphenation != new.hyphenation),
        ("justify", *justify != new.justify),
    ];
    changed(&changes)
}

#[cfg(test)]
mod tests;
