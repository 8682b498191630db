//! By which channels a library lets anybody be told of what. It narrows what people choose, and widens nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use quire_protocol::inbox::{Topic, TopicSwitch};
use serde::{Deserialize, Serialize};

/// The switches of a library: those that are not wholly on. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<TopicSwitch>", into = "Vec<TopicSwitch>")]
pub struct Switches(Arc<BTreeMap<Topic, TopicSwitch>>);

impl Switches {
    /// Of these topics nobody is told, by any channel.
    pub(super) fn silent(topics: &BTreeSet<Topic>) -> Self {
        topics.iter().map(|topic| TopicSwitch { topic: *topic, inbox: false, mail: false }).collect::<Vec<_>>().into()
    }

    /// The switch of a topic.
    pub(super) fn of(&self, topic: Topic) -> TopicSwitch {
        self.0.get(&topic).cloned().unwrap_or_else(|| on(topic))
    }

    /// Which of these are not so yet, one for each topic.
    pub(super) fn changed_by(&self, switches: &[TopicSwitch]) -> Vec<TopicSwitch> {
        let last: BTreeMap<Topic, &TopicSwitch> = switches.iter().map(|switch| (switch.topic, switch)).collect();
        last.into_values().filter(|switch| self.of(switch.topic) != **switch).cloned().collect()
    }

    pub(super) fn set(&mut self, switches: &[TopicSwitch]) {
        let all = Arc::make_mut(&mut self.0);
        all.extend(switches.iter().map(|switch| (switch.topic, switch.clone())));
        all.retain(|topic, switch| *switch != on(*topic));
    }
}

const fn on(topic: Topic) -> TopicSwitch {
    TopicSwitch { topic, inbox: true, mail: true }
}

impl From<Vec<TopicSwitch>> for Switches {
    fn from(switches: Vec<TopicSwitch>) -> Self {
        let mut all = Self::default();
        all.set(&switches);
        all
    }
}

impl From<Switches> for Vec<TopicSwitch> {
    fn from(switches: Switches) -> Self {
        switches.0.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests;
