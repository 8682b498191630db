//! What a wish about a library means.

use quire_protocol::command::{
    LibraryBooks, LibraryCommand, UserAdd, UserRemove, UserUpdate, UsersList, WebhookDeliveries, WebhookSend,
};
use quire_protocol::event::{Claim, Person};
use quire_protocol::library::{Permission, Shared};
use quire_protocol::{Limits, Rejection, Timers, Timestamp, UserId, WebhookId, text};

use super::enter::{Entered, no_such_library};
use super::user::{self, User};
use super::webhook::no_such_webhook;
use super::{Event, Library, Owner, key};

/// Who wishes something of a library.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    /// Who.
    pub user: &'a UserId,
    /// Their name.
    pub name: &'a str,
    /// Their verified address in normal form.
    pub email: Option<&'a str>,
}

/// Everything a decision may depend on besides the library (I10).
pub struct Context<'a> {
    /// Who wishes.
    pub visitor: Visitor<'a>,
    /// The time of day.
    pub now: Timestamp,
    /// Whose the library is that nobody owns yet, once they come.
    pub claim: Option<&'a Claim>,
    /// How much of everything.
    pub limits: &'a Limits,
    /// How long everything takes.
    pub timers: &'a Timers,
    /// Letters are sent.
    pub mails: bool,
}

/// A yes: what to append, and what to answer once it is durable and applied.
#[derive(Debug, PartialEq)]
pub struct Decision {
    /// In order; empty if nothing changes.
    pub events: Vec<Event>,
    /// How it is answered: see [`Library::answer`].
    pub reply: Reply,
}

/// How a wish is answered from the library as it is then.
#[derive(Debug, PartialEq)]
pub enum Reply {
    /// With yes.
    Done,
    /// With what the visitor sees of it.
    View,
    /// With what became of each address.
    Shared(Vec<Shared>),
    /// With this user.
    User(String),
    /// With a page of users.
    Users(UsersList),
    /// With a page of books.
    Books(LibraryBooks),
    /// With this webhook.
    Webhook {
        /// Which.
        webhook: WebhookId,
        /// There was none before.
        new: bool,
        /// It is to get a new secret.
        renew: bool,
    },
    /// With all webhooks.
    Webhooks,
}

impl Decision {
    pub(super) fn done(events: Vec<Event>) -> Self {
        Self { events, reply: Reply::Done }
    }

    fn says(reply: Reply) -> Self {
        Self { events: Vec::new(), reply }
    }
}

impl Context<'_> {
    /// The visitor as others see them.
    pub fn person(&self) -> Person {
        let name = text::clean_line(self.visitor.name).chars().take(self.limits.name_chars).collect();
        Person { user: self.visitor.user.clone(), name }
    }

    /// In whose name somebody is mailed who is asked now; `None`: they are not.
    pub(super) fn mail(&self) -> Option<Person> {
        self.mails.then(|| self.person())
    }

    /// Until when somebody may join who is asked now.
    pub(super) fn asked_until(&self) -> Timestamp {
        self.now.plus_ms(self.timers.invitation_ms)
    }
}

impl Library {
    /// What a wish means: the events to append and how to answer, or why not. Changes nothing (I1).
    pub fn decide(&self, context: &Context<'_>, command: &LibraryCommand) -> Result<Decision, Rejection> {
        match command {
            LibraryCommand::LibraryOpen(_) => self.decide_open(context),
            LibraryCommand::LibraryClose(_) => Ok(Decision::done(Vec::new())),
            LibraryCommand::LibraryJoin(_) => self.decide_join(context),
            LibraryCommand::LibraryDecline(_) => self.decide_decline(context),
            LibraryCommand::LibraryLeave(_) => self.decide_leave(context),
            LibraryCommand::LibraryBooks(query) => {
                self.enter(&context.visitor)?;
                Ok(Decision::says(Reply::Books(query.clone())))
            }
            LibraryCommand::UsersList(query) => {
                self.enter(&context.visitor)?.permit(Permission::ListUsers)?;
                Ok(Decision::says(Reply::Users(query.clone())))
            }
            LibraryCommand::LibraryShare(share) => {
                let permit = self.enter(&context.visitor)?.permit(Permission::Settings)?;
                self.decide_share(context, permit, share)
            }
            LibraryCommand::LibraryAllow(allow) => {
                self.enter(&context.visitor)?.permit(Permission::Settings)?;
                let switches = self.switches.changed_by(&allow.switches);
                let events = if switches.is_empty() { Vec::new() } else { vec![Event::Allowed { switches }] };
                Ok(Decision::done(events))
            }
            LibraryCommand::WebhooksList(_) => {
                self.enter(&context.visitor)?.permit(Permission::Settings)?;
                Ok(Decision::says(Reply::Webhooks))
            }
            LibraryCommand::WebhookSet(set) => {
                self.enter(&context.visitor)?.permit(Permission::Settings)?;
                self.decide_webhook(context, set)
            }
            LibraryCommand::WebhookRemove(remove) => {
                self.enter(&context.visitor)?.permit(Permission::Settings)?;
                Ok(self.decide_webhook_removal(&remove.webhook))
            }
            LibraryCommand::WebhookSend(WebhookSend { webhook, .. })
            | LibraryCommand::WebhookDeliveries(WebhookDeliveries { webhook }) => {
                self.enter(&context.visitor)?.permit(Permission::Settings)?;
                self.webhook(webhook).ok_or_else(no_such_webhook)?;
                Ok(Decision::says(Reply::Done))
            }
            LibraryCommand::UserAdd(add) => self.decide_add(context, self.enter(&context.visitor)?, add),
            LibraryCommand::UserUpdate(update) => self.decide_update(context, self.enter(&context.visitor)?, update),
            LibraryCommand::UserRemove(remove) => self.decide_remove(self.enter(&context.visitor)?, remove),
        }
    }

    /// Whoever may have the library that nobody owns has it by looking at it.
    fn decide_open(&self, context: &Context<'_>) -> Result<Decision, Rejection> {
        let visitor = &context.visitor;
        let may_claim = match context.claim {
            Some(Claim::Anyone) => true,
            Some(Claim::Address(address)) => visitor.email == Some(address),
            None => false,
        };
        if self.owner.is_none() && may_claim {
            let owner = Owner { person: context.person(), email: visitor.email.map(ToOwned::to_owned) };
            return Ok(Decision { events: vec![Event::Claimed { owner }], reply: Reply::View });
        }
        if self.asked(visitor).is_none() {
            self.enter(visitor)?;
        }
        Ok(Decision::says(Reply::View))
    }

    fn decide_join(&self, context: &Context<'_>) -> Result<Decision, Rejection> {
        if self.enter(&context.visitor).is_ok() {
            return Ok(Decision::done(Vec::new()));
        }
        let record = self.asked(&context.visitor).ok_or_else(no_such_library)?;
        if record.asked_until.is_none_or(|until| until <= context.now) {
            return Err(Rejection::conflict("you were asked too long ago; let yourself be asked again"));
        }
        if self.accounts.contains_key(context.visitor.user) {
            return Err(Rejection::conflict("you belong to the library under another address"));
        }
        let email = record.email().to_owned();
        Ok(Decision::done(vec![Event::UserJoined { email, user: context.person() }]))
    }

    fn decide_decline(&self, context: &Context<'_>) -> Result<Decision, Rejection> {
        let record = self.asked(&context.visitor).ok_or_else(no_such_library)?;
        Ok(Decision::done(vec![Event::UserDeclined { email: record.email().to_owned() }]))
    }

    fn decide_leave(&self, context: &Context<'_>) -> Result<Decision, Rejection> {
        let user = context.visitor.user;
        if self.is_owner(user) {
            return Err(Rejection::conflict("the library is yours"));
        }
        let record = self.record_of(user).ok_or_else(no_such_library)?;
        Ok(Decision::done(vec![Event::UserLeft { email: record.email().to_owned() }]))
    }

    fn decide_add(&self, context: &Context<'_>, by: Entered<'_>, add: &UserAdd) -> Result<Decision, Rejection> {
        let details = user::clean(add.details.clone(), context.limits)?;
        let role = details.role.as_deref().map(key);
        // T8: the new user must be one of those whom the caller may add.
        if !by.reaches(Permission::AddUsers, &user::facts_of(&details, role.as_deref())) {
            return Err(Rejection::Forbidden);
        }
        let email = self.free_address(&add.email)?;
        let reply = Reply::User(email.clone());
        match self.users.get(&email) {
            Some(known) if known.details == details => Ok(Decision::says(reply)),
            Some(_) => Err(Rejection::IdTaken),
            None => {
                self.check_room(0, context.limits)?;
                let asked_until = context.asked_until();
                let mail = context.mail();
                Ok(Decision { events: vec![Event::UserAdded { email, details, asked_until, mail }], reply })
            }
        }
    }

    fn decide_update(
        &self,
        context: &Context<'_>,
        by: Entered<'_>,
        update: &UserUpdate,
    ) -> Result<Decision, Rejection> {
        let user = by.find(self, Permission::EditUsers, &update.email)?;
        let details = user::clean(user.details.clone().patched(update.patch.clone()), context.limits)?;
        let role = details.role.as_deref().map(key);
        // T9: nobody moves a user out of what they may edit.
        if !by.reaches(Permission::EditUsers, &user::facts_of(&details, role.as_deref())) {
            return Err(Rejection::Forbidden);
        }
        let active = update.active.unwrap_or(user.active);
        if active != user.active {
            check_above(by, user)?;
        }
        let email = user.email().to_owned();
        let reply = Reply::User(email.clone());
        if details == user.details && active == user.active {
            return Ok(Decision::says(reply));
        }
        Ok(Decision { events: vec![Event::UserUpdated { email, details, active }], reply })
    }

    pub(super) fn decide_remove(&self, by: Entered<'_>, remove: &UserRemove) -> Result<Decision, Rejection> {
        let user = by.find(self, Permission::DeleteUsers, &remove.email)?;
        check_above(by, user)?;
        Ok(Decision::done(vec![Event::UserRemoved { email: user.email().to_owned() }]))
    }

    /// An address in normal form that is not the owner's.
    pub(super) fn free_address(&self, email: &str) -> Result<String, Rejection> {
        let email = text::normal_email(email).ok_or_else(|| Rejection::invalid("email", "this is no address"))?;
        let owners = self.owner.as_ref().and_then(|owner| owner.email.as_deref());
        if owners == Some(&email) { Err(Rejection::invalid("email", "this is the owner")) } else { Ok(email) }
    }

    /// There is room for one more user besides so many new ones.
    pub(super) fn check_room(&self, new: usize, limits: &Limits) -> Result<(), Rejection> {
        let (used, max) = (self.users.len() + new, limits.users_per_library);
        if used < max {
            return Ok(());
        }
        Err(Rejection::LimitReached { limit: "users_per_library".into(), max: max as u64, used: used as u64 })
    }
}

/// T10: nobody removes or rests themselves, nor who may manage settings without managing settings.
fn check_above(by: Entered<'_>, user: &User) -> Result<(), Rejection> {
    if by.is(user.account.as_ref()) {
        return Err(Rejection::conflict("this is you"));
    }
    let outranked = user.rights.has(Permission::Settings) && !by.rights().has(Permission::Settings);
    if outranked { Err(Rejection::Forbidden) } else { Ok(()) }
}
