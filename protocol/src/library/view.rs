//! What somebody sees of a library.

use serde::{Deserialize, Serialize};

use super::{Grant, Permission};
use crate::command::Change;
use crate::event::Person;
use crate::id::{BookId, Timestamp, UserId};
use crate::publishing::{ListedRevision, PublishState};
use crate::rejection::Refusal;
use crate::tagged::records;
use crate::view::InvitationMail;

/// What is said of a user.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(default)]
pub struct UserDetails {
    /// Their name; absent: as they call themselves when they join.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where they work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// In which part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Their country (ISO 3166-1 alpha-2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Their role in the library, in the library's own words. It allows nothing; permissions may be limited to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// A change of [`UserDetails`]: an absent field stays, null empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(default)]
pub struct UserPatch {
    /// Name.
    #[serde(default, deserialize_with = "crate::codec::present", skip_serializing_if = "Option::is_none")]
    pub name: Change<String>,
    /// Organisation.
    #[serde(default, deserialize_with = "crate::codec::present", skip_serializing_if = "Option::is_none")]
    pub organisation: Change<String>,
    /// Department.
    #[serde(default, deserialize_with = "crate::codec::present", skip_serializing_if = "Option::is_none")]
    pub department: Change<String>,
    /// Country.
    #[serde(default, deserialize_with = "crate::codec::present", skip_serializing_if = "Option::is_none")]
    pub country: Change<String>,
    /// Role.
    #[serde(default, deserialize_with = "crate::codec::present", skip_serializing_if = "Option::is_none")]
    pub role: Change<String>,
}

impl UserDetails {
    /// These with `patch` made to them.
    #[must_use]
    pub fn patched(mut self, patch: UserPatch) -> Self {
        let UserPatch { name, organisation, department, country, role } = patch;
        let fields = [
            (&mut self.name, name),
            (&mut self.organisation, organisation),
            (&mut self.department, department),
            (&mut self.country, country),
            (&mut self.role, role),
        ];
        for (field, change) in fields {
            if let Some(value) = change {
                *field = value;
            }
        }
        self
    }
}

/// Where somebody stands in a library.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// Asked to join; what is given to them allows nothing yet.
    Asked,
    /// Asked so long ago that they cannot join before they are asked again.
    Lapsed,
    /// They joined.
    Joined,
    /// They joined, and what they may do rests.
    Inactive,
}

records! {
    /// A user as somebody sees them who may.
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    UserRow {
        /// Their address, in normal form: nobody else of the library has it.
        email: String,
        /// Who it is; null before they joined.
        user: Option<UserId>,
        /// What is said of them.
        details: UserDetails,
        /// Where they stand.
        state: UserState,
        /// When they joined.
        joined_at: Option<Timestamp>,
        /// Until when they may join; null once they did.
        asked_until: Option<Timestamp>,
        /// What became of the letter that asked them; absent: none did, they joined, or the viewer may not manage settings.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        mail: Option<InvitationMail>,
        /// What was given to them; absent for viewers who may not manage settings.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        grants: Option<Vec<Grant>>,
    }
    /// A book of the library as somebody sees it who may list it.
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    LibraryBookRow {
        /// Which.
        id: BookId,
        /// Its title.
        title: String,
        /// Its categories.
        categories: Vec<String>,
        /// Who owns it; null while nobody does.
        owner: Option<Person>,
        /// How far it is on its way to its readers.
        #[serde(default)]
        state: PublishState,
        /// What was submitted; absent if nothing is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        revision: Option<ListedRevision>,
        /// What the caller may do with it by permissions of the library.
        may: Vec<Permission>,
    }
    /// The answer to `library.open`.
    LibraryView {
        /// Whose it is; null while it is nobody's.
        owner: Option<Person>,
        /// The caller's own record; null if there is none.
        you: Option<UserRow>,
        /// Every permission that the caller has for anything, in the order of the table.
        can: Vec<Permission>,
        /// What was given to the caller. The owner may do everything and needs nothing given.
        grants: Vec<Grant>,
        /// Users that the caller may list.
        users: u32,
        /// Books that the caller may list.
        books: u32,
    }
    /// What became of one address of `library.share`.
    Shared {
        /// As it was sent.
        email: String,
        /// What was done; absent if nothing was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        done: Option<SharedAs>,
        /// Why nothing was done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        err: Option<Refusal>,
    }
}

/// What sharing did for one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SharedAs {
    /// They are asked to join, and have this once they do.
    Asked,
    /// They have it from now on.
    Granted,
    /// They had it already.
    Unchanged,
}
