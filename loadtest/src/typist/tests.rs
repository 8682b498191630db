use super::*;
use crate::random::Random;

fn chance(random: &mut Random) -> impl FnMut(u32) -> u32 + '_ {
    |sides| random.index(sides)
}

#[test]
fn everybody_who_has_all_updates_has_the_same_text() {
    let mut random = Random::new(7, 1);
    let (mut ann, mut bob) = (Typist::follows(Token(10), []), Typist::follows(Token(20), []));
    let mut log: Vec<Blob> = Vec::new();
    for _ in 0..200 {
        let (writer, reader) = if random.percent(50) { (&mut ann, &mut bob) } else { (&mut bob, &mut ann) };
        let (_, update) = writer.edits(&mut chance(&mut random));
        assert_ne!(update.0, NOTHING, "an edit changes something");
        reader.merges(&update.0);
        log.push(update);
    }
    let read = Page::of(log.iter().map(|update| &update.0[..])).unwrap();
    let compacted = Page::of([&read.state()[..]]).unwrap();
    for page in [ann.page(), bob.page(), &compacted] {
        assert_eq!((page.renders(), page.clocks()), (read.renders(), read.clocks()));
    }
    assert_eq!(read.clocks()[&10], ann.units());
    assert!(read.renders().contains("bold") && read.reads().len() > 100);
}

#[test]
fn updates_are_numbered_without_gaps_and_a_draft_is_a_document() {
    let mut random = Random::new(3, 1);
    let mut ann = Typist::follows(Token(10), []);
    for expected in 1..50 {
        assert_eq!(ann.edits(&mut chance(&mut random)).0, expected);
    }
    let draft = Page::of([&draft("what was not stored").0[..]]).unwrap();
    assert_eq!((draft.reads().as_str(), draft.clocks().len()), ("what was not stored", 1));
}
