//! Leases, by the clock of Redis (R11).

use quire_protocol::{BookId, Epoch, ReplicaId};
use redis::Value;

use super::answer::{Parts, damaged};
use super::append::random;
use super::args::Args;
use super::link::{Call, Script};
use super::{Redis, away};
use crate::store::StoreError;
use crate::store::shared::{Lease, Renewal};

static RENEW: Script = Script::new(include_str!("renew.lua"));
static END_LEASE: Script = Script::new(include_str!("end_lease.lua"));
static INHERIT: Script = Script::new(include_str!("inherit.lua"));

impl Redis {
    pub(super) async fn renew_now(
        &self,
        lease: Lease,
        ttl_ms: u64,
        opened: Vec<BookId>,
        closed: Vec<BookId>,
    ) -> Result<Renewal, StoreError> {
        let keys = vec![self.keys.leases(), self.keys.books(&lease.replica), self.keys.mark()];
        let books = opened.iter().chain(&closed).map(|book| Args::default().text(book.as_str()));
        let args = Args::default()
            .text(lease.replica.as_str())
            .number(lease.schema)
            .number(ttl_ms)
            .hex(random())
            .number(opened.len())
            .all(books)
            .done();
        let answer = self.link.call(Call { script: &RENEW, keys, args }).await.map_err(away)?;
        let (renewal, master) = renewal(answer)?;
        self.ears.follow(master);
        Ok(renewal)
    }

    pub(super) async fn end_lease_now(&self, me: ReplicaId) -> Result<(), StoreError> {
        let keys = vec![self.keys.leases(), self.keys.books(&me)];
        let args = Args::default().text(me.as_str()).done();
        self.link.call(Call { script: &END_LEASE, keys, args }).await.map_err(away).map(drop)
    }

    pub(super) async fn inherit_now(&self, dead: ReplicaId) -> Result<Vec<BookId>, StoreError> {
        let keys = vec![self.keys.leases(), self.keys.books(&dead)];
        let args = Args::default().text(dead.as_str()).done();
        let answer = self.link.call(Call { script: &INHERIT, keys, args }).await.map_err(away)?;
        let books = Parts::of(answer)?.texts()?;
        books.iter().map(|book| BookId::new(book).map_err(|_| damaged("ids of books"))).collect()
    }
}

/// What a renewal found, and the replication id of the server that said so.
fn renewal(answer: Value) -> Result<(Renewal, String), StoreError> {
    let mut parts = Parts::of(answer)?;
    let kept = parts.text()? == "kept";
    let (mark, now, master) = (Epoch(parts.hex()?), parts.number()?, parts.text()?);
    let (mut alive, mut dead) = (vec![], vec![]);
    let mut leases = parts.list()?;
    while !leases.is_empty() {
        let replica = ReplicaId::new(&leases.text()?).map_err(|_| damaged("ids of replicas"))?;
        let lease = leases.text()?;
        let until_and_schema = lease.split_once(' ').and_then(|(until, schema)| {
            let until: u64 = until.parse().ok()?;
            Some((until, schema.parse().ok()?))
        });
        let (until, schema) = until_and_schema.ok_or_else(|| damaged("leases"))?;
        if until > now {
            alive.push(Lease { replica, schema });
        } else {
            dead.push(replica);
        }
    }
    alive.sort_by(|one, other| one.replica.cmp(&other.replica));
    dead.sort();
    Ok((Renewal { kept, alive, dead, mark }, master))
}
