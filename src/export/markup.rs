//! Well-formed XML, which is HTML, too: elements end where they began, and all text is escaped.

/// What is written so far.
#[derive(Debug, Default)]
pub(super) struct Markup(String);

/// Names and values.
pub(super) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Markup {
    /// Beginning with these lines, which are taken as they are.
    pub(super) fn after(prologue: &str) -> Self {
        Self(prologue.to_owned())
    }

    /// An element with what `content` writes in it.
    pub(super) fn element(&mut self, name: &str, attributes: Attributes<'_>, content: impl FnOnce(&mut Self)) {
        self.start(name, attributes);
        self.0.push('>');
        content(self);
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    /// An element that holds text alone.
    pub(super) fn leaf(&mut self, name: &str, attributes: Attributes<'_>, text: &str) {
        self.element(name, attributes, |markup| markup.text(text));
    }

    /// An element that never holds anything.
    pub(super) fn empty(&mut self, name: &str, attributes: Attributes<'_>) {
        self.start(name, attributes);
        self.0.push_str("/>");
    }

    pub(super) fn text(&mut self, text: &str) {
        self.escaped(text);
    }

    /// Ends the line, for those who look at the file: between blocks it means nothing.
    pub(super) fn end_line(&mut self) {
        self.0.push('\n');
    }

    /// A style sheet, which must not hold `<`.
    pub(super) fn style(&mut self, sheet: &str) {
        debug_assert!(!sheet.contains('<'), "a style sheet has no markup");
        self.0.push_str(sheet);
    }

    /// What was written elsewhere.
    pub(super) fn append(&mut self, more: &Self) {
        self.0.push_str(&more.0);
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }

    fn start(&mut self, name: &str, attributes: Attributes<'_>) {
        self.0.push('<');
        self.0.push_str(name);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.escaped(value);
            self.0.push('"');
        }
    }

    fn escaped(&mut self, text: &str) {
        for char in text.chars().filter(|char| is_allowed(*char)) {
            match char {
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '&' => self.0.push_str("&amp;"),
                '"' => self.0.push_str("&quot;"),
                // Read as a line feed if it were written as it is.
                '\r' => self.0.push_str("&#13;"),
                char => self.0.push(char),
            }
        }
    }
}

/// Whether a character may be in XML 1.0 and is there for a reader: no control character, none of the two that are no
/// characters, and none of those at the end of each plane, which checkers complain about.
pub(super) fn is_allowed(char: char) -> bool {
    match char {
        '\t' | '\n' | '\r' => true,
        '\u{fdd0}'..='\u{fdef}' => false,
        char => !char.is_control() && u32::from(char) & 0xfffe != 0xfffe,
    }
}
