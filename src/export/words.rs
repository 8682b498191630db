//! The few words that a file needs and that nobody wrote, in the language of the book; and what a language tells.

/// Words of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// Over the table of contents.
    pub(super) contents: &'static str,
    /// What the page with the title is called.
    pub(super) title_page: &'static str,
    /// Where the text proper begins.
    pub(super) start: &'static str,
    /// Over the footnotes.
    pub(super) notes: &'static str,
    /// From a footnote to where it belongs.
    pub(super) back: &'static str,
    /// A book without a title.
    pub(super) untitled: &'static str,
    /// In the place of a picture of which nothing is said.
    pub(super) picture: &'static str,
}

const ENGLISH: Words = Words {
    contents: "Contents",
    title_page: "Title page",
    start: "Start of the text",
    notes: "Notes",
    back: "Back to the text",
    untitled: "Untitled",
    picture: "picture",
};

const OTHERS: [(&str, Words); 6] = [
    (
        "de",
        Words {
            contents: "Inhalt",
            title_page: "Titelseite",
            start: "Textanfang",
            notes: "Anmerkungen",
            back: "Zurück zum Text",
            untitled: "Ohne Titel",
            picture: "Bild",
        },
    ),
    (
        "fr",
        Words {
            contents: "Table des matières",
            title_page: "Page de titre",
            start: "Début du texte",
            notes: "Notes",
            back: "Retour au texte",
            untitled: "Sans titre",
            picture: "image",
        },
    ),
    (
        "es",
        Words {
            contents: "Índice",
            title_page: "Portada",
            start: "Inicio del texto",
            notes: "Notas",
            back: "Volver al texto",
            untitled: "Sin título",
            picture: "imagen",
        },
    ),
    (
        "it",
        Words {
            contents: "Indice",
            title_page: "Frontespizio",
            start: "Inizio del testo",
            notes: "Note",
            back: "Torna al testo",
            untitled: "Senza titolo",
            picture: "immagine",
        },
    ),
    (
        "pt",
        Words {
            contents: "Índice",
            title_page: "Folha de rosto",
            start: "Início do texto",
            notes: "Notas",
            back: "Voltar ao texto",
            untitled: "Sem título",
            picture: "imagem",
        },
    ),
    (
        "nl",
        Words {
            contents: "Inhoud",
            title_page: "Titelpagina",
            start: "Begin van de tekst",
            notes: "Noten",
            back: "Terug naar de tekst",
            untitled: "Zonder titel",
            picture: "afbeelding",
        },
    ),
];

/// Languages, and scripts, that are read from right to left.
const RIGHT_TO_LEFT: [&str; 14] =
    ["ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "syr", "ug", "ur", "yi", "nqo"];
const RIGHT_TO_LEFT_SCRIPTS: [&str; 4] = ["arab", "hebr", "syrc", "thaa"];
/// "Undetermined" (ISO 639-2).
const UNKNOWN: &str = "und";
/// The language of a book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Language(String);

impl Language {
    /// Of what somebody wrote: as much of it as is a BCP 47 tag. Extensions are not.
    pub(super) fn new(written: Option<&str>) -> Self {
        let mut subtags = written.unwrap_or_default().trim().split('-');
        let is_code = |code: &&str| matches!(code.len(), 2 | 3) && is_alpha(code);
        let Some(first) = subtags.next().filter(is_code) else { return Self(UNKNOWN.to_owned()) };
        let mut tag = first.to_owned();
        let mut before = Subtag::Language;
        for subtag in subtags {
            let Some(kind) = Subtag::of(subtag).filter(|kind| *kind > before) else { break };
            tag.push('-');
            tag.push_str(subtag);
            before = kind;
        }
        Self(tag)
    }

    pub(super) fn tag(&self) -> &str {
        &self.0
    }

    pub(super) fn is_known(&self) -> bool {
        self.0 != UNKNOWN
    }

    pub(super) fn is_english(&self) -> bool {
        self.primary() == "en"
    }

    pub(super) fn is_right_to_left(&self) -> bool {
        let script = self.0.split('-').nth(1).filter(|subtag| subtag.len() == 4).map(str::to_ascii_lowercase);
        match script {
            Some(script) => RIGHT_TO_LEFT_SCRIPTS.contains(&script.as_str()),
            None => RIGHT_TO_LEFT.contains(&self.primary().as_str()),
        }
    }

    pub(super) fn words(&self) -> Words {
        let primary = self.primary();
        OTHERS.iter().find(|(code, _)| *code == primary).map_or(ENGLISH, |(_, words)| *words)
    }

    /// The language alone, of two or three letters.
    pub(super) fn primary(&self) -> String {
        self.0.split('-').next().unwrap_or_default().to_ascii_lowercase()
    }

    /// Where it is spoken so, if that is a country.
    pub(super) fn region(&self) -> Option<String> {
        let region = self.0.split('-').skip(1).find(|subtag| Subtag::of(subtag) == Some(Subtag::Region))?;
        is_alpha(region).then(|| region.to_ascii_uppercase())
    }
}

/// What may follow a language's code, in this order and each once (RFC 5646, 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subtag {
    Language,
    Script,
    Region,
    Variant,
}

impl Subtag {
    fn of(text: &str) -> Option<Self> {
        let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let is_alphanumeric = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match text.len() {
            4 if is_alpha(text) => Some(Self::Script),
            2 if is_alpha(text) => Some(Self::Region),
            3 if is_digits => Some(Self::Region),
            4 if is_alphanumeric && text.starts_with(|char: char| char.is_ascii_digit()) => Some(Self::Variant),
            5..=8 if is_alphanumeric => Some(Self::Variant),
            _ => None,
        }
    }
}

fn is_alpha(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
}
