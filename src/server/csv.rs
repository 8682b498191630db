//! Tables as spreadsheets read them: RFC 4180, in UTF-8.

/// What a table is.
pub(super) const MEDIA_TYPE: &str = "text/csv; charset=utf-8";
/// What a spreadsheet takes for the beginning of a formula, also in the wide forms that some read the same.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// One record with its line end.
pub(super) fn record<Cell: AsRef<str>>(cells: impl IntoIterator<Item = Cell>) -> String {
    let mut line = String::new();
    for (index, text) in cells.into_iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        cell(&mut line, text.as_ref());
    }
    line.push_str("\r\n");
    line
}

/// A cell as text, whatever it says: where a spreadsheet would compute it, an apostrophe comes first.
fn cell(line: &mut String, text: &str) {
    let is_active = text.trim_start().starts_with(FORMULA) || text.starts_with(char::is_control);
    let needs_quotes = text.contains([',', '"', '\r', '\n']) || text != text.trim();
    if needs_quotes {
        line.push('"');
    }
    if is_active {
        line.push('\'');
    }
    for char in text.chars() {
        if char == '"' {
            line.push('"');
        }
        line.push(char);
    }
    if needs_quotes {
        line.push('"');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_are_quoted_and_compute_nothing() {
        let cells = ["plain", "", "a,b", "say \"yes\"", "two\r\nlines", " blank "];
        assert_eq!(record(cells), "plain,,\"a,b\",\"say \"\"yes\"\"\",\"two\r\nlines\",\" blank \"\r\n");
        for (text, told) in [
            ("=1+1", "'=1+1"),
            ("+44", "'+44"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\"'\t=1\""),
            ("  =1", "\"'  =1\""),
            ("\r=1", "\"'\r=1\""),
            ("＝1", "'＝1"),
            ("a=1", "a=1"),
        ] {
            assert_eq!(record([text]), format!("{told}\r\n"));
        }
    }

    /// The cells of one record, read by the grammar of RFC 4180.
    fn read(line: &str) -> Vec<String> {
        let mut chars = line.strip_suffix("\r\n").expect("a record ends its line").chars().peekable();
        let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        while let Some(char) = chars.next() {
            match char {
                '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(std::mem::take(&mut cell)),
                char => cell.push(char),
            }
        }
        assert!(!quoted, "quotes are closed");
        cells.push(cell);
        cells
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_and_nothing_is_computed(cells in prop::collection::vec("[=+@a\",\r\n\t -]{0,6}|.{0,8}", 1..6)) {
            let told = read(&record(&cells));
            prop_assert_eq!(told.len(), cells.len());
            for (told, cell) in told.iter().zip(&cells) {
                prop_assert_eq!(told.strip_prefix('\'').unwrap_or(told), cell.strip_prefix('\'').unwrap_or(cell));
                prop_assert!(!told.trim_start().starts_with(FORMULA));
            }
        }
    }
}
