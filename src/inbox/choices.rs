//! By which channels one person wants to be told of what.

use std::collections::{BTreeMap, BTreeSet};

use quire_protocol::inbox::{ByMail, Topic, TopicChoice};
use serde::{Deserialize, Serialize};

/// What somebody chose. Of a topic of which they chose nothing they are told as [`by_default`] says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Choices(BTreeMap<Topic, Chosen>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Chosen {
    inbox: bool,
    mail: ByMail,
}

/// How often somebody is mailed who chose nothing. What they have to do, or would not find out otherwise, comes at once;
/// what is over before a letter is read does not; an invitation has a letter of its own.
const fn by_default(topic: Topic) -> ByMail {
    match topic {
        Topic::RoleChanged
        | Topic::Removed
        | Topic::Mentioned
        | Topic::Replied
        | Topic::Assigned
        | Topic::Submitted
        | Topic::ChangesRequested
        | Topic::Approved
        | Topic::Published
        | Topic::Unpublished
        | Topic::AccessRequested
        | Topic::AccessGranted
        | Topic::OwnershipOffered
        | Topic::OwnershipTransferred => ByMail::AtOnce,
        // Only who has a permission for it is told at all.
        Topic::BookShelved => ByMail::Daily,
        Topic::Invited
        | Topic::LockAsked
        | Topic::LockReceived
        | Topic::LockTaken
        | Topic::LockIdle
        | Topic::VersionRestored => ByMail::Off,
    }
}

impl Choices {
    /// Nothing of these topics, by any channel.
    pub(super) fn silent(topics: &BTreeSet<Topic>) -> Self {
        Self(topics.iter().map(|topic| (*topic, Chosen { inbox: false, mail: ByMail::Off })).collect())
    }

    pub(super) fn of(&self, topic: Topic) -> TopicChoice {
        let Chosen { inbox, mail } =
            self.0.get(&topic).copied().unwrap_or(Chosen { inbox: true, mail: by_default(topic) });
        TopicChoice { topic, inbox, mail }
    }

    /// Which of these are not so yet, one for each topic.
    pub(super) fn changed_by(&self, choices: &[TopicChoice]) -> Vec<TopicChoice> {
        let last: BTreeMap<Topic, &TopicChoice> = choices.iter().map(|choice| (choice.topic, choice)).collect();
        last.into_values().filter(|choice| self.of(choice.topic) != **choice).cloned().collect()
    }

    pub(super) fn set(&mut self, choices: Vec<TopicChoice>) {
        self.0.extend(choices.into_iter().map(|TopicChoice { topic, inbox, mail }| (topic, Chosen { inbox, mail })));
    }
}
