use super::*;

const GOOD: &str = "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrun_id:abc\r\n# Persistence\r\n\
                    loading:0\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\nrole:master\r\nconnected_slaves:1\r\n";

fn address() -> Address {
    Address { host: "db".to_owned(), port: 6379 }
}

fn judged(from: &str, to: &str, clustered: bool) -> Result<(), Refusal> {
    Report::parse(&GOOD.replace(from, to)).judge(&address(), clustered)
}

#[test]
fn a_good_server_is_taken_as_it_is() {
    assert_eq!(judged("", "", false), Ok(()));
    assert_eq!(judged("standalone", "cluster", true), Ok(()));
    let report = Report::parse(GOOD);
    assert_eq!(report.run_id(), "abc");
    assert!(report.warnings(&address(), 1).is_empty());
}

#[test]
fn what_an_owner_must_change_is_refused_for_good() {
    let cases = [
        ("7.0.15", "6.2.14", false, "Redis 7"),
        ("redis_version", "other_version", false, "Redis 7"),
        ("noeviction", "allkeys-lru", false, "allkeys-lru"),
        ("standalone", "sentinel", false, "redis-sentinel://"),
        ("standalone", "cluster", false, "redis-cluster://"),
        ("", "", true, "not a node"),
    ];
    for (from, to, clustered, names) in cases {
        match judged(from, to, clustered) {
            Err(Refusal::Never(why)) => assert!(why.contains(names) && why.starts_with("db:6379 "), "{why}"),
            other => panic!("{to}: {other:?}"),
        }
    }
}

#[test]
fn what_passes_is_waited_for() {
    for (from, to) in [("loading:0", "loading:1"), ("role:master", "role:slave")] {
        assert!(matches!(judged(from, to, false), Err(Refusal::NotYet(_))), "{to}");
    }
}

#[test]
fn missing_persistence_and_replicas_are_warned_of() {
    let report = Report::parse(&GOOD.replace("aof_enabled:1", "aof_enabled:0"));
    assert_eq!(report.warnings(&address(), 1).len(), 1);
    assert_eq!(report.warnings(&address(), 2).len(), 2);
}
