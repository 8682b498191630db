//! Webhooks: what they are told is owed before a book says that everybody was told, and called out of a log of each one's own,
//! so that nothing is lost with a hub. One replica calls; another one takes over once nothing is heard of it.

mod queue;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quire_protocol::command::{LibraryCommand, WebhookSend};
use quire_protocol::frame::Answer;
use quire_protocol::inbox::Told;
use quire_protocol::webhook::{Attempt, DeliveryState};
use quire_protocol::{Rejection, Timestamp, WebhookId, What};
use serde_json::json;
use tokio::sync::{Mutex as Turn, Notify};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::mail::Knower;
use super::telling::Telling;
use super::{Hub, ledger, random};
use crate::export::date;
use crate::library::webhook::Webhook;
use crate::library::{By, Doer, Library, Reply};
use crate::store::{LogId, hex};
use crate::telemetry::metric::{self, WebhookOutcome};
use crate::webhook::{Call, Called, Secret};
use queue::{Due, Queue, QueueChange, Said};

/// Nobody tells of what another replica left behind: it is looked for this often.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// And for what is due soon, no more often than this.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// Of those who are told, so many are named.
const TO_MAX: usize = 100;
/// With this status somebody says that nobody is there any more.
const GONE: u16 = 410;

/// Whoever calls webhooks, and whoever changes what they are owed.
#[derive(Default)]
pub(super) struct Webhooks {
    something: Notify,
    turn: Turn<()>,
    /// Those that are being called here.
    busy: Mutex<BTreeSet<WebhookId>>,
}

impl Webhooks {
    fn busy(&self) -> MutexGuard<'_, BTreeSet<WebhookId>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// Notes what webhooks are to be told, once however often it is asked for.
    pub(super) async fn owe_webhooks(&self, tellings: &[Telling]) -> Result<(), Rejection> {
        let mut owed = false;
        for webhook in self.library.listening() {
            let hears = |telling: &&Telling| telling.in_library && webhook.topics.contains(&telling.told.topic);
            let said: Vec<Said> = tellings.iter().filter(hears).map(|telling| said(&webhook.id, telling)).collect();
            if !said.is_empty() {
                self.owe_webhook(&webhook.id, &said).await?;
                owed = true;
            }
        }
        if owed {
            self.webhooks.something.notify_one();
        }
        Ok(())
    }

    async fn owe_webhook(&self, id: &WebhookId, said: &[Said]) -> Result<(), Rejection> {
        let keep = self.limits.webhook_deliveries;
        let owe = |said: &Said| QueueChange::Owed { said: Box::new(said.clone()), keep, by: self.replica.clone() };
        let new = |queue: &Queue| said.iter().filter(|said| !queue.knows(&said.id)).map(owe).collect();
        self.change_queue(id, |queue| Ok(new(queue))).await.map(drop)
    }

    async fn change_queue(
        &self,
        id: &WebhookId,
        decide: impl Fn(&Queue) -> Result<Vec<QueueChange>, Rejection>,
    ) -> Result<Vec<QueueChange>, Rejection> {
        let _turn = self.webhooks.turn.lock().await;
        ledger::change(self, &LogId::Webhook(id.clone()), decide).await
    }

    async fn queue(&self, id: &WebhookId) -> Result<Queue, Rejection> {
        ledger::read::<Queue>(self, &LogId::Webhook(id.clone())).await.map(|(queue, _, _)| queue)
    }

    // === What managers ask ===

    /// Whether a webhook may be set like this, as far as its address says so itself.
    pub(super) fn check_webhook(&self, command: &LibraryCommand) -> Result<(), Rejection> {
        let LibraryCommand::WebhookSet(set) = command else { return Ok(()) };
        let calls = self.calls.as_ref().ok_or_else(|| Rejection::conflict("this hub calls no webhooks"))?;
        calls.check(&set.url).map_err(|wrong| Rejection::invalid("url", wrong))
    }

    /// Does what a command about webhooks means besides what the library keeps of it, and answers it.
    pub(super) async fn answer_about_webhooks(
        &self,
        command: &LibraryCommand,
        reply: &Reply,
        answer: Answer,
    ) -> Result<Answer, Rejection> {
        match (command, answer) {
            (LibraryCommand::WebhookSet(_), Answer::Webhook { webhook, .. }) => {
                let Reply::Webhook { new, renew, .. } = reply else { return Ok(Answer::Done {}) };
                let secret = self.key_webhook(&webhook.id, *new, *renew).await?;
                Ok(Answer::Webhook { webhook, secret: secret.as_ref().map(Secret::text) })
            }
            (LibraryCommand::WebhookRemove(remove), answer) => {
                let removed = |queue: &Queue| {
                    let is_there = *queue != Queue::default();
                    Ok(is_there.then_some(QueueChange::Removed).into_iter().collect())
                };
                self.change_queue(&remove.webhook, removed).await?;
                Ok(answer)
            }
            (LibraryCommand::WebhookSend(send), answer) => {
                self.send_to_webhook(send).await?;
                self.webhooks.something.notify_one();
                Ok(answer)
            }
            (LibraryCommand::WebhookDeliveries(query), _) => {
                let queue = self.queue(&query.webhook).await?;
                Ok(Answer::Deliveries { deliveries: queue.deliveries(), waiting: queue.waiting() })
            }
            (_, answer) => Ok(answer),
        }
    }

    /// Gives a webhook a secret, if it is `new`, has none, or is to have a new one; that secret.
    async fn key_webhook(&self, id: &WebhookId, new: bool, renew: bool) -> Result<Option<Secret>, Rejection> {
        let secret = Secret::random();
        let key = |queue: &Queue| {
            let keyed =
                (new || renew || queue.secret().is_none()).then(|| QueueChange::Keyed { secret: secret.clone() });
            // What an earlier one of this name was owed is none of this one's.
            let emptied = (new && *queue != Queue::default()).then_some(QueueChange::Removed);
            Ok(emptied.into_iter().chain(keyed).collect())
        };
        let changes = self.change_queue(id, key).await?;
        Ok(changes.iter().any(|change| matches!(change, QueueChange::Keyed { .. })).then_some(secret))
    }

    async fn send_to_webhook(&self, send: &WebhookSend) -> Result<(), Rejection> {
        let WebhookSend { webhook, delivery } = send;
        let Some(delivery) = delivery else {
            let said = Said { id: format!("msg_{:016x}", random()), told: None, to: Vec::new() };
            return self.owe_webhook(webhook, &[said]).await;
        };
        let again = |queue: &Queue| {
            if queue.waits(delivery) {
                return Ok(Vec::new());
            }
            let no_such_delivery = || Rejection::NotFound { what: What::Delivery };
            let again = QueueChange::Again { id: delivery.clone(), by: self.replica.clone() };
            queue.is_over(delivery).then(|| vec![again]).ok_or_else(no_such_delivery)
        };
        self.change_queue(webhook, again).await.map(drop)
    }

    // === Calling them ===

    /// Calls webhooks for as long as the hub runs, one call at a time to each.
    pub async fn call_webhooks(self: Arc<Self>) {
        let mut tasks = JoinSet::new();
        let mut pause = Duration::ZERO;
        while !self.is_draining() && self.calls.is_some() {
            // Either way it is time to look.
            drop(tokio::time::timeout(pause, self.webhooks.something.notified()).await);
            while tasks.try_join_next().is_some() {}
            pause = LOOK_EVERY;
            if self.granted(true).await.is_err() {
                continue;
            }
            let listening: BTreeSet<_> = self.library.listening().into_iter().map(|webhook| webhook.id).collect();
            for id in self.library.webhooks() {
                if self.webhooks.busy().contains(&id) {
                    continue;
                }
                let give_up_ms = self.timers.webhook_ms;
                let due_at = |queue: Queue| {
                    let next = queue.due_at(self.among_others(), give_up_ms);
                    // While it is off or rests, or cannot sign, nothing happens but that it becomes too late.
                    let is_called = listening.contains(&id) && queue.secret().is_some();
                    if is_called { next } else { queue.late_at(give_up_ms) }
                };
                let wait = match self.queue(&id).await.map(due_at) {
                    Ok(None) | Err(_) => continue,
                    Ok(Some(due_at)) => Duration::from_millis(due_at.0.saturating_sub(self.clock.now().0)),
                };
                pause = pause.min(wait.max(LOOK_AGAIN));
                if wait.is_zero() {
                    self.begin_to_call(&mut tasks, id);
                }
            }
        }
    }

    fn begin_to_call(self: &Arc<Self>, tasks: &mut JoinSet<()>, id: WebhookId) {
        if !self.webhooks.busy().insert(id.clone()) {
            return;
        }
        let hub = Arc::clone(self);
        tasks.spawn(async move {
            let called = loop {
                match hub.call_webhook(&id).await {
                    Ok(true) => {}
                    ended => break ended,
                }
            };
            hub.webhooks.busy().remove(&id);
            match called {
                // What was owed meanwhile may be due.
                Ok(_) => hub.webhooks.something.notify_one(),
                Err(rejection) => tracing::warn!(webhook = %id, %rejection, "a webhook will be called later"),
            }
        });
    }

    /// Tells a webhook the next thing that is due. No: nothing is.
    async fn call_webhook(self: &Arc<Self>, id: &WebhookId) -> Result<bool, Rejection> {
        // Whoever set it may have lost what lets it hear anything.
        self.granted(true).await?;
        let listening = self.library.listening().into_iter().find(|webhook| webhook.id == *id);
        let now = self.clock.now();
        let due = |queue: &Queue| queue.due(self.among_others(), now, self.timers.webhook_ms);
        let queue = self.queue(id).await?;
        let Some(Due { said, is_late }) = due(&queue) else { return Ok(false) };
        if is_late {
            metric::webhook(WebhookOutcome::GivenUp);
            self.end_delivery(id, &said, DeliveryState::GivenUp).await?;
            return Ok(true);
        }
        let (Some(webhook), Some(secret)) = (listening, queue.secret()) else { return Ok(false) };
        let tried = QueueChange::Tried { id: said.id.clone(), by: self.replica.clone() };
        let is_mine = |queue: &Queue| due(queue).is_some_and(|due| due.said.id == said.id);
        let begin = |queue: &Queue| Ok(is_mine(queue).then(|| tried.clone()).into_iter().collect());
        if self.change_queue(id, begin).await?.is_empty() {
            // Another replica was faster.
            return Ok(false);
        }
        let told = match said.told.clone() {
            None => None,
            Some(told) => {
                let knower = Knower::Webhook { by: webhook.by.user.clone() };
                let Some(told) = self.still_known(&knower, vec![told], true).await?.pop() else {
                    self.end_delivery(id, &said, DeliveryState::Withheld).await?;
                    return Ok(true);
                };
                Some(told)
            }
        };
        self.tell_webhook(&webhook, secret, &said, told).await?;
        Ok(true)
    }

    async fn tell_webhook(
        self: &Arc<Self>,
        webhook: &Webhook,
        secret: &Secret,
        said: &Said,
        told: Option<Told>,
    ) -> Result<(), Rejection> {
        let Some(calls) = &self.calls else { return Ok(()) };
        let now = self.clock.now();
        let call = Call::signed(&webhook.url, &said.id, now.0 / 1000, body(said, told, now), secret);
        let begun = Instant::now();
        let Called { status, problem } = calls.call(&call).await;
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let is_done = problem.is_none();
        metric::webhook(if is_done { WebhookOutcome::Delivered } else { WebhookOutcome::Postponed });
        let attempt = Attempt { at: self.clock.now(), ms, status, problem };
        let ended = is_done.then_some(DeliveryState::Delivered);
        let called = QueueChange::Called { id: said.id.clone(), attempt, ended };
        self.change_queue(&webhook.id, |_| Ok(vec![called.clone()])).await?;
        if status == Some(GONE) {
            self.turn_off(webhook).await?;
        }
        Ok(())
    }

    async fn end_delivery(&self, id: &WebhookId, said: &Said, state: DeliveryState) -> Result<(), Rejection> {
        let ended = QueueChange::Ended { id: said.id.clone(), state };
        self.change_queue(id, |_| Ok(vec![ended.clone()])).await.map(drop)
    }

    /// A webhook says that nobody is there any more.
    async fn turn_off(self: &Arc<Self>, webhook: &Webhook) -> Result<(), Rejection> {
        let by = By { doer: Doer::Hub, note: Some("its address says that nobody is there any more".to_owned()) };
        let off = |library: &Library| Ok((library.turned_off(webhook), ()));
        let ((), steps) = self.change_library(&by, off).await?;
        self.heed_soon(steps);
        Ok(())
    }
}

fn said(webhook: &WebhookId, telling: &Telling) -> Said {
    let digest = hex(&format!("{webhook}/{}", telling.told.id));
    let to = telling.to.iter().take(TO_MAX).cloned().collect();
    Said { id: format!("msg_{}", &digest[..24]), told: Some(telling.told.clone()), to }
}

/// What a webhook is told. `told` as it is now; `None`: a test.
fn body(said: &Said, told: Option<Told>, now: Timestamp) -> String {
    let (kind, at) = told.as_ref().map_or(("test", now), |told| (told.topic.as_str(), told.at));
    let timestamp = date::utc_ms(at);
    let data = match told {
        Some(told) => json!({ "told": told, "to": said.to }),
        None => json!({}),
    };
    json!({ "type": kind, "timestamp": timestamp, "data": data }).to_string()
}
