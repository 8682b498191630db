use std::collections::HashMap;

use yrs::XmlFragment as _;
use yrs::types::Attrs;
use yrs::{Any, Assoc, Text as _, Xml as _, XmlElementPrelim, XmlTextPrelim, XmlTextRef};

use super::*;
use crate::scribe::tree::{DEPTH_MAX, Mark, Measure, Node, Run, Value};
use writer::{Dice, Writer};

mod anchors;
mod hostile;
mod writer;

/// Histories that are tried.
const HISTORIES: u64 = 200;
const ANN: u64 = 1;
const BOB: u64 = (1 << 53) - 1;

fn document(log: &[Bytes]) -> Document {
    Document { state: None, updates: log.to_vec() }
}

fn done(job: Job) -> Done {
    perform(job).unwrap()
}

fn state(document: Document) -> State {
    let Done::State(state) = done(Job::Compact(document)) else { panic!("not a state") };
    state
}

fn seed(tree: Vec<Node>, client: u64) -> Seeded {
    let Done::Seeded(seeded) = done(Job::Seed { tree, client }) else { panic!("not a seed") };
    seeded
}

fn text(document: Document) -> Text {
    let Done::Text(text) = done(Job::Read(document)) else { panic!("not a text") };
    text
}

fn of(state: &State) -> Document {
    Document { state: Some(state.state.clone()), updates: Vec::new() }
}

/// A chapter that several people wrote one after another: its log, and the last one's editor.
fn history(dice: &mut Dice) -> Writer {
    let mut writer = Writer::opens(&[], 100);
    for session in 1..=3 {
        for _ in 0..10 + dice.roll(30) {
            writer.edits(dice);
        }
        writer = Writer::opens(&writer.log, 100 + session);
    }
    for _ in 0..dice.roll(20) {
        writer.edits(dice);
    }
    writer
}

fn paragraph(text: &str) -> Node {
    Node::element("paragraph", vec![Node::text(vec![Run::plain(text)])])
}

#[test]
fn a_document_is_read_as_it_was_written() {
    let mut ann = Writer::opens(&[], ANN);
    ann.does(|transaction, root| {
        let heading = root.push_back(transaction, XmlElementPrelim::empty("heading"));
        heading.insert_attribute(transaction, "level", Any::from(2));
        heading.insert_attribute(transaction, "open", Any::from(true));
        heading.push_back(transaction, XmlTextPrelim::new("Loomings"));
        root.push_back(transaction, XmlElementPrelim::empty("paragraph"));
    });
    let said = ann.adds_paragraph("Call me Ishmael. Some years ago");
    ann.does(|transaction, _| {
        let link = HashMap::from([("href".to_owned(), Any::from("https://whale.sea"))]);
        let marks = [("link--aB3+/=zZ".into(), Any::Map(link.into())), ("bold".into(), Any::from(true))];
        said.format(transaction, 8, 7, Attrs::from(marks));
    });
    let link = Value::Map(BTreeMap::from([("href".to_owned(), Value::String("https://whale.sea".to_owned()))]));
    let name = Run::plain("Ishmael").with("bold", Value::Bool(true)).with("link", link);
    let heading = Node::element("heading", vec![Node::text(vec![Run::plain("Loomings")])]);
    let expected = vec![
        heading.with("level", Value::Number(2.0)).with("open", Value::Bool(true)),
        Node::element("paragraph", vec![]),
        Node::element(
            "paragraph",
            vec![Node::text(vec![Run::plain("Call me "), name, Run::plain(". Some years ago")])],
        ),
    ];
    let read = text(document(&ann.log));
    assert_eq!(read.tree, expected);
    assert_eq!(read.measure, Measure { characters: 8 + 31, words: 7 });
}

/// What y-prosemirror 1.3 with Yjs 13.6 makes of the text of [`a_text_of_an_editor_is_read`], in hexadecimal.
const FROM_AN_EDITOR: &str = "\
    011f070007010764656661756c74030768656164696e67070007000604000701084c6f6f6d696e677328000700056c6576656c01\
    7d0287070003097061726167726170680700070b060400070c0843616c6c206d652086071404626f6c64027b7d860715046c696e\
    6b2e7b2268726566223a2268747470733a2f2f7768616c652e736561222c22746172676574223a225f626c616e6b227d84071603\
    49736886071904626f6c64046e756c6c86071a046c696e6b046e756c6c86071b046c696e6b2e7b2268726566223a226874747073\
    3a2f2f7768616c652e736561222c22746172676574223a225f626c616e6b227d84071c046d61656c860720046c696e6b046e756c\
    6c840721012e87070c030968617264427265616b870723060600072411636f6d6d656e742d2d674a7a5a7956524f0a7b22696422\
    3a2261227d86072511636f6d6d656e742d2d624e7576647765690a7b226964223a2262227d84072609f09d849e20536f6d658607\
    2d11636f6d6d656e742d2d674a7a5a7956524f046e756c6c86072e11636f6d6d656e742d2d624e757664776569046e756c6c8707\
    0b0309706172616772617068870730030a626c6f636b71756f746507000731030b6f7264657265644c6973740700073203086c69\
    73744974656d070007330309706172616772617068070007340604000735036f6e6528000732057374617274017d0300";

fn link() -> Value {
    let attributes = [("href", "https://whale.sea"), ("target", "_blank")];
    Value::Map(attributes.map(|(name, value)| (name.to_owned(), Value::String(value.to_owned()))).into())
}

/// A text with some of everything, ending in `last`.
fn some_of_everything(last: Run) -> Vec<Node> {
    let runs = vec![
        Run::plain("Call me "),
        Run::plain("Ish").with("bold", Value::empty()).with("link", link()),
        Run::plain("mael").with("link", link()),
        Run::plain("."),
    ];
    let line = vec![Node::text(runs), Node::element("hardBreak", vec![]), Node::text(vec![last])];
    let list = Node::element("orderedList", vec![Node::element("listItem", vec![paragraph("one")])]);
    vec![
        Node::element("heading", vec![Node::text(vec![Run::plain("Loomings")])]).with("level", Value::Number(2.0)),
        Node::element("paragraph", line),
        Node::element("paragraph", vec![]),
        Node::element("blockquote", vec![list.with("start", Value::Number(3.0))]),
    ]
}

#[test]
fn a_text_of_an_editor_is_read() {
    let byte = |at: usize| u8::from_str_radix(&FROM_AN_EDITOR[at..at + 2], 16).unwrap();
    let update: Vec<u8> = (0..FROM_AN_EDITOR.len()).step_by(2).map(byte).collect();
    let comment = |id: &str| Value::Map([("id".to_owned(), Value::String(id.to_owned()))].into());
    let last = Run::plain("𝄞 Some").with("comment", comment("b")).with("comment", comment("a"));
    assert_eq!(text(document(&[update.into()])).tree, some_of_everything(last));
}

#[test]
fn only_a_suffix_of_eight_is_taken_off_a_mark() {
    let mut ann = Writer::opens(&[], ANN);
    let said = ann.adds_paragraph("ab");
    let names = ["comment--12345678", "comment--abcdefgh", "a--1234567", "b--123456789", "c--12345_78"];
    ann.does(|transaction, _| {
        let marks = names.map(|name| (name.into(), Any::from(1)));
        said.format(transaction, 0, 1, Attrs::from(marks));
    });
    let mark = |name: &str| Mark { name: name.to_owned(), value: Value::Number(1.0) };
    let marks = ["a--1234567", "b--123456789", "c--12345_78", "comment", "comment"].map(mark).to_vec();
    let runs = vec![Run { text: "a".to_owned(), marks }, Run::plain("b")];
    assert_eq!(text(document(&ann.log)).tree, vec![Node::element("paragraph", vec![Node::text(runs)])]);
}

#[test]
fn nothing_is_a_document_too() {
    let empty = state(Document::default());
    assert_eq!((empty.clocks.len(), empty.measure), (0, Measure::default()));
    assert_eq!(text(of(&empty)).tree, vec![]);
}

#[test]
fn words_end_at_spaces_blocks_and_breaks() {
    let runs = |words: &[&str]| Node::text(words.iter().map(|word| Run::plain(word)).collect());
    let tree = vec![
        Node::element("paragraph", vec![runs(&["it's"]), Node::element("hardBreak", vec![]), runs(&["über "])]),
        Node::element("paragraph", vec![runs(&[" 鯨\u{a0}\u{1f40b}"])]),
    ];
    let seeded = seed(tree, ANN);
    assert_eq!(seeded.measure, Measure { characters: 4 + 5 + 4, words: 4 });
}

#[test]
fn compaction_changes_nothing_and_a_second_one_even_less() {
    for seed in 0..HISTORIES {
        let writer = history(&mut Dice::new(seed));
        let log = &writer.log;
        let first = state(document(log));
        let replayed = text(document(log));
        assert_eq!(text(of(&first)), replayed, "seed {seed}");
        assert_eq!(first.clocks, writer::clocks(&writer.doc), "seed {seed}");
        assert_eq!(first.measure, replayed.measure, "seed {seed}");
        let opened = Opened::new(&of(&first)).unwrap();
        assert_eq!(writer::plain(&opened.doc, &opened.root), writer::plain(&writer.doc, &writer.root), "seed {seed}");
        // Readers of a log may hold on to entries that the state has already.
        let (known, second) = (&log[log.len() / 2..], state(of(&first)));
        assert_eq!(second, state(of(&second)), "seed {seed}");
        let overlapping = Document { state: Some(first.state.clone()), updates: known.to_vec() };
        assert_eq!(text(of(&state(overlapping))), replayed, "seed {seed}");
    }
}

#[test]
fn a_restored_document_says_what_it_said_then() {
    let mut restored = 0;
    for seed in 0..HISTORIES {
        let dice = &mut Dice::new(seed);
        let mut writer = history(dice);
        let length = u32::try_from(writer.log.len()).unwrap();
        let (then, compacted) = (dice.roll(length) as usize, dice.roll(length) as usize);
        let past = state(document(&writer.log[..then]));
        let document = Document {
            state: Some(state(document(&writer.log[..compacted])).state),
            updates: writer.log[compacted..].to_vec(),
        };
        // One that never wrote, or the one that has the chapter open.
        let client = if dice.roll(2) == 0 { BOB } else { 103 };
        let job = Job::Restore { document: document.clone(), old_state: past.state.clone(), client };
        let Done::Restore(update) = perform(job).unwrap_or_else(|failed| panic!("seed {seed}: {failed}")) else {
            panic!("not an update")
        };
        let wanted = text(of(&past));
        let Some(update) = update else {
            assert_eq!(text(document), wanted, "seed {seed}");
            continue;
        };
        restored += 1;
        // It goes on exactly where the client's clock is.
        let known = writer::clocks(&writer.doc).get(&client).copied().unwrap_or(0);
        for (id, ranges) in Update::decode_v1(&update).unwrap().insertions(true).iter() {
            let starts: Vec<u32> = ranges.iter().map(|range| range.start).collect();
            assert_eq!((id.get(), starts), (client, vec![known]), "seed {seed}");
        }
        // The open editor, which has lived through all of it, reads the same; and so does whoever comes later.
        writer.hears(&update);
        assert_eq!(text(self::document(&writer.log)), wanted, "seed {seed}");
        let later = Opened::new(&of(&past)).unwrap();
        assert_eq!(writer::plain(&writer.doc, &writer.root), writer::plain(&later.doc, &later.root), "seed {seed}");
        writer.edits(dice);
        state(self::document(&writer.log));
    }
    assert!(restored > HISTORIES * 9 / 10, "{restored} restores changed something");
}

#[test]
fn a_restore_names_only_what_it_changes() {
    let mut ann = Writer::opens(&[], ANN);
    let said = ann.adds_paragraph("");
    for round in 0..500 {
        ann.does(|transaction, _| said.insert(transaction, 0, "whale"));
        if round % 2 == 0 {
            ann.does(|transaction, _| said.remove_range(transaction, 1, 3));
        }
    }
    let past = state(document(&ann.log));
    ann.does(|transaction, _| said.insert(transaction, 3, "!"));
    let job = Job::Restore { document: document(&ann.log), old_state: past.state.clone(), client: BOB };
    let Done::Restore(Some(update)) = done(job) else { panic!("not an update") };
    assert!(update.len() < 32, "{} bytes for one character", update.len());
    let same = Job::Restore { document: of(&past), old_state: past.state, client: BOB };
    assert_eq!(done(same), Done::Restore(None));
}

#[test]
fn another_documents_past_is_refused() {
    let (mut ann, mut bob) = (Writer::opens(&[], ANN), Writer::opens(&[], BOB));
    ann.adds_paragraph("Call me Ishmael.");
    bob.adds_paragraph("It was the best of times.");
    let job = Job::Restore { document: document(&ann.log), old_state: state(document(&bob.log)).state, client: 7 };
    assert_eq!(perform(job), Err(Failed::Unrelated));
}

#[test]
fn a_seed_is_read_as_it_was_given() {
    let values =
        vec![Value::Null, Value::Number(1.5), Value::Number(3e9), Value::Bool(false), Value::String(String::new())];
    let tree = some_of_everything(Run::plain("𝄞 Some").with("italic", Value::List(values)));
    let seeded = seed(tree.clone(), BOB);
    assert_eq!(text(document(std::slice::from_ref(&seeded.update))).tree, tree);
    assert_eq!(state(document(&[seeded.update])).clocks, [(BOB, seeded.units)].into());
}

#[test]
fn a_seed_is_laid_out_as_an_editor_would() {
    let bold = |text: &str| Run::plain(text).with("bold", Value::empty());
    let given = vec![
        Node::element(
            "paragraph",
            vec![
                Node::text(vec![bold("a"), Run::plain(""), bold("b")]),
                Node::text(vec![Run::plain("c").with("z", Value::empty()).with("a", Value::Bool(true))]),
            ],
        )
        .with("align", Value::Null),
        Node::element("paragraph", vec![Node::text(vec![])]),
    ];
    let seeded = seed(given, ANN);
    let runs = vec![bold("ab"), Run::plain("c").with("a", Value::Bool(true)).with("z", Value::empty())];
    let laid_out = vec![Node::element("paragraph", vec![Node::text(runs)]), Node::element("paragraph", vec![])];
    assert_eq!(text(document(&[seeded.update])).tree, laid_out);
}

#[test]
fn a_seed_that_makes_no_sense_is_refused() {
    let marked = |value: Value| {
        let run = Run::plain("a").with("bold", value.clone()).with("bold", value);
        vec![Node::element("paragraph", vec![Node::text(vec![run])])]
    };
    let with = |value| vec![Node::element("paragraph", vec![]).with("a", value)];
    let nested = |levels| (0..levels).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    let deep = |levels| {
        (1..levels).fold(vec![Node::element("blockquote", vec![])], |inner, _| vec![Node::element("blockquote", inner)])
    };
    let seed = |tree, client| perform(Job::Seed { tree, client }).map(drop);
    assert!(matches!(seed(marked(Value::empty()), ANN), Err(Failed::Senseless(_))));
    assert!(matches!(seed(with(Value::Number(f64::NAN)), ANN), Err(Failed::Senseless(_))));
    assert!(matches!(seed(vec![], 0), Err(Failed::Senseless(_))));
    assert!(matches!(seed(vec![], BOB + 1), Err(Failed::Senseless(_))));
    assert_eq!(seed(with(nested(value::DEPTH_MAX)), BOB), Ok(()));
    assert_eq!(seed(with(nested(value::DEPTH_MAX + 1)), BOB), Err(Failed::TooDeep));
    assert_eq!(seed(deep(DEPTH_MAX), BOB), Ok(()));
    assert_eq!(seed(deep(DEPTH_MAX + 1), BOB), Err(Failed::TooDeep));
}
