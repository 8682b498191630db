//! Programs that webhooks of a town lead to: they keep every call, and answer as they are told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use quire::webhook::{Call, Called, Calls};
use serde_json::Value;

use super::Town;

/// Whoever is called, wherever that is.
#[derive(Clone, Default)]
pub struct Receiver(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    calls: Vec<Call>,
    answers: VecDeque<Option<u16>>,
    /// What is answered after those.
    then: Then,
}

/// How calls are answered.
#[derive(Clone, Copy, Default)]
enum Then {
    #[default]
    Yes,
    With(Option<u16>),
}

/// What somebody was told.
#[derive(Clone, Debug)]
pub struct Heard {
    pub url: String,
    pub id: String,
    pub signature: String,
    pub kind: String,
    pub data: Value,
}

impl Receiver {
    /// The hub of this town calls webhooks from now on.
    pub fn is_called_by(town: &Town) -> Self {
        tokio::spawn(Arc::clone(&town.hub).call_webhooks());
        town.receiver.clone()
    }

    /// Takes out everything that was said, the oldest first.
    pub fn heard(&self) -> Vec<Heard> {
        let calls = std::mem::take(&mut self.inside().calls);
        calls.into_iter().map(heard).collect()
    }

    /// What of, of everything that was said.
    pub fn kinds(&self) -> Vec<String> {
        self.heard().into_iter().map(|heard| heard.kind).collect()
    }

    /// The next calls are answered so, in order; `None`: not at all. Later ones with yes.
    pub fn answers(&self, statuses: &[Option<u16>]) {
        self.inside().answers.extend(statuses);
    }

    /// Every call is answered so from now on; `None`: not at all.
    pub fn always_answers(&self, status: Option<u16>) {
        self.inside().then = Then::With(status);
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn heard(call: Call) -> Heard {
    let Call { url, headers: [id, _, signature], body } = call;
    let mut said: Value = serde_json::from_str(&body).unwrap();
    let kind = said["type"].as_str().unwrap().to_owned();
    Heard { url, id: id.1, signature: signature.1, kind, data: said["data"].take() }
}

impl Calls for Receiver {
    fn check(&self, url: &str) -> Result<(), &'static str> {
        if url.contains(".internal") { Err("it leads to a private network") } else { Ok(()) }
    }

    fn call<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Called> {
        let mut inside = self.inside();
        inside.calls.push(call.clone());
        let then = match inside.then {
            Then::Yes => Some(200),
            Then::With(status) => status,
        };
        let status = inside.answers.pop_front().unwrap_or(then);
        let called = status.map_or_else(|| Called::failed("nobody answers".to_owned()), Called::answered);
        ready(called).boxed()
    }
}
