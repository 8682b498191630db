//! What fuzzing found, tried again: files of the corpus through the targets that they were found with.

use std::path::Path;

use tokio::time::Instant;

#[path = "../fuzz/src/targets.rs"]
mod targets;

fn replay(target: &str) {
    let (_, try_it) = targets::ALL.iter().find(|(name, _)| *name == target).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 5, "{} is the corpus of {target}", folder.display());
    for file in files {
        let begun = Instant::now();
        try_it(&std::fs::read(&file).unwrap());
        // A hang is found by the fuzzer, which is patient; this is what nobody may make a hub do.
        assert!(begun.elapsed().as_secs() < 10, "{} took {:?}", file.display(), begun.elapsed());
    }
}

/// One test for each target, so that they run side by side and a failure says where.
macro_rules! replayed {
    ($($target:ident),* $(,)?) => {
        $(#[test]
        fn $target() {
            replay(stringify!($target));
        })*

        #[test]
        fn every_target_is_replayed() {
            let names: Vec<&str> = targets::ALL.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$(stringify!($target)),*]);
        }
    };
}

replayed! {
    update, position, picture, client_frame, server_frame, markdown, html, plain, epub, docx, archive, from_html,
}
