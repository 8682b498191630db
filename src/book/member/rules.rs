//! What may happen to members and invitations.

use quire_protocol::command::{
    InvitationAccept, InvitationDecline, InvitationResend, InvitationRevoke, MemberInvite, MemberRemove, MemberSetEnd,
    MemberSetRole,
};
use quire_protocol::event::{self, Claim, Event, Member};
use quire_protocol::frame::Answer;
use quire_protocol::{Action, InvitationId, Rejection, Role, UserId, What, text};

use super::Invitation;
use crate::book::access::{allows, not_found};
use crate::book::act::Caller;
use crate::book::fact::fingerprint;
use crate::book::{Book, Context, Decision, Outcome, measure};

impl Book {
    pub(in crate::book) fn decide_invite(
        &self,
        caller: &Caller<'_>,
        command: &MemberInvite,
    ) -> Result<Decision, Rejection> {
        let MemberInvite { invitation: id, role, .. } = command;
        let now = caller.context.now;
        check_role(*role)?;
        let email = text::normal_email(&command.email).ok_or(Rejection::invalid("email", "it is no address"))?;
        if let Some(existing) = self.members.invitations.get(id) {
            let again = existing.origin.is(caller.user, fingerprint(&(&email, role)));
            let answer = Answer::Invitation { invitation: id.clone() };
            return existing.origin.repeat(again, answer);
        }
        self.check_new_address(caller, &email)?;
        self.members.check_pace(caller.context, &email)?;
        let event = event::MemberInvited {
            invitation: id.clone(),
            email,
            role: *role,
            inviter: caller.person(),
            expires_at: now.plus_ms(caller.context.timers.invitation_ms),
            mail: caller.context.mails,
        };
        Ok(Decision { events: vec![event.into()], outcome: Outcome::Invited(id.clone()) })
    }

    /// Whether a member has this address, in normal form.
    pub fn has_member_at(&self, email: &str) -> bool {
        self.members.iter().any(|member| member.email == email)
    }

    /// Nobody is invited who is a member or invited already, nor more people than there may be.
    fn check_new_address(&self, caller: &Caller<'_>, email: &str) -> Result<(), Rejection> {
        let now = caller.context.now;
        if self.has_member_at(email) {
            return Err(Rejection::conflict("a member has this address"));
        }
        if self.members.is_invited(email, now) {
            return Err(Rejection::conflict("this address is invited already"));
        }
        measure::room_for_one(self.members.count(now), "members_per_book", caller.context.limits.members_per_book)
    }

    pub(in crate::book) fn decide_revoke(&self, command: &InvitationRevoke) -> Result<Decision, Rejection> {
        let InvitationRevoke { invitation } = command;
        self.members.open(invitation).ok_or(not_found(What::Invitation))?;
        Ok(Decision::one(event::InvitationRevoked { invitation: invitation.clone() }))
    }

    pub(in crate::book) fn decide_resend(
        &self,
        caller: &Caller<'_>,
        command: &InvitationResend,
    ) -> Result<Decision, Rejection> {
        let context = caller.context;
        let id = &command.invitation;
        let invitation = self.members.open(id).ok_or(not_found(What::Invitation))?;
        // One that lapsed counts for nothing, so bringing it back is like inviting anew.
        if !invitation.is_pending(context.now) {
            self.check_new_address(caller, &invitation.email)?;
        }
        self.members.check_pace(context, &invitation.email)?;
        let expires_at = context.now.plus_ms(context.timers.invitation_ms);
        Ok(Decision::one(event::InvitationResent { invitation: id.clone(), expires_at, mail: context.mails }))
    }

    pub(in crate::book) fn decide_accept(
        &self,
        caller: &Caller<'_>,
        command: &InvitationAccept,
    ) -> Result<Decision, Rejection> {
        let id = &command.invitation;
        let invitation = self.invitation_to(caller, id)?;
        if self.members.get(caller.user).is_some() {
            return Err(Rejection::conflict("you are a member already"));
        }
        if !invitation.is_pending(caller.context.now) {
            return Err(Rejection::conflict("the invitation has lapsed"));
        }
        // P14: the limit may be lower than when the invitation was sent.
        let (members, max) = (self.members.people.len(), caller.context.limits.members_per_book);
        measure::room_for_one(members, "members_per_book", max)?;
        Ok(Decision::one(caller.joins(invitation.role, Some(id.clone()))))
    }

    pub(in crate::book) fn decide_decline(
        &self,
        caller: &Caller<'_>,
        command: &InvitationDecline,
    ) -> Result<Decision, Rejection> {
        let id = &command.invitation;
        if !self.invitation_to(caller, id)?.is_pending(caller.context.now) {
            return Err(Rejection::conflict("the invitation has lapsed"));
        }
        Ok(Decision::one(event::InvitationDeclined { invitation: id.clone() }))
    }

    /// K23: an invitation is for whoever proves its address; for everybody else there is none.
    fn invitation_to(&self, caller: &Caller<'_>, id: &InvitationId) -> Result<&Invitation, Rejection> {
        let invitation = self.members.open(id).filter(|open| Some(open.email.as_str()) == caller.email);
        invitation.ok_or(not_found(What::Invitation))
    }

    pub(in crate::book) fn decide_set_role(
        &self,
        caller: &Caller<'_>,
        command: &MemberSetRole,
    ) -> Result<Decision, Rejection> {
        self.set_role(caller.context, &command.user, command.role)
    }

    /// A member but the owner has this role from now on.
    pub(in crate::book) fn set_role(
        &self,
        context: &Context<'_>,
        user: &UserId,
        role: Role,
    ) -> Result<Decision, Rejection> {
        check_role(role)?;
        let member = self.member_but_owner(user)?;
        if member.role == role {
            return Ok(Decision::nothing());
        }
        let loses_text = !allows(role, Action::EditText) && !self.library_allows(user, Action::EditText);
        let mut events = if loses_text { self.end_stakes_of(context, user) } else { Vec::new() };
        events.push(event::MemberRoleChanged { user: user.clone(), role }.into());
        Ok(Decision::done(events))
    }

    /// Says until when somebody is a member, or that nothing is said of it.
    pub(in crate::book) fn decide_set_end(
        &self,
        caller: &Caller<'_>,
        command: &MemberSetEnd,
    ) -> Result<Decision, Rejection> {
        let MemberSetEnd { user, until } = command;
        let member = self.member_but_owner(user)?;
        if let Some(until) = until {
            if *until <= caller.context.now {
                return Err(Rejection::invalid("until", "it is past"));
            }
            // Whoever gets something is not removed by the hub either.
            self.check_no_payee(user, caller.context.now)?;
        }
        if member.until == *until {
            return Ok(Decision::nothing());
        }
        Ok(Decision::one(event::MemberEndSet { user: user.clone(), until: *until }))
    }

    pub(in crate::book) fn decide_member_remove(
        &self,
        caller: &Caller<'_>,
        command: &MemberRemove,
    ) -> Result<Decision, Rejection> {
        self.remove_member(caller.context, &command.user)
    }

    /// A member but the owner goes.
    pub(in crate::book) fn remove_member(&self, context: &Context<'_>, user: &UserId) -> Result<Decision, Rejection> {
        let user = &self.member_but_owner(user)?.user;
        self.check_no_payee(user, context.now)?;
        let mut events = self.end_stakes_of(context, user);
        events.push(event::MemberRemoved { user: user.clone() }.into());
        Ok(Decision::done(events))
    }

    pub(in crate::book) fn decide_leave(&self, caller: &Caller<'_>) -> Result<Decision, Rejection> {
        self.check_no_payee(caller.user, caller.context.now)?;
        let mut events = self.end_stakes_of(caller.context, caller.user);
        events.push(event::MemberLeft { user: caller.user.clone() }.into());
        Ok(Decision::done(events))
    }

    /// P1: nobody changes what the owner is.
    pub(in crate::book) fn member_but_owner(&self, user: &UserId) -> Result<&Member, Rejection> {
        let member = self.members.get(user).ok_or(not_found(What::Member))?;
        if member.role == Role::Owner { Err(Rejection::invalid("user", "this is the owner")) } else { Ok(member) }
    }

    /// Somebody came who may become a member by the book's claim. An invitation to them goes before it: its role is
    /// the owner's choice.
    pub(in crate::book) fn decide_claim(&self, caller: &Caller<'_>) -> Result<Decision, Rejection> {
        if !self.exists() {
            return Err(not_found(What::Book));
        }
        let members = &self.members;
        let role = match members.claim() {
            Some(Claim::Address(address)) if caller.email == Some(address) => Role::Owner,
            Some(Claim::Anyone) if members.owner().is_none() => Role::Owner,
            Some(Claim::Anyone) => Role::Author,
            Some(Claim::Address(_)) | None => return Ok(Decision::nothing()),
        };
        let now = caller.context.now;
        let member = members.get(caller.user).is_some() || members.former.contains(caller.user);
        let invited = caller.email.is_some_and(|email| members.is_invited(email, now));
        let full = members.count(now) >= caller.context.limits.members_per_book;
        if member || (role != Role::Owner && (invited || full)) {
            return Ok(Decision::nothing());
        }
        Ok(Decision::one(caller.joins(role, None)))
    }
}

impl Caller<'_> {
    /// The caller as a member. Who has no verified address has an empty one.
    pub(in crate::book) fn as_member(&self, role: Role) -> Member {
        let email = self.email.unwrap_or_default().to_owned();
        Member { user: self.user.clone(), name: self.name(), email, role, until: None }
    }

    fn joins(&self, role: Role, invitation: Option<InvitationId>) -> Event {
        event::MemberJoined { member: self.as_member(role), invitation }.into()
    }
}

/// P1: the owner's role is given to nobody, not even by the owner.
pub(in crate::book) fn check_role(role: Role) -> Result<(), Rejection> {
    if role == Role::Owner { Err(Rejection::invalid("role", "a book has one owner")) } else { Ok(()) }
}
