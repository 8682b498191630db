use bytes::Bytes;

use super::*;
use crate::scribe::Document;

const READ: Job = Job::Read(Document { state: None, updates: Vec::new() });
const COMPACT: Job = Job::Compact(Document { state: None, updates: Vec::new() });

/// What is answered to these jobs.
fn answers(jobs: &[Job], perform: fn(Job) -> Result<Done, Failed>) -> Vec<Result<Done, Failed>> {
    let input: Vec<u8> = jobs.iter().flat_map(|job| frame::pack(job).unwrap()).collect();
    let mut output = Vec::new();
    serve(&mut &*input, &mut output, perform).unwrap();
    let mut output = &*output;
    std::iter::from_fn(|| frame::read(&mut output).unwrap()).collect()
}

#[test]
fn a_panic_is_told_and_ends_the_child() {
    let perform = |job| if matches!(job, Job::Read(_)) { panic!("as expected") } else { Ok(Done::Restore(None)) };
    let told = answers(&[COMPACT, READ, COMPACT], perform);
    assert!(matches!(&told[..], [Ok(_), Err(Failed::Panicked(_))]), "{told:?}");
}

#[test]
fn a_failure_is_told_and_ends_nothing() {
    let told = answers(&[READ, READ], |_| Err(Failed::TooDeep));
    assert_eq!(told, [Err(Failed::TooDeep), Err(Failed::TooDeep)]);
}

#[test]
fn a_result_that_is_too_large_is_not_sent() {
    let told = answers(&[READ], |_| Ok(Done::Restore(Some(Bytes::from(vec![0; frame::FRAME_BYTES_MAX])))));
    assert_eq!(told, [Err(Failed::TooLarge)]);
}

#[test]
fn the_stack_is_large() {
    /// Uses at least a kilobyte of stack for each level.
    fn descend(levels: u32) -> u32 {
        let here = std::hint::black_box([levels; 256]);
        if levels == 0 { 0 } else { descend(levels - 1) + u32::from(here[0] == levels) }
    }
    // Twelve times what a thread has otherwise.
    let told = aside(|| Err(Failed::Foreign(descend(24 << 10).to_string()))).unwrap();
    assert_eq!(told, Err(Failed::Foreign("24576".to_owned())));
}
