//! With children that are not scribes, and answer as badly as they can.

use super::*;
use crate::scribe::{Anchor, Document, Found, State};

/// Longer than anything here takes. It passes only where the clock is paused.
const NEVER: Duration = Duration::from_hours(1);

fn shell(script: &str) -> Settings {
    Settings { deadline: NEVER, ..Settings::new("/bin/sh", &["-c", script]) }
}

async fn asks(scribe: &Scribe) -> Result<State, Failed> {
    scribe.compact(Document::default()).await
}

#[tokio::test]
async fn a_program_that_is_not_there_is_unavailable() {
    let failed = asks(&Scribe::new(Settings::new("/nowhere/quire", &[]))).await.unwrap_err();
    assert!(matches!(failed, Failed::Unavailable(_)) && failed.is_passing(), "{failed}");
}

#[tokio::test]
async fn a_child_that_ends_is_noticed() {
    let failed = asks(&Scribe::new(shell("exit 3"))).await.unwrap_err();
    assert_eq!(failed, Failed::Died("exit status: 3".to_owned()));
    assert!(!failed.is_passing());
}

#[tokio::test]
async fn an_answer_that_is_none_is_garbled() {
    for script in
        ["printf '\\377\\377\\377\\377'; cat", "printf '\\0\\0\\0\\2no'; cat", "printf '\\0\\0\\0\\1\\300'; cat"]
    {
        assert_eq!(asks(&Scribe::new(shell(script))).await, Err(Failed::Garbled), "{script}");
    }
    // A true answer to another question: one anchor, which is gone.
    let answer = frame::pack(&Ok::<_, Failed>(Done::Anchors(vec![Found::Nowhere]))).unwrap();
    let answer = answer.iter().map(|byte| format!("\\{byte:o}")).collect::<Vec<_>>().concat();
    let scribe = Scribe::new(shell(&format!("printf '{answer}'; cat")));
    assert_eq!(asks(&scribe).await, Err(Failed::Garbled));
    assert_eq!(scribe.resolve(Document::default(), vec![]).await, Err(Failed::Garbled));
    let anchor = Anchor { relative: None, quote: String::new() };
    assert_eq!(scribe.resolve(Document::default(), vec![anchor]).await, Ok(vec![Found::Nowhere]));
}

#[tokio::test]
async fn half_an_answer_is_none() {
    let failed = asks(&Scribe::new(shell("printf '\\0\\0\\0\\5half'"))).await.unwrap_err();
    assert_eq!(failed, Failed::Died("exit status: 0".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_child_that_never_answers_is_killed_at_its_deadline() {
    // The second one does not even listen, and the job is larger than a pipe.
    let large = Document { state: Some(vec![0; 1 << 20].into()), updates: vec![] };
    for script in ["cat > /dev/null; exit", "exec sleep 3600"] {
        let scribe = Scribe::new(shell(script));
        assert_eq!(scribe.compact(large.clone()).await, Err(Failed::Overdue), "{script}");
    }
}

#[tokio::test]
async fn a_job_too_many_is_refused() {
    let scribe = Scribe::new(Settings { children_max: 1, waiting_max: 2, ..shell("cat > /dev/null; exit") });
    let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(asks(&scribe))).collect();
    for job in &mut waiting {
        assert!(is_pending(job).await);
    }
    assert_eq!(asks(&scribe).await, Err(Failed::Busy));
    // Whoever gives up makes room, whether their job ran or waited.
    for _ in 0..2 {
        drop(waiting.remove(0));
        let mut next = Box::pin(asks(&scribe));
        assert!(is_pending(&mut next).await);
        waiting.push(next);
        assert_eq!(asks(&scribe).await, Err(Failed::Busy));
    }
}

/// Polls it once.
async fn is_pending<T>(future: &mut (impl Future<Output = T> + Unpin)) -> bool {
    std::future::poll_fn(|cx| std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(cx).is_pending())).await
}

#[tokio::test]
async fn a_job_that_is_too_large_is_not_sent() {
    let scribe = Scribe::new(Settings::new("/nowhere/quire", &[]));
    let of = |bytes| Document { state: Some(vec![0; bytes].into()), updates: vec![] };
    let head = frame::pack(&Job::Compact(of(1 << 16))).unwrap().len() - 4 - (1 << 16);
    let fits = scribe.compact(of(frame::FRAME_BYTES_MAX - head)).await;
    assert!(matches!(fits, Err(Failed::Unavailable(_))), "{fits:?}");
    assert_eq!(scribe.compact(of(frame::FRAME_BYTES_MAX - head + 1)).await, Err(Failed::TooLarge));
}
