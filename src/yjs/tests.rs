//! What fuzzing found.

use std::path::Path;

#[test]
fn what_fuzzing_found_is_read_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus/provider");
    let found: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path())).collect();
    let are_messages = found.iter().filter(|bytes| super::read_message(bytes.as_ref().unwrap())).count();
    assert!(are_messages > 5 && are_messages < found.len(), "{are_messages} of {}", found.len());
}
