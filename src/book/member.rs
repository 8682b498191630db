//! Who belongs to a book, who is invited, and who may still claim it.

pub(super) mod letter;
mod requests;
mod rules;

pub(super) use rules::check_role;

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use quire_protocol::event::{self, By, Claim, Member, Person};
use quire_protocol::{InvitationId, Role, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::Committed;
use super::fact::{Origin, fingerprint};
use letter::InvitationLetter;
use requests::Requests;

/// How many invitations that led to nothing are kept, so that their ids stay taken for a while.
const PAST_INVITATIONS_MAX: usize = 1_000;

/// An invitation. It grants nothing before it is accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Invitation {
    /// In normal form.
    pub(super) email: String,
    pub(super) role: Role,
    pub(super) inviter: Person,
    pub(super) expires_at: Timestamp,
    /// Accepted, declined or revoked.
    ended: bool,
    /// Its letter, if one is to be sent.
    #[serde(default)]
    letter: Option<letter::InvitationLetter>,
    origin: Origin,
}

impl Invitation {
    /// It can be accepted.
    pub(super) fn is_pending(&self, now: Timestamp) -> bool {
        !self.ended && now < self.expires_at
    }
}

/// The people of a book.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Members {
    people: OrdMap<UserId, Arc<Member>>,
    invitations: OrdMap<InvitationId, Arc<Invitation>>,
    /// Of a book with a claim those who were removed, left or declined: the claim does not bring them back.
    former: OrdSet<UserId>,
    claim: Option<Claim>,
    /// The first time at which a membership ends.
    first_end: Option<Timestamp>,
    pub(super) requests: Requests,
}

/// [`Members`] as they are stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedMembers {
    members: Vec<Member>,
    invitations: Vec<(InvitationId, Invitation)>,
    former: Vec<UserId>,
    claim: Option<Claim>,
    #[serde(default)]
    requests: Requests,
}

impl Members {
    pub(super) fn get(&self, user: &UserId) -> Option<&Member> {
        self.people.get(user).map(Arc::as_ref)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Member> {
        self.people.values().map(Arc::as_ref)
    }

    pub(super) fn role(&self, user: &UserId) -> Option<Role> {
        self.get(user).map(|member| member.role)
    }

    pub(super) fn person(&self, user: &UserId) -> Option<Person> {
        self.get(user).map(|member| Person { user: member.user.clone(), name: member.name.clone() })
    }

    fn owner(&self) -> Option<&Member> {
        self.iter().find(|member| member.role == Role::Owner)
    }

    /// When the first membership ends that has an end.
    pub(super) fn first_end(&self) -> Option<Timestamp> {
        self.first_end
    }

    fn find_first_end(&mut self) {
        self.first_end = self.iter().filter_map(|member| member.until).min();
    }

    /// Who may still claim the book.
    pub(super) fn claim(&self) -> Option<&Claim> {
        self.claim.as_ref()
    }

    pub(super) fn pending(&self, now: Timestamp) -> impl Iterator<Item = (&InvitationId, &Invitation)> {
        let invitations = self.invitations.iter().map(|(id, invitation)| (id, invitation.as_ref()));
        invitations.filter(move |(_, invitation)| invitation.is_pending(now))
    }

    fn is_invited(&self, email: &str, now: Timestamp) -> bool {
        self.pending(now).any(|(_, invitation)| invitation.email == email)
    }

    /// An invitation that nobody accepted, declined or revoked; it may have lapsed.
    fn open(&self, id: &InvitationId) -> Option<&Invitation> {
        self.invitations.get(id).map(Arc::as_ref).filter(|invitation| !invitation.ended)
    }

    /// Whoever proves this address knows of the book: there is an invitation to it.
    pub(super) fn knows_address(&self, email: Option<&str>) -> bool {
        self.invitations.values().any(|invitation| !invitation.ended && Some(invitation.email.as_str()) == email)
    }

    /// Members and pending invitations together.
    pub(super) fn count(&self, now: Timestamp) -> usize {
        self.people.len() + self.pending(now).count()
    }

    pub(super) fn created(&mut self, event: &event::BookCreated) {
        self.claim.clone_from(&event.claim);
        if let Some(owner) = &event.owner {
            self.join(owner);
        }
    }

    fn join(&mut self, member: &Member) {
        assert!(member.role != Role::Owner || self.owner().is_none(), "a book has one owner");
        self.people.insert(member.user.clone(), Arc::new(member.clone()));
        self.former.remove(&member.user);
        self.requests.gone(&member.user);
        // An address is claimed once; the open claim of a sample book lets people in as long as it exists.
        if member.role == Role::Owner && matches!(self.claim, Some(Claim::Address(_))) {
            self.claim = None;
        }
    }

    pub(super) fn joined(&mut self, event: &event::MemberJoined) {
        self.join(&event.member);
        if let Some(invitation) = &event.invitation {
            self.end(invitation);
        }
    }

    pub(super) fn role_changed(&mut self, event: &event::MemberRoleChanged) {
        let member = self.people.get_mut(&event.user).expect("decide changes the role of members");
        Arc::make_mut(member).role = event.role;
    }

    pub(super) fn transferred(&mut self, event: &event::OwnershipTransferred) {
        for (user, role) in [(&event.from, Role::Author), (&event.to, Role::Owner)] {
            let member = self.people.get_mut(user).expect("decide hands a book from member to member");
            Arc::make_mut(member).role = role;
        }
    }

    pub(super) fn end_set(&mut self, event: &event::MemberEndSet) {
        let member = self.people.get_mut(&event.user).expect("decide limits the time of members");
        Arc::make_mut(member).until = event.until;
        self.find_first_end();
    }

    pub(super) fn left(&mut self, user: &UserId) {
        let member = self.people.remove(user);
        assert!(member.is_some_and(|member| member.role != Role::Owner), "members leave, but for the owner");
        self.find_first_end();
        self.keep_out(user);
    }

    fn keep_out(&mut self, user: &UserId) {
        if self.claim.is_some() {
            self.former.insert(user.clone());
        }
    }

    pub(super) fn invited(&mut self, event: &event::MemberInvited, committed: &Committed) {
        self.forget_past_invitations(committed.at);
        let invitation = Invitation {
            email: event.email.clone(),
            role: event.role,
            inviter: event.inviter.clone(),
            expires_at: event.expires_at,
            ended: false,
            letter: event.mail.then(|| InvitationLetter::asked(committed)),
            origin: Origin::new(committed, fingerprint(&(&event.email, event.role))),
        };
        self.invitations.insert(event.invitation.clone(), Arc::new(invitation));
    }

    /// Past invitations are few, however often somebody invites and revokes.
    fn forget_past_invitations(&mut self, now: Timestamp) {
        let past = self.invitations.iter().filter(|(_, invitation)| !invitation.is_pending(now));
        let mut past: Vec<_> = past.map(|(id, invitation)| (invitation.origin.seq, id.clone())).collect();
        past.sort();
        for (_, id) in past.iter().rev().skip(PAST_INVITATIONS_MAX) {
            self.invitations.remove(id);
        }
    }

    pub(super) fn end(&mut self, id: &InvitationId) {
        self.change(id, |invitation| invitation.ended = true);
    }

    pub(super) fn declined(&mut self, event: &event::InvitationDeclined, committed: &Committed) {
        self.end(&event.invitation);
        if let By::Person { user, .. } = &committed.fact.by {
            self.keep_out(user);
        }
    }

    pub(super) fn resent(&mut self, event: &event::InvitationResent, committed: &Committed) {
        self.change(&event.invitation, |invitation| {
            invitation.expires_at = event.expires_at;
            if event.mail {
                invitation.letter = Some(InvitationLetter::asked(committed));
            }
        });
    }

    fn change(&mut self, id: &InvitationId, change: impl FnOnce(&mut Invitation)) {
        change(Arc::make_mut(self.invitations.get_mut(id).expect("decide names an invitation that is there")));
    }

    /// What is left of a deleted book: who was there, so that they hear of its end.
    pub(super) fn book_deleted(&mut self) {
        *self = Self { people: std::mem::take(&mut self.people), first_end: self.first_end, ..Self::default() };
    }

    pub(super) fn save(&self) -> SavedMembers {
        let invitations = self.invitations.iter().map(|(id, invitation)| (id.clone(), Invitation::clone(invitation)));
        SavedMembers {
            members: self.iter().cloned().collect(),
            invitations: invitations.collect(),
            former: self.former.iter().cloned().collect(),
            claim: self.claim.clone(),
            requests: self.requests.clone(),
        }
    }

    pub(super) fn restore(saved: SavedMembers) -> Self {
        let first_end = saved.members.iter().filter_map(|member| member.until).min();
        let members = saved.members.into_iter().map(|member| (member.user.clone(), Arc::new(member)));
        Self {
            first_end,
            people: members.collect(),
            invitations: saved.invitations.into_iter().map(|(id, invitation)| (id, Arc::new(invitation))).collect(),
            former: saved.former.into_iter().collect(),
            claim: saved.claim,
            requests: saved.requests,
        }
    }

    pub(super) fn check_invariants(&self) {
        let owners = self.iter().filter(|member| member.role == Role::Owner).count();
        assert!(owners <= 1, "a book has one owner");
        assert_eq!(self.first_end, self.iter().filter_map(|member| member.until).min(), "the first end is known");
        for (user, member) in &self.people {
            assert_eq!(*user, member.user, "members are found by their id");
            assert!(member.role != Role::Owner || member.until.is_none(), "the owner stays");
            assert!(!self.former.contains(user), "who is a member is no former member");
        }
        assert!(owners == 0 || !matches!(self.claim, Some(Claim::Address(_))), "a claimed book is claimed");
        self.requests.check_invariants(|user| self.people.contains_key(user));
        for invitation in self.invitations.values() {
            assert_ne!(invitation.role, Role::Owner, "nobody is invited as owner");
        }
    }
}

#[cfg(test)]
mod tests;
