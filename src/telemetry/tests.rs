use std::sync::{Arc, Mutex};
use std::time::Duration;

use quire_protocol::{CloseCode, Rejection};

use super::*;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn logged(format: LogFormat, log: impl FnOnce()) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = subscriber("info".parse().unwrap(), format, move || writer.clone());
    tracing::subscriber::with_default(subscriber, log);
    let bytes = lines.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn hostile_text_stays_one_json_object_in_one_line() {
    let name = "a\nb\r\u{1b}[2J\u{0}\"}{\u{202e}";
    let text = logged(LogFormat::Json, || tracing::info!(name = %cut(name), "joined"));
    assert_eq!(text.lines().count(), 1, "{text}");
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    let shown = "a\\u{a}b\\u{d}\\u{1b}[2J\\u{0}\"}{\u{202e}";
    assert_eq!((line["name"].as_str(), line["message"].as_str()), (Some(shown), Some("joined")));
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn text_lines_carry_no_terminal_escapes() {
    let text = logged(LogFormat::Text, || tracing::info!(name = %cut("\u{1b}[2J"), "joined"));
    assert!(text.contains("joined") && !text.contains('\u{1b}'), "{text:?}");
}

#[test]
fn long_text_is_cut_between_characters() {
    let chars = |count: usize| "é".repeat(count);
    assert_eq!(cut(&chars(FIELD_CHARS_MAX)).to_string(), chars(FIELD_CHARS_MAX));
    assert_eq!(cut(&chars(FIELD_CHARS_MAX + 1)).to_string(), chars(FIELD_CHARS_MAX) + "…");
}

#[test]
fn metrics_are_text_with_constant_labels() {
    let recorder = metric::recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        let first = metric::connection();
        let _second = metric::connection();
        drop(first);
        metric::command("lock.acquire", Some(&Rejection::Forbidden));
        metric::command("lock.acquire", None);
        metric::closed(CloseCode::TooSlow);
        metric::deliveries(3);
        metric::append(metric::AppendOutcome::Done, Duration::from_millis(2));
        let text = handle.render();
        for line in [
            "quire_connections 1",
            "quire_commands_total{kind=\"lock.acquire\",outcome=\"forbidden\"} 1",
            "quire_commands_total{kind=\"lock.acquire\",outcome=\"ok\"} 1",
            "quire_closes_total{code=\"4008\"} 1",
            "quire_deliveries_total 3",
            "quire_append_seconds_bucket{le=\"0.002\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in:\n{text}");
        }
    });
}
