use super::*;

fn host(name: &str, port: u16) -> (String, u16) {
    (name.to_owned(), port)
}

#[test]
fn one_server_is_an_address_like_any_other() {
    let settings = RedisSettings::from_url("redis://db.example").ok().unwrap();
    assert_eq!(settings.place, Place::One(host("db.example", 6379)));
    assert_eq!((settings.tls, settings.database, settings.user, settings.password), (false, 0, None, None));
    let settings = RedisSettings::from_url("rediss://ann:s%40cr%2Fet%3A@[::1]:7000/3").ok().unwrap();
    assert_eq!(settings.place, Place::One(host("::1", 7000)));
    assert_eq!((settings.tls, settings.database), (true, 3));
    assert_eq!((settings.user.as_deref(), settings.password.as_deref()), (Some("ann"), Some("s@cr/et:")));
    let settings = RedisSettings::from_url("redis://:pass@db").ok().unwrap();
    assert_eq!((settings.user, settings.password.as_deref()), (None, Some("pass")));
}

#[test]
fn sentinels_and_nodes_are_lists() {
    let settings = RedisSettings::from_url("redis-sentinel://ann:p@one,two:7001/books/2").ok().unwrap();
    let sentinels = vec![host("one", 26379), host("two", 7001)];
    assert_eq!(settings.place, Place::Sentinels { sentinels, service: "books".to_owned() });
    assert_eq!((settings.database, settings.password.as_deref()), (2, Some("p")));
    let settings = RedisSettings::from_url("rediss-cluster://one,two:7001").ok().unwrap();
    assert_eq!(settings.place, Place::Cluster(vec![host("one", 6379), host("two", 7001)]));
    assert!(settings.tls);
}

#[test]
fn what_is_no_address_is_refused_without_repeating_it() {
    let bad = [
        "",
        "canary",
        "http://canary",
        "redis-proxy://canary",
        "redis://",
        "redis://canary:port",
        "redis://canary:0",
        "redis://canary:70000",
        "redis://a,canary",
        "redis://canary/books",
        "redis://canary/1/2",
        "redis://canary/-1",
        "redis://u:canary@",
        "redis://u:can/ary@db",
        "redis://db?password=canary",
        "redis://db#canary",
        "redis://%ff@db",
        "redis://db canary",
        "redis://[::1",
        "redis://[::1]canary",
        "redis-sentinel://canary",
        "redis-sentinel:///canary",
        "redis-cluster://canary/1",
        "redis-cluster://one,,canary",
    ];
    for url in bad {
        let Err(problem) = RedisSettings::from_url(url) else { panic!("{url} is accepted") };
        assert!(!problem.contains("canary"), "{problem}");
    }
}

#[test]
fn prefixes_are_plain() {
    for good in ["q", "quire-staging_2", &"p".repeat(32)] {
        assert_eq!(RedisSettings::parse_prefix(good).as_deref(), Ok(good));
    }
    for bad in ["", "a:b", "{a}", "a*", "ä", "a b", &"p".repeat(33)] {
        assert!(RedisSettings::parse_prefix(bad).is_err(), "{bad}");
    }
}
