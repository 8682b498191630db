//! The connections to one master, made together and lost together.
//!
//! Calls, subscriptions and confirmations go to the same life of the same process (R12): addresses may lead to another
//! one at any moment, so run ids are compared.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Pipeline, PushKind, RedisError, Value};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::confirm::{CALLERS_MAX, Confirming};
use super::ears::{CHANGES_MAX, Change, Ears, Hearing};
use super::endpoint::{Access, Address, Refusal};
use super::inspect::{Kind, Report};
use super::signals::Signals;

/// Longest wait for what a server says about itself.
const INSPECTION: Duration = Duration::from_millis(800);
/// Longest wait for a sign of life.
const SIGN_OF_LIFE: Duration = Duration::from_millis(250);

/// What a session is made with.
pub(super) struct Plan {
    pub(super) access: Access,
    pub(super) signals: Arc<Signals>,
    pub(super) kind: Kind,
    /// Replicas that must have a write.
    pub(super) wait_replicas: u32,
}

/// What one session has to do with.
pub(super) struct Share {
    /// The wanted channels that belong to this master.
    pub(super) channels: Vec<String>,
    /// A key that this master holds.
    pub(super) key: String,
}

/// Connections to one master. Dropping it ends them.
pub(super) struct Session {
    /// Ends when the session is of no use any more.
    pub(super) lost: CancellationToken,
    commands: MultiplexedConnection,
    ears: MultiplexedConnection,
    changes: mpsc::Sender<Change>,
    confirming: Option<mpsc::Sender<oneshot::Sender<()>>>,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

impl Session {
    /// Connects, looks at the server, and subscribes.
    pub(super) async fn open(plan: &Plan, address: &Address, share: &Share) -> Result<Self, Refusal> {
        let lost = CancellationToken::new();
        let (changes, asked) = mpsc::channel(CHANGES_MAX);
        let leaving = Arc::default();
        let hearing = Hearing {
            signals: Arc::clone(&plan.signals),
            changes: changes.clone(),
            leaving: Arc::clone(&leaving),
            lost: lost.clone(),
        };
        // One after the other: most attempts at a server that is away end with the first.
        let commands = connect(plan, address, &lost).await?;
        let ears = plan.access.connect(address, move |push| hearing.take(push)).await?;
        let (report, other) = tokio::try_join!(inspect(&commands, address), inspect(&ears, address))?;
        report.judge(address, plan.kind)?;
        same_life(address, &report, &other)?;
        let mut tasks = Vec::new();
        let mut confirming = None;
        if plan.wait_replicas > 0 {
            let connection = connect(plan, address, &lost).await?;
            same_life(address, &report, &inspect(&connection, address).await?)?;
            let (asks, callers) = mpsc::channel(CALLERS_MAX);
            let waiter = Confirming { connection, key: share.key.clone(), replicas: plan.wait_replicas };
            tasks.push(AbortOnDropHandle::new(tokio::spawn(waiter.run(callers, lost.clone()))));
            confirming = Some(asks);
        }
        let subscriber = Ears { connection: ears.clone(), sharded: plan.kind == Kind::Cluster, leaving };
        if !subscriber.subscribe_all(&share.channels).await {
            return Err(Refusal::NotYet(format!("{address} does not take subscriptions")));
        }
        tasks.push(AbortOnDropHandle::new(tokio::spawn(subscriber.run(asked, lost.clone()))));
        for warning in report.warnings(address, plan.wait_replicas) {
            tracing::warn!(warning, "Redis does not keep data safe");
        }
        Ok(Self { lost, commands, ears, changes, confirming, _tasks: tasks })
    }

    /// Sends many commands in one go. Errors of the server are among the values.
    pub(super) async fn ask_many(&self, commands: &Pipeline) -> Result<Vec<Value>, RedisError> {
        self.commands.clone().send_packed_commands(commands, 0, commands.len()).await
    }

    /// Waits until everything that was answered on this session has reached the replicas; false: it has not, or
    /// nobody knows.
    pub(super) async fn confirmed(&self) -> bool {
        let Some(confirming) = &self.confirming else { return true };
        let (caller, answer) = oneshot::channel();
        confirming.try_send(caller).is_ok() && answer.await.is_ok()
    }

    /// Changes what is heard. False: too many changes wait.
    pub(super) fn change(&self, change: Change) -> bool {
        self.changes.try_send(change).is_ok()
    }

    /// Whether both connections answer at once.
    pub(super) async fn lives(&self) -> bool {
        let ping = redis::cmd("PING");
        let (mut commands, mut ears) = (self.commands.clone(), self.ears.clone());
        let answers = async { tokio::join!(commands.send_packed_command(&ping), ears.send_packed_command(&ping)) };
        matches!(tokio::time::timeout(SIGN_OF_LIFE, answers).await, Ok((Ok(_), Ok(_))))
    }
}

async fn connect(plan: &Plan, address: &Address, lost: &CancellationToken) -> Result<MultiplexedConnection, Refusal> {
    let lost = lost.clone();
    let heard = move |push: redis::PushInfo| {
        if push.kind == PushKind::Disconnection {
            lost.cancel();
        }
    };
    plan.access.connect(address, heard).await
}

async fn inspect(connection: &MultiplexedConnection, address: &Address) -> Result<Report, Refusal> {
    let mut connection = connection.clone();
    let info = redis::cmd("INFO");
    let Ok(answer) = tokio::time::timeout(INSPECTION, connection.send_packed_command(&info)).await else {
        return Err(Refusal::NotYet(format!("{address} does not answer")));
    };
    let text = answer.and_then(Value::extract_error).and_then(|value| Ok(redis::from_redis_value::<String>(value)?));
    text.map(|text| Report::parse(&text)).map_err(|error| Refusal::of(address, &error))
}

fn same_life(address: &Address, one: &Report, other: &Report) -> Result<(), Refusal> {
    let same = one.run_id() == other.run_id();
    same.then_some(()).ok_or_else(|| Refusal::NotYet(format!("{address} leads to several servers")))
}
