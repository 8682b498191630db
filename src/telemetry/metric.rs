//! Metrics, by function: whoever calls one cannot misspell a name or choose a label.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Gauge, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use quire_protocol::{CloseCode, Rejection};

const CONNECTIONS: &str = "quire_connections";
const SESSIONS: &str = "quire_sessions";
const BOOKS_ACTIVE: &str = "quire_books_active";
const CONNECTIONS_REFUSED: &str = "quire_connections_refused_total";
const REQUESTS: &str = "quire_http_requests_total";
const COMMANDS: &str = "quire_commands_total";
const EVENTS: &str = "quire_events_total";
const DELIVERIES: &str = "quire_deliveries_total";
const CLOSES: &str = "quire_closes_total";
const OUTBOX_OVERFLOWS: &str = "quire_outbox_overflows_total";
const LEASE_HELD: &str = "quire_lease_held";
const OTHER_REPLICAS: &str = "quire_other_replicas";
const SIGNALS_HEARD: &str = "quire_signals_heard_total";
const APPENDS: &str = "quire_appends_total";
const APPEND_SECONDS: &str = "quire_append_seconds";
const STORE_UP: &str = "quire_store_up";
const STORE_LINES_LOST: &str = "quire_store_lines_lost_total";
const STORE_CALLS: &str = "quire_store_calls_total";
const STORE_CALL_SECONDS: &str = "quire_store_call_seconds";
const LETTERS: &str = "quire_letters_total";
const WEBHOOKS: &str = "quire_webhooks_total";

/// Bounds of the histograms of appends and calls, in seconds: an fsync takes 0.1 ms to 50 ms, a store in trouble longer.
const APPEND_SECONDS_BOUNDS: [f64; 11] = [0.0001, 0.0003, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];
/// How often histograms are drained; without it they grow.
const UPKEEP: Duration = Duration::from_secs(5);

/// The metrics of this process as text.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Starts to collect, once in a process; a second call returns the same collection.
    pub fn start() -> Self {
        static STARTED: OnceLock<Metrics> = OnceLock::new();
        let start = || {
            let recorder = recorder();
            let metrics = Self(recorder.handle());
            metrics::set_global_recorder(recorder).expect("nothing else in this program sets a recorder");
            describe();
            metrics
        };
        STARTED.get_or_init(start).clone()
    }

    /// In the text format of Prometheus.
    pub fn text(&self) -> String {
        self.0.render()
    }

    /// Keeps the collection small; runs for ever.
    pub async fn upkeep(self) {
        let mut ticks = tokio::time::interval(UPKEEP);
        loop {
            ticks.tick().await;
            self.0.run_upkeep();
        }
    }
}

pub(super) fn recorder() -> PrometheusRecorder {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(APPEND_SECONDS.to_owned()), &APPEND_SECONDS_BOUNDS)
        .and_then(|builder| {
            builder.set_buckets_for_metric(Matcher::Full(STORE_CALL_SECONDS.to_owned()), &APPEND_SECONDS_BOUNDS)
        })
        .expect("the bounds are not empty")
        .build_recorder()
}

/// Tells the recorder of every metric: its name, its kind, and what it counts.
pub fn describe() {
    describe_gauge!(CONNECTIONS, "Open connections, HTTP and WebSocket.");
    describe_gauge!(SESSIONS, "Sessions that said hello.");
    describe_gauge!(BOOKS_ACTIVE, "Books with an actor.");
    describe_counter!(CONNECTIONS_REFUSED, "Connections and upgrades that were refused, by reason.");
    describe_counter!(REQUESTS, "HTTP requests, by route and status.");
    describe_counter!(COMMANDS, "Commands, by kind and outcome (ok or the code of the refusal).");
    describe_counter!(EVENTS, "Events that were made durable.");
    describe_counter!(DELIVERIES, "Frames that were written or queued for a session.");
    describe_counter!(CLOSES, "Connections that the hub closed, by close code.");
    describe_counter!(OUTBOX_OVERFLOWS, "Sessions that were too slow for their outbox.");
    describe_gauge!(LEASE_HELD, "1 while this replica may write, 0 while its lease in the shared store is over.");
    describe_gauge!(OTHER_REPLICAS, "Other replicas that hold a lease.");
    describe_counter!(SIGNALS_HEARD, "Signals of other replicas, by kind.");
    describe_counter!(APPENDS, "Appends, by outcome.");
    describe_histogram!(APPEND_SECONDS, "Time until an append was durable.");
    describe_gauge!(STORE_UP, "1 while every master of the shared store answers, else 0.");
    describe_counter!(STORE_LINES_LOST, "Lines to the shared store that were lost.");
    describe_counter!(STORE_CALLS, "Calls of the shared store, by outcome.");
    describe_histogram!(STORE_CALL_SECONDS, "Time until the shared store answered, or did not.");
    describe_counter!(LETTERS, "Attempts to send mail, by outcome.");
    describe_counter!(WEBHOOKS, "Attempts to tell webhooks something, and what was given up, by outcome.");
}

/// Counts one thing for as long as it lives.
pub struct Counted(Gauge);

impl Counted {
    fn new(gauge: Gauge) -> Self {
        gauge.increment(1);
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}

/// An open connection.
pub fn connection() -> Counted {
    Counted::new(gauge!(CONNECTIONS))
}

/// A session that said hello.
pub fn session() -> Counted {
    Counted::new(gauge!(SESSIONS))
}

/// A book with an actor.
pub fn active_book() -> Counted {
    Counted::new(gauge!(BOOKS_ACTIVE))
}

/// Whether this replica may write, and how many others live.
pub fn leased(held: bool, others: usize) {
    gauge!(LEASE_HELD).set(f64::from(u8::from(held)));
    gauge!(OTHER_REPLICAS).set(u32::try_from(others).map_or(f64::INFINITY, f64::from));
}

/// A signal of another replica: a wake-up, words, or word that the line was interrupted.
pub fn signal_heard(kind: &'static str) {
    counter!(SIGNALS_HEARD, "kind" => kind).increment(1);
}

/// Why a connection or an upgrade was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedConnection {
    /// The limit `connections`.
    Full,
    /// The limit `pending_connections`.
    Pending,
    /// Another site's page.
    Origin,
    /// The replica drains.
    Draining,
    /// A bad token in the upgrade's header.
    Token,
}

/// A connection or an upgrade was refused.
pub fn connection_refused(reason: RefusedConnection) {
    let reason = match reason {
        RefusedConnection::Full => "full",
        RefusedConnection::Pending => "pending",
        RefusedConnection::Origin => "origin",
        RefusedConnection::Draining => "draining",
        RefusedConnection::Token => "token",
    };
    counter!(CONNECTIONS_REFUSED, "reason" => reason).increment(1);
}

/// An HTTP request was answered. `route` is the pattern, never the path.
pub fn request(route: &str, status: http::StatusCode) {
    counter!(REQUESTS, "route" => route.to_owned(), "status" => status.as_str().to_owned()).increment(1);
}

/// A command was answered. `kind` is the protocol's name of it.
pub fn command(kind: &'static str, refused: Option<&Rejection>) {
    counter!(COMMANDS, "kind" => kind, "outcome" => refused.map_or("ok", Rejection::code)).increment(1);
}

/// Events were made durable by this replica.
pub fn events(count: usize) {
    counter!(EVENTS).increment(count as u64);
}

/// Frames were given to outboxes.
pub fn deliveries(count: usize) {
    counter!(DELIVERIES).increment(count as u64);
}

/// The hub closed a connection.
pub fn closed(code: CloseCode) {
    counter!(CLOSES, "code" => code.number().to_string()).increment(1);
}

/// An outbox was over its limit; its session is closed (I6).
pub fn outbox_overflow() {
    counter!(OUTBOX_OVERFLOWS).increment(1);
}

/// How an append ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendOutcome {
    /// Durable.
    Done,
    /// Another replica was faster.
    Conflict,
    /// Everything else that is not a yes.
    Failed,
    /// It may have happened.
    Unknown,
}

/// An append ended after this time.
pub fn append(outcome: AppendOutcome, took: Duration) {
    let outcome = match outcome {
        AppendOutcome::Done => "done",
        AppendOutcome::Conflict => "conflict",
        AppendOutcome::Failed => "failed",
        AppendOutcome::Unknown => "unknown",
    };
    counter!(APPENDS, "outcome" => outcome).increment(1);
    histogram!(APPEND_SECONDS).record(took.as_secs_f64());
}

/// How an attempt to send a letter ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterOutcome {
    /// The mail server has it.
    Sent,
    /// It is tried again.
    Postponed,
    /// It will never be sent.
    GivenUp,
}

/// A letter was sent, or not.
pub fn letter(outcome: LetterOutcome) {
    let outcome = match outcome {
        LetterOutcome::Sent => "sent",
        LetterOutcome::Postponed => "postponed",
        LetterOutcome::GivenUp => "given_up",
    };
    counter!(LETTERS, "outcome" => outcome).increment(1);
}

/// How an attempt to tell a webhook something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookOutcome {
    /// It was answered with yes.
    Delivered,
    /// It is tried again.
    Postponed,
    /// It will never be told.
    GivenUp,
}

/// A webhook was called, or given up.
pub fn webhook(outcome: WebhookOutcome) {
    let outcome = match outcome {
        WebhookOutcome::Delivered => "delivered",
        WebhookOutcome::Postponed => "postponed",
        WebhookOutcome::GivenUp => "given_up",
    };
    counter!(WEBHOOKS, "outcome" => outcome).increment(1);
}

/// Every master of the shared store answers, or not.
pub fn store_up(up: bool) {
    gauge!(STORE_UP).set(if up { 1.0 } else { 0.0 });
}

/// A line to the shared store was lost.
pub fn store_line_lost() {
    counter!(STORE_LINES_LOST).increment(1);
}

/// How a call of the shared store ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// Answered.
    Done,
    /// Not sent: the line is down.
    Away,
    /// No answer came in time.
    Unknown,
    /// The store said no.
    Refused,
}

/// A call of the shared store ended after this time.
pub fn store_call(outcome: CallOutcome, took: Duration) {
    let outcome = match outcome {
        CallOutcome::Done => "done",
        CallOutcome::Away => "away",
        CallOutcome::Unknown => "unknown",
        CallOutcome::Refused => "refused",
    };
    counter!(STORE_CALLS, "outcome" => outcome).increment(1);
    histogram!(STORE_CALL_SECONDS).record(took.as_secs_f64());
}
