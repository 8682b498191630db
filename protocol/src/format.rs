//! What a book looks like: settings that its files follow, each kind as far as it has the notion.
//!
//! All numbers are whole, in the smallest unit that anybody sets, so that two formats are equal or they are not.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

#[cfg(feature = "typescript")]
use ts_rs::TS;

#[cfg(test)]
mod tests;

/// Sizes of the body's letters, in tenths of a point.
pub const FONT_SIZE_TENTHS_PT: RangeInclusive<u16> = 60..=240;
/// Heights of a line, in percent of the size of the letters.
pub const LINE_HEIGHT_PERCENT: RangeInclusive<u16> = 100..=300;

/// The formatting of a book. What is not said is as it is in a new book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(default)]
pub struct Format {
    /// The size of a page on paper.
    pub trim: Trim,
    /// The white around the text of a page on paper.
    pub margins: Margins,
    /// The letters of the body.
    pub font: Font,
    /// Their size in tenths of a point: 105 is 10.5 pt. On a reading device the reader decides.
    pub font_size_tenths_pt: u16,
    /// From one line to the next, in percent of the size of the letters.
    pub line_height_percent: u16,
    /// Where a chapter begins.
    pub opening: Opening,
    /// How chapters are numbered, through all parts.
    pub numbering: Numbering,
    /// What stands between two scenes.
    pub ornament: Ornament,
    /// How one paragraph is told from the next.
    pub paragraphs: ParagraphStyle,
    /// Whether words are divided at the end of a line.
    pub hyphenation: bool,
    /// Whether lines end at one edge.
    pub justify: bool,
}

impl Default for Format {
    fn default() -> Self {
        Self {
            trim: Trim::default(),
            margins: Margins::default(),
            font: Font::default(),
            font_size_tenths_pt: 110,
            line_height_percent: 140,
            opening: Opening::default(),
            numbering: Numbering::default(),
            ornament: Ornament::default(),
            paragraphs: ParagraphStyle::default(),
            hyphenation: true,
            justify: true,
        }
    }
}

impl Format {
    /// Refuses a number that is out of its range.
    pub fn check(&self) -> Result<(), FormatError> {
        if !FONT_SIZE_TENTHS_PT.contains(&self.font_size_tenths_pt) {
            return Err(FormatError::FontSize);
        }
        if !LINE_HEIGHT_PERCENT.contains(&self.line_height_percent) {
            return Err(FormatError::LineHeight);
        }
        Ok(())
    }
}

/// Which setting is out of its range. `Display` is a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatError {
    /// The size of the letters.
    FontSize,
    /// The height of a line.
    LineHeight,
}

impl FormatError {
    /// The setting's name in [`Format`].
    pub fn field(self) -> &'static str {
        match self {
            Self::FontSize => "font_size_tenths_pt",
            Self::LineHeight => "line_height_percent",
        }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FontSize => {
                let (least, most) = (FONT_SIZE_TENTHS_PT.start() / 10, FONT_SIZE_TENTHS_PT.end() / 10);
                write!(f, "letters are {least} to {most} points large")
            }
            Self::LineHeight => {
                let (least, most) = (LINE_HEIGHT_PERCENT.start(), LINE_HEIGHT_PERCENT.end());
                write!(f, "a line is {least} to {most} percent as high as its letters")
            }
        }
    }
}

impl std::error::Error for FormatError {}

/// A choice out of a few, by its name and by nothing else: derived, a number would do, too.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        #[cfg_attr(feature = "typescript", derive(TS))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// All there are, in the order in which they are offered.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match std::borrow::Cow::<'de, str>::deserialize(deserializer)?.as_ref() {
                    $($text => Ok(Self::$variant),)+
                    other => Err(serde::de::Error::unknown_variant(other, &[$($text,)+])),
                }
            }
        }
    };
}

choice! {
    /// The size of a page.
    Trim {
        /// 148 × 210 mm.
        #[default]
        A5 = "a5",
        /// 6 × 9 inches.
        SixByNine = "six_by_nine",
        /// 5 × 8 inches.
        FiveByEight = "five_by_eight",
    }
}

choice! {
    /// The white around the text.
    Margins {
        /// Half an inch.
        Narrow = "narrow",
        /// Three quarters of an inch.
        #[default]
        Normal = "normal",
        /// An inch.
        Wide = "wide",
    }
}

choice! {
    /// A family of letters. What is not installed where the book is read is replaced by its like.
    Font {
        /// What the reader calls serif.
        #[default]
        Serif = "serif",
        /// Of the sixteenth century: Garamond and its like.
        OldStyle = "old_style",
        /// Of the eighteenth: Baskerville and its like.
        Transitional = "transitional",
        /// Without serifs.
        Sans = "sans",
        /// All letters of one width, as a manuscript is typed.
        Typewriter = "typewriter",
    }
}

choice! {
    /// Where a chapter begins. In an EPUB each is a document of its own and so begins a page.
    Opening {
        /// On the next page.
        #[default]
        NewPage = "new_page",
        /// On the next right-hand page.
        RightPage = "right_page",
        /// On the same page.
        SamePage = "same_page",
    }
}

choice! {
    /// How chapters are numbered. Front and back matter and parts never are.
    Numbering {
        /// Not at all.
        #[default]
        None = "none",
        /// 1, 2, 3
        Arabic = "arabic",
        /// I, II, III
        Roman = "roman",
        /// One, Two, Three; in a book that is not in English 1, 2, 3.
        Words = "words",
    }
}

choice! {
    /// What stands between two scenes.
    Ornament {
        /// An empty line.
        Blank = "blank",
        /// Three asterisks.
        #[default]
        Asterisks = "asterisks",
        /// Three asterisks in a triangle.
        Asterism = "asterism",
        /// A flower.
        Fleuron = "fleuron",
        /// A short line.
        Line = "line",
    }
}

choice! {
    /// How one paragraph is told from the next.
    ParagraphStyle {
        /// Its first line begins further in.
        #[default]
        Indented = "indented",
        /// There is space between the two.
        Spaced = "spaced",
    }
}

impl Trim {
    /// Width and height in tenths of a millimetre.
    pub fn size_tenths_mm(self) -> (u32, u32) {
        match self {
            Self::A5 => (1480, 2100),
            Self::SixByNine => (1524, 2286),
            Self::FiveByEight => (1270, 2032),
        }
    }
}

impl Margins {
    /// In tenths of a millimetre.
    pub fn width_tenths_mm(self) -> u32 {
        match self {
            Self::Narrow => 127,
            Self::Normal => 190,
            Self::Wide => 254,
        }
    }
}

impl Ornament {
    /// What is printed; nothing for an empty or a drawn line.
    pub fn text(self) -> &'static str {
        match self {
            Self::Blank | Self::Line => "",
            Self::Asterisks => "* * *",
            Self::Asterism => "\u{2042}",
            Self::Fleuron => "\u{2766}",
        }
    }
}
