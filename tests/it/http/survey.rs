//! The report and the analytics of the library over HTTP.

use std::sync::atomic::Ordering;

use super::audit::unchunked;
use super::harness::{Answer, Port, port};

async fn asks(port: &Port, path: &str) -> Answer {
    let bearer = format!("Bearer {}", port.token());
    port.request(&format!("GET /v1/library/{path}"), &[("Authorization", bearer.as_str())], b"").await
}

#[tokio::test]
async fn the_report_names_the_book_in_each_row() {
    let port = port(|_| {}).await;
    let answer = asks(&port, "report?from=2026-01-01&to=2026-01-07").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let (body, ended) = unchunked(&answer.body);
    let told: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (told["to"].as_str(), told["at"].as_str(), ended),
        (Some("2026-01-07"), Some("2026-01-01T00:00:00.007Z"), true)
    );
    let rows: Vec<_> =
        told["rows"].as_array().unwrap().iter().map(|row| (&row["book"]["id"], &row["user"]["id"])).collect();
    let (null, ann) = (serde_json::Value::Null, serde_json::json!("u1"));
    let (first, third) = (serde_json::json!("b1"), serde_json::json!("b3"));
    assert_eq!(rows, [(&first, &null), (&first, &ann), (&third, &null), (&third, &ann)]);
    assert_eq!(told["rows"][1]["words_added"], 120);

    let answer = asks(&port, "report?format=csv&from=2026-01-01&to=2026-01-07").await;
    let (body, _) = unchunked(&answer.body);
    let lines: Vec<&str> = body.lines().collect();
    assert!(lines[0].starts_with("book,book_title,day,user,name,tabs,"), "{}", lines[0]);
    assert!(lines[2].starts_with("b1,'=Title of b1,2026-01-01,u1,'@Ann,1,2,90000,"), "{}", lines[2]);
    assert_eq!(lines.len(), 5);
}

#[tokio::test]
async fn a_right_that_ends_breaks_the_report_off() {
    let port = port(|_| {}).await;
    port.fake.surveys_end.store(true, Ordering::SeqCst);
    let answer = asks(&port, "report").await;
    let (body, ended) = unchunked(&answer.body);
    assert_eq!((answer.status, ended, body.ends_with("]}\n")), (200, false, false), "the end is not said");
}

#[tokio::test]
async fn analytics_name_nobody() {
    let port = port(|_| {}).await;
    let answer = asks(&port, "analytics?from=2026-01-01&to=2026-01-02").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert!(!answer.body.contains("Ann") && !answer.body.contains("u1"), "{}", answer.body);
    let told = answer.json();
    let first = serde_json::json!({"day": "2026-01-01", "people": 1, "tabs": 1, "words_added": 120, "words_removed": 0,
        "comments": 4});
    assert_eq!((&told["days"][0], told["days"].as_array().unwrap().len()), (&first, 2));
    let sea = serde_json::json!([{"name": "Sea", "books": 1, "words_added": 120, "words_removed": 0}]);
    assert_eq!((&told["books"], &told["people"], &told["categories"]), (&1.into(), &1.into(), &sea));
    assert_eq!(told["states"][4], serde_json::json!({"state": "published", "books": 1}));

    let answer = asks(&port, "analytics?format=csv&from=2026-01-01&to=2026-01-02").await;
    let table =
        "day,people,tabs,words_added,words_removed,comments\r\n2026-01-01,1,1,120,0,4\r\n2026-01-02,0,0,0,0,0\r\n";
    assert_eq!((answer.status, answer.body.as_str()), (200, table));
}

#[tokio::test]
async fn who_says_not_who_they_are_and_periods_without_end_are_refused() {
    let port = port(|_| {}).await;
    for path in ["report", "analytics"] {
        assert_eq!(port.get(&format!("/v1/library/{path}")).await.status, 401, "{path}");
        let answer = asks(&port, &format!("{path}?from=2025-01-01&to=2026-01-02")).await;
        assert_eq!((answer.status, answer.code().as_str()), (413, "too_large"), "{path}");
    }
}
