//! Style sheets from a book's format.

use quire_protocol::format::{Font, Format, Opening, Ornament, ParagraphStyle};

/// What an EPUB and a page that stands alone have in common.
const COMMON: &str = "\
h1, h2, h3, h4, h5, h6 { text-align: center; font-weight: normal; line-height: 1.25; hyphens: none; -webkit-hyphens: none; -epub-hyphens: none; break-after: avoid; page-break-after: avoid; }
.title { margin: 3em 0 2em; font-size: 1.5em; }
.title .number { display: block; margin-bottom: 0.5em; font-size: 0.75em; letter-spacing: 0.05em; }
.title .name { display: block; }
.part .title { margin-top: 30%; font-size: 1.75em; }
.title-page { text-align: center; }
.title-page h1 { margin: 25% 0 0.5em; font-size: 2em; }
.title-page p { margin: 0 0 1em; text-align: center; text-indent: 0; }
.title-page .subtitle { font-size: 1.2em; font-style: italic; }
.title-page .author { margin-top: 1.5em; font-size: 1.2em; }
.title-page .publisher { margin-top: 4em; }
.title-page .rights { font-size: 0.85em; }
h4, h5, h6 { font-size: 1em; }
p { margin: 0; widows: 2; orphans: 2; }
p.align-left { text-align: left; text-indent: 0; }
p.align-center { text-align: center; text-indent: 0; }
p.align-right { text-align: right; text-indent: 0; }
p.align-justify { text-align: justify; }
.scene-break { margin: 1.5em 0; border: 0; text-align: center; text-indent: 0; break-after: avoid; page-break-after: avoid; }
.rule { width: 30%; margin: 1.5em auto; border: 0; border-top: 1px solid; }
.picture { margin: 1em 0; font-style: italic; text-align: center; text-indent: 0; }
.picture img { max-width: 100%; height: auto; }
.small-caps { font-variant: small-caps; }
blockquote { margin: 1em 1.5em; }
ul, ol { margin: 1em 0; padding-left: 2em; }
pre { margin: 1em 0; overflow-x: auto; font-size: 0.85em; line-height: 1.35; text-align: left; white-space: pre-wrap; }
table { margin: 1em auto; border-collapse: collapse; font-size: 0.9em; }
td, th { padding: 0.3em 0.6em; border: 1px solid; text-align: left; vertical-align: top; }
td p, th p, li p { text-indent: 0; }
sup, sub { line-height: 0; }
.notes { margin-top: 2em; border-top: 1px solid; padding-top: 0.75em; font-size: 0.85em; }
.note p { text-indent: 0; }
";

/// The style sheet of an EPUB. The size of letters and pages is the reader's.
pub(super) fn epub(format: &Format) -> String {
    format!("{}nav ol {{ list-style-type: none; }}\n", common(format))
}

/// The style sheet of a page that stands alone: as wide as the book's text would be.
pub(super) fn page(format: &Format) -> String {
    let (size, width) = (tenths(u32::from(format.font_size_tenths_pt)), tenths(text_width_tenths_mm(format)));
    let ((paper_width, paper_height), margin) = (format.trim.size_tenths_mm(), format.margins.width_tenths_mm());
    format!(
        "{}body {{ max-width: {width}mm; margin: 2em auto; padding: 0 1em; font-size: {size}pt; }}\n\
         .contents ol {{ list-style-type: none; padding-left: 0; }}\n.contents .inside {{ padding-left: 1.5em; }}\n\
         @page {{ size: {}mm {}mm; margin: {}mm; }}\n\
         @media print {{ body {{ max-width: none; margin: 0; padding: 0; }} }}\n",
        common(format),
        tenths(paper_width),
        tenths(paper_height),
        tenths(margin),
    )
}

fn text_width_tenths_mm(format: &Format) -> u32 {
    format.trim.size_tenths_mm().0 - 2 * format.margins.width_tenths_mm()
}

fn common(format: &Format) -> String {
    let align = if format.justify { "justify" } else { "left" };
    let hyphens = if format.hyphenation { "auto" } else { "manual" };
    let height = f64::from(format.line_height_percent) / 100.0;
    let between = match format.paragraphs {
        ParagraphStyle::Indented => "p + p { text-indent: 1.4em; }\n",
        ParagraphStyle::Spaced => "p + p { margin-top: 0.75em; }\n",
    };
    let ornament = match format.ornament {
        Ornament::Line => "hr.scene-break { width: 20%; margin: 1.5em auto; border-top: 1px solid; }\n",
        Ornament::Blank | Ornament::Asterisks | Ornament::Asterism | Ornament::Fleuron => "",
    };
    let opening = match format.opening {
        Opening::NewPage => ".chapter { break-before: page; page-break-before: always; }\n",
        Opening::RightPage => ".chapter { break-before: right; page-break-before: right; }\n",
        Opening::SamePage => "",
    };
    format!(
        "body {{ font-family: {}; line-height: {height}; text-align: {align}; hyphens: {hyphens}; -webkit-hyphens: \
         {hyphens}; -epub-hyphens: {hyphens}; overflow-wrap: break-word; }}\n\
         .front, .back, .part {{ break-before: page; page-break-before: always; }}\n{opening}{between}{COMMON}{ornament}",
        families(format.font)
    )
}

/// The families that a reader's device may have, the most fitting first.
fn families(font: Font) -> &'static str {
    match font {
        Font::Serif => "serif",
        Font::OldStyle => "\"EB Garamond\", Garamond, \"Adobe Garamond Pro\", Sabon, serif",
        Font::Transitional => "Baskerville, \"Libre Baskerville\", \"Baskerville Old Face\", serif",
        Font::Sans => "\"Source Sans 3\", \"Helvetica Neue\", Arial, sans-serif",
        Font::Typewriter => "\"Courier Prime\", \"Courier New\", Courier, monospace",
    }
}

/// A number of tenths, with a point.
fn tenths(number: u32) -> String {
    format!("{}.{}", number / 10, number % 10)
}
