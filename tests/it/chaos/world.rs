//! A Redis, and hubs that share it and vouch for the same people.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use quire_protocol::Seq;
use quire_protocol::command::After;
use quire_protocol::event::{Event, EventFrame};
use quire_protocol::frame::Opened;

use super::worker::Diary;
use crate::harness::wishes::{add_chapter, remark};
use crate::harness::{TabEnd, moby};
use crate::process::program::{Door, Hub, Place, soon};
use crate::process::tab::{Left, Tab};
use crate::proxy::Proxy;
use crate::redis_server::{PASSWORD, RedisServer};

/// Times are short, so that what takes a lease and a grace takes seconds. The load is for the store.
const FLAGS: [&str; 16] = [
    "--timer=lease_ms=2s",
    "--timer=lease_renew_ms=400ms",
    "--timer=drain_ms=500ms",
    "--limit=commands_per_second=100000",
    "--limit=command_burst=100000",
    "--limit=locks_per_session=100",
    "--limit=threads_per_book=100000",
    "--limit=catch_up_events=100000",
    "--limit=frame_bytes=67108864",
    "--limit=outbox_bytes=67108864",
    "--limit=outbox_frames=100000",
    "--limit=sessions_per_user=1000",
    "--limit=rate_refusals_per_second=100000",
    "--limit=signals_per_second=100000",
    "--limit=mailbox_commands=4096",
    "--log=warn",
];

/// Where hubs are. One may go, and another come.
pub type Doors = Arc<Mutex<Vec<Door>>>;

/// The doors of these hubs.
pub fn doors<'a>(hubs: impl IntoIterator<Item = &'a Hub>) -> Doors {
    Arc::new(Mutex::new(hubs.into_iter().map(|hub| (**hub).clone()).collect()))
}

/// The store, and a place for whatever hubs need besides.
pub struct World {
    pub redis: RedisServer,
    place: Place,
    grace: String,
}

impl World {
    /// A Redis with these directives; hubs give vanished tabs this grace.
    pub async fn new(grace: &str, directives: &[(&str, &str)]) -> Self {
        let grace = format!("--lock-grace={grace}");
        Self { redis: RedisServer::with(directives).await, place: Place::new(), grace }
    }

    /// A hub on the Redis.
    pub async fn hub(&self) -> Hub {
        self.hub_at(self.redis.port(), &[]).await
    }

    /// A hub on the Redis whose lease outlasts what happens here.
    pub async fn steady_hub(&self) -> Hub {
        self.hub_at(self.redis.port(), &["--timer=lease_ms=1m"]).await
    }

    /// A hub at the near end of a line to the Redis.
    pub async fn hub_behind(&self, line: &Proxy) -> Hub {
        self.hub_at(line.port(), &[]).await
    }

    async fn hub_at(&self, port: u16, flags: &[&str]) -> Hub {
        let url = format!("redis://quire:{PASSWORD}@127.0.0.1:{port}");
        self.place.hub(&[&FLAGS[..], &["--redis-url", &url, &self.grace], flags].concat()).await
    }
}

/// Redis answers only for what is on the disk.
pub const DURABLE: [(&str, &str); 2] = [("appendonly", "yes"), ("appendfsync", "always")];

/// Four people with Moby-Dick open, turn by turn on these hubs. It has as many chapters as that; ann, who owns it, has
/// left.
pub async fn workers(hubs: &[&Hub], chapters: u32) -> Vec<Tab> {
    let (mut ann, tabs) = Box::pin(Tab::team(hubs[0], ["dan", "eve", "fay", "gus"])).await;
    for number in 4..=chapters {
        ann.does(add_chapter(number)).await.accepted();
    }
    ann.closes(1000).await;
    let mut workers = Vec::new();
    for (index, tab) in tabs.into_iter().enumerate() {
        let name = tab.name().to_owned();
        tab.closes(1000).await;
        workers.push(Box::pin(reader(hubs[index % hubs.len()], &name)).await);
    }
    workers
}

/// Somebody who opens the book.
pub async fn reader(hub: &Door, name: &str) -> Tab {
    let mut tab = Tab::arrives(hub, name).await;
    tab.opens().await;
    tab
}

/// Comes back as soon as the hub can serve the book again.
pub async fn comes_back(hub: &Door, mut left: Left) -> (Tab, Opened) {
    let back = async {
        loop {
            if let Some(mut tab) = Tab::tries_to_resume(hub, &mut left).await
                && let Ok(opened) = tab.tries_to_open().await
            {
                return (tab, opened);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    soon("the book on a resumed session", back).await
}

/// Somebody new asks for a remark, and is answered: yes, no, or by the end of the connection.
pub async fn is_answered(hub: &Door, name: &str) -> Result<(), Option<&'static str>> {
    let mut tab = Tab::arrives(hub, "ann").await;
    let reference = tab.wishes(name, false, remark(1, name)).await;
    match tab.answer_to(reference).await {
        Ok(said) => said.result.map(drop).map_err(|no| Some(no.code())),
        Err(TabEnd(_)) => Err(None),
    }
}

/// What was acknowledged is where it was, what was denied is nowhere, and nothing is there twice.
pub async fn agrees_with_history(hub: &Door, diaries: &[Diary]) {
    let history = soon("the history", Box::pin(history(hub))).await;
    let remark = |frame: &EventFrame| match &frame.event {
        Event::CommentAdded(added) => Some((added.thread.to_string(), frame.seq)),
        _ => None,
    };
    let there: Vec<(String, Seq)> = history.iter().filter_map(remark).collect();
    let once: BTreeMap<_, _> = there.iter().cloned().collect();
    assert_eq!(once.len(), there.len(), "nothing is there twice");
    for (name, seq) in diaries.iter().flat_map(|diary| &diary.made) {
        assert_eq!(once.get(name), Some(seq), "{name} is where it was acknowledged");
    }
    for name in diaries.iter().flat_map(|diary| &diary.denied) {
        assert_eq!(once.get(name), None, "{name} was denied");
    }
}

/// All events. A hub that cannot get them in time gives a snapshot instead, and is asked again.
async fn history(hub: &Door) -> Vec<EventFrame> {
    loop {
        let left = Tab::arrives(hub, "ann").await.left();
        let (mut tab, opened) = comes_back(hub, left).await;
        let after = Some(After { epoch: opened.epoch, seq: Seq(0) });
        let opened = tab.opens_book(&moby(), after).await;
        if let Some(events) = opened.events {
            assert!(events.iter().map(|frame| frame.seq.0).eq(1..=opened.seq.0), "the history is contiguous");
            return events;
        }
    }
}
