//! The hub's side, with shells for presses.

use tokio::time::Instant;

use super::*;

/// A press that does what a shell is told.
fn press(script: &str) -> Press {
    let arguments = ["-c".into(), script.into()].into();
    Press::new(Settings {
        program: "/bin/sh".into(),
        arguments,
        deadline: Duration::from_mins(1),
        pdf_bytes_max: 1 << 20,
    })
}

async fn fails(script: &str, job: &[u8]) -> Failed {
    press(script).work(job).await.unwrap_err()
}

#[tokio::test]
async fn a_pdf_comes_with_what_is_wrong_with_it() {
    let script = "printf '%%PDF-'; cat; echo 'warning: no font has 字' >&2; echo chatter >&2";
    let pdf = press(script).work(b"a book").await.unwrap();
    assert_eq!(pdf, Pdf { file: "%PDF-a book".into(), warnings: vec!["no font has 字".to_owned()] });
}

#[tokio::test]
async fn a_press_that_is_not_there_is_told_how_to_get() {
    let missing = Press::new(Settings::new("/nowhere/quire-press", None));
    assert!(!missing.is_there());
    let failed = missing.work(b"").await.unwrap_err();
    assert_eq!(failed, Failed::Missing);
    let told = failed.to_string();
    assert!(told.contains("cargo build --release -p quire-press") && told.contains("--press"), "{told}");
    let unfit = Press::new(Settings::new("/etc/passwd", None));
    assert!(matches!(unfit.work(b"").await, Err(Failed::Unavailable(_))));
}

#[tokio::test]
async fn what_a_press_says_when_it_refuses_is_passed_on_as_one_plain_line() {
    let refused = fails("cat >/dev/null; echo first >&2; printf 'too \\033[1mdeep\\n\\n' >&2; exit 1", b"job").await;
    assert_eq!(refused, Failed::Refused("too [1mdeep".to_owned()));
    let long = fails("head -c 9000 /dev/zero | tr '\\0' x >&2; exit 3", b"").await;
    assert_eq!(long, Failed::Refused("x".repeat(SENTENCE_CHARS_MAX)));
    // It does not even read the job, which is more than a pipe holds.
    assert_eq!(fails("echo no >&2; exit 1", &vec![0; 4 << 20]).await, Failed::Refused("no".to_owned()));
}

#[tokio::test]
async fn a_press_that_dies_costs_its_book() {
    assert!(matches!(fails("kill -9 $$", b"").await, Failed::Died(how) if how.contains('9')));
    assert!(matches!(fails("echo 'out of memory' >&2; kill -ABRT $$", b"").await, Failed::Died(_)));
    assert!(matches!(fails("exit 7", b"").await, Failed::Died(how) if how.contains('7')));
}

#[tokio::test]
async fn what_is_no_pdf_is_not_passed_on() {
    assert_eq!(fails("cat >/dev/null", b"job").await, Failed::Garbled);
    assert_eq!(fails("echo '<html>'", b"job").await, Failed::Garbled);
}

#[tokio::test]
async fn a_press_that_floods_is_stopped() {
    assert_eq!(fails("yes %PDF-", b"").await, Failed::TooLarge);
    assert_eq!(fails("yes warning: >&2", b"").await, Failed::TooLarge);
}

#[tokio::test]
async fn a_press_that_hangs_is_killed_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let id = folder.path().join("id");
    let mut hanging = press(&format!("echo $$ > {}; exec sleep 600", id.display()));
    hanging.0.deadline = Duration::from_millis(300);
    assert_eq!(hanging.work(&vec![0; 4 << 20]).await, Err(Failed::Overdue));
    let id = std::fs::read_to_string(&id).unwrap();
    assert!(!is_running(&id), "it was waited for");
}

#[tokio::test]
async fn nobody_waits_for_a_press_whose_caller_has_hung_up() {
    let folder = tempfile::tempdir().unwrap();
    let (id, fifo) = (folder.path().join("id"), folder.path().join("started"));
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let script = format!("echo $$ > {}; echo > {}; exec sleep 600", id.display(), fifo.display());
    let working = tokio::spawn(async move { press(&script).work(b"").await });
    // Whoever opens the pipe waits until the other side does.
    tokio::task::spawn_blocking(move || std::fs::read(&fifo).unwrap()).await.unwrap();
    working.abort();
    assert!(working.await.unwrap_err().is_cancelled());
    let id = std::fs::read_to_string(&id).unwrap();
    let given_up = Instant::now() + Duration::from_secs(20);
    while is_running(&id) {
        assert!(Instant::now() < given_up, "it is still there");
        tokio::task::yield_now().await;
    }
}

/// Whether there is such a process that has not ended.
fn is_running(id: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
    status.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}
