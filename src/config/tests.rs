use super::*;
use crate::mail::Security;

const SECRET: &str = "a shared secret of at least 32 bytes";

fn read_with(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Task, Stop> {
    let program = std::iter::once("quire").chain(arguments.iter().copied());
    read(program.map(OsString::from), environment.iter().map(|(name, value)| (name.into(), value.into())))
}

fn settings(arguments: &[&str], environment: &[(&str, &str)]) -> Settings {
    match read_with(arguments, environment) {
        Ok(Task::Serve(settings)) => *settings,
        Err(Stop::Problems(problems)) => panic!("{problems}"),
        _ => panic!("no settings"),
    }
}

fn problems(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    match read_with(arguments, environment) {
        Err(Stop::Problems(problems)) => problems.to_string(),
        Err(Stop::Usage(usage)) => panic!("{usage}"),
        Ok(_) => panic!("accepted"),
    }
}

#[test]
fn without_anything_it_is_development_mode_on_loopback() {
    let settings = settings(&[], &[("PATH", "/bin")]);
    assert_eq!(settings.listen.to_string(), "127.0.0.1:7400");
    assert_eq!(settings.data_dir, Path::new("./quire-data"));
    assert!(settings.development && settings.keys.is_empty());
    assert_eq!((settings.limits, settings.timers), (Limits::default(), Timers::default()));
    assert_eq!((settings.log.as_str(), settings.log_format), ("info", LogFormat::Json));
}

#[test]
fn a_key_ends_development_mode_unless_it_is_asked_for() {
    assert!(!settings(&["--jwt-secret", SECRET], &[]).development);
    assert!(settings(&["--jwt-secret", SECRET, "--dev"], &[]).development);
    assert!(settings(&["--jwt-secret", SECRET], &[("QUIRE_DEV", "1")]).development);
    assert!(!settings(&["--jwt-secret", SECRET, "--dev=false"], &[("QUIRE_DEV", "1")]).development);
}

#[test]
fn other_addresses_need_a_key() {
    for arguments in [&["--listen", "0.0.0.0:7400"][..], &["--listen", "[::]:7400", "--dev"]] {
        assert!(problems(arguments, &[]).contains("give --jwt-secret-file"), "{arguments:?}");
    }
    assert!(!settings(&["--listen", "0.0.0.0:7400", "--jwt-secret", SECRET], &[]).development);
}

#[test]
fn a_flag_wins_over_its_variable() {
    let environment =
        [("QUIRE_LOCK_IDLE", "1h"), ("QUIRE_LOCK_GRACE", "0"), ("QUIRE_ALLOW_ORIGIN", "http://a,https://b:1")];
    let settings = settings(&["--lock-idle", "2h"], &environment);
    assert_eq!((settings.timers.lock_idle_ms, settings.timers.grace_ms), (7_200_000, 0));
    let origins: Vec<_> = settings.origins.iter().map(ToString::to_string).collect();
    assert_eq!(origins, ["http://a", "https://b:1"]);
}

#[test]
fn every_flag_has_a_variable_that_is_read() {
    let command = Arguments::command();
    let bad: Vec<(String, String)> = command
        .get_arguments()
        .filter_map(|arg| arg.get_long())
        .filter(|flag| *flag != "data-dir")
        .map(|flag| (format!("QUIRE_{}", flag.to_uppercase().replace('-', "_")), "\u{1}, /".to_owned()))
        .collect();
    let bad: Vec<(&str, &str)> = bad.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let text = problems(&[], &bad);
    // Issuer and audience can be any text; they are in the count of variables that cause no problem of their own.
    for (name, _) in bad.iter().filter(|(name, _)| !name.ends_with("ISSUER") && !name.ends_with("AUDIENCE")) {
        let flag = format!("--{}:", name.trim_start_matches("QUIRE_").to_lowercase().replace('_', "-"));
        assert!(text.contains(&flag), "{flag} is not in:\n{text}");
    }
}

#[test]
fn all_bad_values_are_named_together_and_no_secret_is() {
    let arguments = [
        "--listen=nowhere",
        "--lock-idle=often",
        "--jwt-secret=canary-too-short",
        "--jwks=/no/such/file",
        "--allow-origin=*",
        "--limit=no_such=1",
        "--limit=depth=99",
        "--timer=ping_ms=0",
        "--log-format=xml",
    ];
    let text = problems(&arguments, &[("QUIRE_LOCK_IDEL", "1h")]);
    for part in [
        "--listen:",
        "--lock-idle:",
        "--jwt-secret:",
        "--jwks:",
        "--allow-origin:",
        "sessions_per_user",
        "depth is at most",
        "ping_ms is more than 0",
        "--log-format:",
        "QUIRE_LOCK_IDEL",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn limits_and_timers_change_by_name() {
    let arguments = ["--limit", "sessions_per_user=3", "--timer", "ping_ms=500ms", "--lock-idle", "10m"];
    let settings = settings(&arguments, &[]);
    assert_eq!(settings.limits.sessions_per_user, 3);
    assert_eq!(settings.timers.ping_ms, 500);
    assert_eq!(settings.timers.lock_idle_notice_ms, 300_000);
    for bad in ["sessions_per_user=0", "sessions_per_user=-1", "sessions_per_user", "command_burst=4294967296"] {
        assert!(problems(&["--limit", bad], &[]).contains("--limit"), "{bad}");
    }
}

#[test]
fn durations_have_units() {
    let good = [("0", 0), ("500ms", 500), ("10s", 10_000), ("15m", 900_000), ("24h", 86_400_000), ("7d", 604_800_000)];
    for (text, ms) in good {
        assert_eq!(parse::duration_ms(text), Ok(ms));
    }
    for bad in ["", "5", "s", "-1s", "1.5h", "10 s", "10S", "4000d", "99999999999999999999s", "١s"] {
        assert!(parse::duration_ms(bad).is_err(), "{bad}");
    }
}

#[test]
fn origins_are_exact() {
    let same = |a: &str, b: &str| Origin::parse(a).unwrap() == Origin::parse(b).unwrap();
    assert!(same("https://Books.Example", "https://books.example:443"));
    assert!(same("http://[::1]:80", "http://[::1]"));
    assert!(!same("http://books.example", "https://books.example"));
    assert!(!same("https://books.example", "https://books.example:444"));
    for bad in [
        "null",
        "*",
        "",
        "books.example",
        "ftp://a",
        "https://a/",
        "https://a/b",
        "https://u@a",
        "https://*.a",
        "https://a:x",
        "file://",
    ] {
        assert!(Origin::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn secrets_are_read_from_files_without_their_line_end() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("secret");
    std::fs::write(&file, format!("{}\n", "s".repeat(31))).unwrap();
    let file = file.to_str().unwrap();
    assert!(problems(&["--jwt-secret-file", file], &[]).contains("at least 32 bytes"));
    std::fs::write(file, format!("{}\n", "s".repeat(32))).unwrap();
    assert_eq!(settings(&["--jwt-secret-file", file], &[]).keys.len(), 1);
}

#[test]
fn subcommands_say_what_they_need() {
    let Ok(Task::Import { owner, into: Place::Directory(data_dir), .. }) =
        read_with(&["import", "a.epub", "--owner", " Ann@Example.org"], &[("QUIRE_DATA_DIR", "/d")])
    else {
        panic!("no import")
    };
    assert_eq!((owner.as_str(), data_dir.to_str()), ("ann@example.org", Some("/d")));
    assert!(problems(&["import", "a.epub"], &[]).contains("--owner"));
    assert!(problems(&["import", "a.epub", "--owner", "ann"], &[]).contains("--owner"));
    let remote = ["import", "a.epub", "--url", "http://127.0.0.1:7400"];
    assert!(problems(&remote, &[]).contains("--token"));
    let with_token = read_with(&remote, &[("QUIRE_TOKEN", "t")]);
    assert!(matches!(with_token, Ok(Task::ImportRemote { caller: Caller::Token(token), .. }) if token == "t"));
    assert!(matches!(read_with(&["dump"], &[]), Ok(Task::Dump { file: None, .. })));
    assert!(matches!(read_with(&["load", "f"], &[]), Ok(Task::Load { .. })));
    assert!(matches!(read_with(&["load"], &[]), Err(Stop::Usage(_))));
}

#[test]
fn a_redis_is_an_address_and_what_belongs_to_it() {
    assert!(settings(&[], &[("QUIRE_REDIS_URL", "")]).redis.is_none());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    std::fs::write(&file, "canary\n").unwrap();
    let file = file.to_str().unwrap();
    let arguments = ["--redis-url=rediss://ann@db", "--redis-password-file", file, "--redis-wait-replicas=1"];
    let redis = settings(&arguments, &[("QUIRE_REDIS_PREFIX", "books")]).redis.unwrap();
    assert_eq!((redis.prefix.as_str(), redis.wait_replicas, redis.tls), ("books", 1, true));
    assert_eq!((redis.user.as_deref(), redis.password.as_deref()), (Some("ann"), Some("canary")));
    let cases = [
        (vec!["--redis-prefix=a"], "belong to --redis-url"),
        (vec!["--redis-url=redis://u:canary@db", "--redis-password-file", file], "holds a password already"),
        (vec!["--redis-url=redis://ann@db"], "without a password"),
        (vec!["--redis-url=redis://db", "--redis-ca", file], "rediss://"),
        (vec!["--redis-url=redis://db", "--redis-wait-replicas=99"], "0 to 32"),
        (vec!["--redis-url=redis://u:canary@"], "--redis-url:"),
    ];
    for (arguments, names) in cases {
        let text = problems(&arguments, &[]);
        assert!(text.contains(names) && !text.contains("canary@"), "{text}");
    }
}

#[test]
fn mail_needs_a_server_a_sender_and_an_address_of_the_page() {
    let full = ["--smtp-url=smtp://localhost", "--mail-from=Books <b@example.org>", "--public-url=https://b.example/"];
    let read = settings(&full, &[]);
    let mail = read.mail.expect("all is said");
    assert_eq!((mail.smtp.host.as_str(), mail.smtp.port, mail.smtp.security), ("localhost", 587, Security::Plain));
    assert_eq!(read.public_url.unwrap().to_string(), "https://b.example");
    assert!(!read.development, "people can sign in");
    let anywhere = settings(&[&full[..], &["--listen", "0.0.0.0:7400"]].concat(), &[]);
    assert!(!anywhere.development && anywhere.mail.is_some());
    let in_development = settings(&["--smtp-url=smtps://u:p%40@[::1]:99", "--mail-from=b@example.org", "--dev"], &[]);
    let smtp = in_development.mail.unwrap().smtp;
    assert_eq!((smtp.host.as_str(), smtp.port, smtp.security), ("::1", 99, Security::Tls));
    assert_eq!((smtp.user.as_deref(), smtp.password.as_deref()), (Some("u"), Some("p@")));
    assert!(settings(&[], &[("QUIRE_SMTP_URL", ""), ("QUIRE_MAIL_FROM", "")]).mail.is_none());
}

#[test]
fn what_is_wrong_about_mail_is_named_without_its_password() {
    let rest = ["--mail-from=b@example.org", "--public-url=https://b.example"];
    let cases = [
        (vec!["--smtp-url=smtp://h", rest[0]], "--public-url:"),
        (vec!["--smtp-url=smtp://h", rest[1]], "--mail-from:"),
        (vec![rest[0]], "belong to --smtp-url"),
        (vec!["--smtp-url=http://h", rest[0], rest[1]], "--smtp-url:"),
        (vec!["--smtp-url=smtp://u:canary@", rest[0], rest[1]], "--smtp-url:"),
        (vec!["--smtp-url=smtp://u:canary@h", rest[0], rest[1]], "in the clear"),
        (vec!["--smtp-url=smtp://u:canary@h?tls=maybe", rest[0], rest[1]], "--smtp-url:"),
        (vec!["--smtp-url=smtps://h:0x1", rest[0], rest[1]], "--smtp-url:"),
        (vec!["--smtp-url=smtps://u@h", rest[0], rest[1]], "belong together"),
        (vec!["--smtp-url=smtps://h", "--mail-from=nobody", rest[1]], "--mail-from:"),
        (vec!["--smtp-url=smtps://h", "--mail-from=b@h\r\nBcc: c@h", rest[1]], "--mail-from:"),
        (vec!["--smtp-url=smtps://h", rest[0], "--public-url=https://b.example/path"], "--public-url:"),
    ];
    for (arguments, names) in cases {
        let text = problems(&arguments, &[]);
        assert!(text.contains(names) && !text.contains("canary"), "{arguments:?}: {text}");
    }
}

#[test]
fn books_are_imported_into_a_redis_and_backups_are_of_directories() {
    let redis = [("QUIRE_REDIS_URL", "redis://db")];
    let import = ["import", "a.epub", "--owner", "ann@example.org"];
    assert!(matches!(read_with(&import, &redis), Ok(Task::Import { into: Place::Redis(_), .. })));
    let into_directory = [&import[..], &["--data-dir", "d"]].concat();
    assert!(matches!(read_with(&into_directory, &redis), Ok(Task::Import { into: Place::Directory(_), .. })));
    for command in [&["dump"][..], &["load", "f"]] {
        assert!(problems(command, &redis).contains("QUIRE_REDIS_URL"));
        let with_directory = [command, &["--data-dir", "d"]].concat();
        assert!(read_with(&with_directory, &redis).is_ok());
    }
}
