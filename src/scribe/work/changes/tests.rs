use super::*;

fn paragraph(text: &str) -> Node {
    Node::element("paragraph", vec![Node::text(vec![Run::plain(text)])])
}

fn text(paragraphs: &[&str]) -> Vec<Node> {
    paragraphs.iter().map(|text| paragraph(text)).collect()
}

/// One line for each block: what went in brackets, what came in braces.
fn told(changes: &Changes) -> Vec<String> {
    let piece = |piece: &Piece| match piece.change {
        Change::Kept => piece.text.clone(),
        Change::Deleted => format!("[{}]", piece.text),
        Change::Inserted => format!("{{{}}}", piece.text),
    };
    changes.blocks.iter().map(|block| block.pieces.iter().map(piece).collect()).collect()
}

/// What one of the two texts says, put together from the pieces.
fn side(changes: &Changes, without: Change) -> Vec<String> {
    let kept = |block: &ChangedBlock| {
        let pieces: Vec<&Piece> = block.pieces.iter().filter(|piece| piece.change != without).collect();
        (!pieces.is_empty()).then(|| pieces.iter().map(|piece| piece.text.as_str()).collect())
    };
    changes.blocks.iter().filter_map(kept).collect()
}

#[test]
fn words_that_changed_are_shown_within_their_block() {
    let old = text(&["Call me Ishmael.", "Some years ago, never mind how long."]);
    let new = text(&["Call me Ishmael.", "Many years ago, never mind how long precisely."]);
    let changes = between(&old, &new);
    assert_eq!(told(&changes), ["Call me Ishmael.", "[Some]{Many} years ago, never mind how [long.]{long precisely.}"]);
    assert_eq!((changes.added, changes.removed), (3, 2));
}

#[test]
fn blocks_that_came_and_went_are_whole() {
    let old = text(&["one one one", "two two two", "three three three"]);
    let new = text(&["one one one", "three three three", "quite another thing"]);
    let changes = between(&old, &new);
    assert_eq!(told(&changes), ["one one one", "[two two two]", "three three three", "{quite another thing}"]);
    assert_eq!((changes.added, changes.removed), (3, 3));
}

#[test]
fn lists_notes_and_what_has_no_text_are_told_too() {
    let item = |text| Node::element("listItem", vec![paragraph(text)]);
    let note = Node::element("footnote", vec![Node::text(vec![Run::plain("a note")])]);
    let noted = Node::element("paragraph", vec![Node::text(vec![Run::plain("Here")]), note]);
    let old = vec![Node::element("bulletList", vec![item("one"), item("two")])];
    let new = vec![Node::element("bulletList", vec![item("one")]), Node::element("sceneBreak", Vec::new()), noted];
    let changes = between(&old, &new);
    let names: Vec<&str> = changes.blocks.iter().map(|block| block.name.as_str()).collect();
    assert_eq!(names, ["paragraph", "paragraph", "sceneBreak", "paragraph"]);
    assert_eq!(told(&changes), ["one", "[two]", "{}", "{Here [a note]}"]);
}

proptest::proptest! {
    #[test]
    fn each_side_says_what_its_text_said(
        old in proptest::collection::vec("[ab ]{0,6}", 0..8),
        new in proptest::collection::vec("[ab ]{0,6}", 0..8),
    ) {
        let lines = |lines: &[String]| lines.iter().map(|line| paragraph(line)).collect::<Vec<_>>();
        let changes = between(&lines(&old), &lines(&new));
        // An empty line may vanish into a piece without text.
        let full = |lines: Vec<String>| lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>();
        assert_eq!(full(side(&changes, Change::Inserted)), full(old));
        assert_eq!(full(side(&changes, Change::Deleted)), full(new));
    }
}
