//! A guard passes only the token that the fence holds, at the moment of the write.

use quire::store::{Append, AppendError, FenceChange, Read};
use quire_protocol::Token;

use super::bench::{Bench, book, chapter, draft, payloads};

on_every_store! {
    a_log_without_a_fence_refuses_guarded_appends,
    a_granted_token_passes,
    a_granted_token_is_the_stamp_of_its_payload,
    an_older_token_after_a_new_grant,
    a_token_after_the_fence_was_ended,
    a_fence_of_another_chapter,
    a_paused_holder_wakes_up_after_a_takeover,
    r8_a_repeat_of_a_guarded_append_after_the_fence_moved,
    r14_a_refused_append_leaves_all_of_its_fences,
}

async fn a_log_without_a_fence_refuses_guarded_appends(bench: Bench) {
    let text = chapter("b1", "c1");
    assert_eq!(bench.write_guarded(&text, None, &text, Token(0)).await, Err(AppendError::Fenced));
    assert_eq!(bench.read(&text, None).await, Read::Absent);
}

async fn a_granted_token_passes(bench: Bench) {
    let text = chapter("b1", "c1");
    let grant = bench.change_fence(&book("b1"), None, &text, FenceChange::Grant(0)).await;
    let written = bench.write_guarded(&text, None, &text, grant.first_stamp).await.unwrap();
    bench.write_guarded(&text, Some(written.position), &text, grant.first_stamp).await.unwrap();
}

async fn a_granted_token_is_the_stamp_of_its_payload(bench: Bench) {
    let text = chapter("b1", "c1");
    let fences = vec![(text.clone(), FenceChange::Grant(1))];
    let grant = bench.append(&Append { fences, ..draft(&book("b1"), None, &["a", "b", "c"]) }).await.unwrap();
    let token = Token(grant.first_stamp.0 + 1);
    assert_eq!(bench.write_guarded(&text, None, &text, grant.first_stamp).await, Err(AppendError::Fenced));
    assert_eq!(bench.write_guarded(&text, None, &text, Token(token.0 + 1)).await, Err(AppendError::Fenced));
    bench.write_guarded(&text, None, &text, token).await.unwrap();
}

async fn an_older_token_after_a_new_grant(bench: Bench) {
    let text = chapter("b1", "c1");
    let first = bench.change_fence(&book("b1"), None, &text, FenceChange::Grant(0)).await;
    let second = bench.change_fence(&book("b1"), Some(first.position), &text, FenceChange::Grant(0)).await;
    assert!(first.first_stamp < second.first_stamp);
    assert_eq!(bench.write_guarded(&text, None, &text, first.first_stamp).await, Err(AppendError::Fenced));
    bench.write_guarded(&text, None, &text, second.first_stamp).await.unwrap();
}

async fn a_token_after_the_fence_was_ended(bench: Bench) {
    let text = chapter("b1", "c1");
    let grant = bench.change_fence(&book("b1"), None, &text, FenceChange::Grant(0)).await;
    let end = bench.change_fence(&book("b1"), Some(grant.position), &text, FenceChange::End).await;
    assert_eq!(bench.write_guarded(&text, None, &text, grant.first_stamp).await, Err(AppendError::Fenced));
    assert_eq!(bench.write_guarded(&text, None, &text, end.first_stamp).await, Err(AppendError::Fenced));
}

async fn a_fence_of_another_chapter(bench: Bench) {
    let (one, other) = (chapter("b1", "c1"), chapter("b1", "c2"));
    let grant = bench.change_fence(&book("b1"), None, &one, FenceChange::Grant(0)).await;
    assert_eq!(bench.write_guarded(&other, None, &other, grant.first_stamp).await, Err(AppendError::Fenced));
    let abroad = chapter("b2", "c1");
    assert_eq!(bench.write_guarded(&abroad, None, &abroad, grant.first_stamp).await, Err(AppendError::Fenced));
}

async fn a_paused_holder_wakes_up_after_a_takeover(bench: Bench) {
    let text = chapter("b1", "c1");
    let ann = bench.change_fence(&book("b1"), None, &text, FenceChange::Grant(0)).await;
    let written = bench.write_guarded(&text, None, &text, ann.first_stamp).await.unwrap();
    // Ann's replica decides on the tail as it is, pauses, and Bob takes over before its append arrives.
    let late =
        Append { guard: Some((text.clone(), ann.first_stamp)), ..draft(&text, Some(written.position), &["late"]) };
    bench.change_fence(&book("b1"), Some(ann.position), &text, FenceChange::Grant(0)).await;
    assert_eq!(bench.append(&late).await, Err(AppendError::Fenced));
    assert_eq!(bench.tail(&text).await, Some(written.position));
}

async fn r8_a_repeat_of_a_guarded_append_after_the_fence_moved(bench: Bench) {
    let text = chapter("b1", "c1");
    let grant = bench.change_fence(&book("b1"), None, &text, FenceChange::Grant(0)).await;
    let append = Append { guard: Some((text.clone(), grant.first_stamp)), ..draft(&text, None, &["mine"]) };
    let first = bench.append(&append).await.unwrap();
    bench.change_fence(&book("b1"), Some(grant.position), &text, FenceChange::End).await;
    assert_eq!(bench.append(&append).await, Ok(first), "it was done while the token still held");
}

async fn r14_a_refused_append_leaves_all_of_its_fences(bench: Bench) {
    let log = book("b1");
    let (one, two, three) = (chapter("b1", "c1"), chapter("b1", "c2"), chapter("b1", "c3"));
    let grant = bench.change_fence(&log, None, &one, FenceChange::Grant(0)).await;
    let token = grant.first_stamp;
    let fences = vec![
        (one.clone(), FenceChange::End),
        (two.clone(), FenceChange::Grant(0)),
        (three.clone(), FenceChange::Grant(1)),
    ];
    let append = Append { fences, ..draft(&log, None, &["a", "b"]) };
    let conflicting = append.clone();
    let fenced = Append { after: Some(grant.position), guard: Some((two.clone(), token)), ..append };

    assert!(matches!(bench.append(&conflicting).await, Err(AppendError::Conflict(_))));
    assert_eq!(bench.append(&fenced).await, Err(AppendError::Fenced));

    let Read::Snapshot { records, tail, .. } = bench.read(&log, None).await else { panic!("no start") };
    assert_eq!((payloads(&records), tail), (vec!["fence"], grant.position));
    bench.write_guarded(&one, None, &one, token).await.unwrap();
    for untouched in [&two, &three] {
        for guess in token.0..token.0 + 4 {
            let refused = bench.write_guarded(untouched, None, untouched, Token(guess)).await;
            assert_eq!(refused, Err(AppendError::Fenced));
        }
    }
}
