//! The secrets of host applications, given to the start.

use serde_json::{Value, json};

use super::program::{Place, soon, text};
use super::tab::Tab;

const SECRET: &str = "a service token of at least 32 bytes";

#[tokio::test]
async fn a_host_with_a_secret_from_the_file_manages_books_and_no_log_line_has_it() {
    let place = Place::new();
    let file = place.path("tokens");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    let hub = place.hub(&["--service-token-file", text(&file), "--log", "debug"]).await;
    let mut ann = Tab::arrives(&hub, "ann").await;
    let book = json!({"title": "Typee", "owner": {"user": ann.user().id, "name": "Ann"}});
    let (status, body) = hub.puts("/v1/books/typee", SECRET, &book);
    assert_eq!(status, 200, "{body}");
    assert!(ann.books().await.iter().any(|row| row.title == "Typee"));
    let (status, body) = hub.asks("/v1/books/typee", Some(SECRET));
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, body["title"].as_str()), (200, Some("Typee")));
    assert_eq!(hub.asks("/v1/books/typee", Some(&SECRET[1..])).0, 401);
    // It opens no socket.
    assert!(Tab::with_token(&hub, "host", SECRET.to_owned()).await.is_err());
    hub.is_asked_to_end();
    let said = hub.ends().await.well();
    assert!(!said.stderr.contains(SECRET), "{}", said.stderr);
}

#[tokio::test]
async fn a_file_without_a_long_secret_is_refused_at_the_start() {
    let place = Place::new();
    let file = place.path("tokens");
    for contents in ["", "short\n"] {
        std::fs::write(&file, contents).unwrap();
        let flags = ["--service-token-file", text(&file)];
        place.runs_here(&flags).await.refused(2, &["--service-token-file", "at least 32 bytes"]);
    }
}

#[tokio::test]
async fn the_examples_for_host_applications_do_what_they_say() {
    let readme = include_str!("../../../README.md");
    let section = readme.split("\n## For host applications\n").nth(1).expect("there is such a section");
    let script = section.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).expect("with examples");
    let place = Place::new();
    let file = place.path("tokens");
    std::fs::write(&file, SECRET).unwrap();
    let hub = place.hub(&["--service-token-file", text(&file)]).await;
    // Each answer on a line of its own, and its status behind it.
    let script = script.replace("curl ", "curl -sS -w ' %{http_code}\\n' ");
    let mut shell = tokio::process::Command::new("sh");
    shell.args(["-eu", "-c", &script]).env("HUB", hub.url()).env("TOKEN", SECRET);
    let said = soon("the end of the examples", shell.output()).await.unwrap();
    let (said, wrong) = (String::from_utf8(said.stdout).unwrap(), String::from_utf8(said.stderr).unwrap());
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), script.matches("curl ").count(), "{said}{wrong}");
    assert!(lines.iter().all(|line| line.ends_with(" 200") || *line == " 204"), "{said}");
    assert!(said.contains("{\"allowed\":true}") && lines[7].contains("\"total\":1"), "{said}");
}
