use super::*;

const GOOD: &str = "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrun_id:abc\r\n# Persistence\r\n\
                    loading:0\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\nrole:master\r\nconnected_slaves:1\r\n";

fn address() -> Address {
    Address { host: "db".to_owned(), port: 6379 }
}

fn judged(from: &str, to: &str, kind: Kind) -> Result<(), Refusal> {
    Report::parse(&GOOD.replace(from, to)).judge(&address(), kind)
}

#[test]
fn a_good_server_is_taken_as_it_is() {
    assert_eq!(judged("", "", Kind::One), Ok(()));
    assert_eq!(judged("standalone", "cluster", Kind::Cluster), Ok(()));
    let report = Report::parse(GOOD);
    assert_eq!(report.run_id(), "abc");
    assert!(report.warnings(&address(), 1).is_empty());
}

#[test]
fn what_an_owner_must_change_is_refused_for_good() {
    let cases = [
        ("7.0.15", "6.2.14", Kind::One, "Redis 7"),
        ("redis_version", "other_version", Kind::One, "Redis 7"),
        ("noeviction", "allkeys-lru", Kind::One, "allkeys-lru"),
        ("standalone", "sentinel", Kind::One, "redis-sentinel://"),
        ("standalone", "cluster", Kind::One, "redis-cluster://"),
        ("role:master", "role:slave", Kind::One, "read-only replica"),
        ("", "", Kind::Cluster, "not a node"),
    ];
    for (from, to, kind, names) in cases {
        match judged(from, to, kind) {
            Err(Refusal::Never(why)) => assert!(why.contains(names) && why.starts_with("db:6379 "), "{why}"),
            other => panic!("{to}: {other:?}"),
        }
    }
}

#[test]
fn what_passes_is_waited_for() {
    for (from, to) in [("loading:0", "loading:1"), ("role:master", "role:slave")] {
        assert!(matches!(judged(from, to, Kind::Followed), Err(Refusal::NotYet(_))), "{to}");
    }
}

#[test]
fn missing_persistence_and_replicas_are_warned_of() {
    let report = Report::parse(&GOOD.replace("aof_enabled:1", "aof_enabled:0"));
    assert_eq!(report.warnings(&address(), 1).len(), 1);
    assert_eq!(report.warnings(&address(), 2).len(), 2);
}
