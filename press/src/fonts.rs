//! The letters there are: those of this program, and those of a folder.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontInfo};
use typst::utils::LazyHash;

/// Most files of a folder that are looked at.
const FILES_MAX: usize = 2_000;
/// Deepest folder in the folder.
const DEPTH_MAX: usize = 8;
/// Largest file.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Fonts by their index in the book.
pub(crate) struct Fonts {
    pub(crate) book: LazyHash<FontBook>,
    slots: Vec<Slot>,
}

/// A font that is there, or one that can be read.
struct Slot {
    font: OnceLock<Option<Font>>,
    /// Where from, and which in the file.
    source: Option<(PathBuf, u32)>,
}

impl Fonts {
    /// Fonts of the folder come first, so that one which is called like ours replaces it.
    pub(crate) fn load(folder: Option<&Path>) -> Result<Self, String> {
        let (mut book, mut slots) = (FontBook::new(), Vec::new());
        for path in folder.map(files_in).transpose()?.unwrap_or_default() {
            // Somebody may have put a text beside the fonts; it is passed over.
            let Some(bytes) = read(&path) else { continue };
            for (info, index) in FontInfo::iter(&bytes).zip(0..) {
                book.push(info);
                slots.push(Slot { font: OnceLock::new(), source: Some((path.clone(), index)) });
            }
        }
        for font in bundled() {
            book.push(font.info().clone());
            slots.push(Slot { font: OnceLock::from(Some(font)), source: None });
        }
        Ok(Self { book: LazyHash::new(book), slots })
    }

    /// The font of this index.
    pub(crate) fn get(&self, index: usize) -> Option<Font> {
        let slot = self.slots.get(index)?;
        slot.font
            .get_or_init(|| {
                let (path, index) = slot.source.as_ref()?;
                Font::new(Bytes::new(read(path)?), *index)
            })
            .clone()
    }
}

/// Serif, typewriter and mathematics come with the typesetter; a sans does not.
fn bundled() -> impl Iterator<Item = Font> {
    let sans = [dejavu::sans::regular(), dejavu::sans::bold(), dejavu::sans::oblique(), dejavu::sans::bold_oblique()];
    typst_assets::fonts().chain(sans).flat_map(|bytes| Font::iter(Bytes::new(bytes)))
}

/// All fonts in a folder and those below, in the order of their names.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let is_font = |path: &Path| {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        ["ttf", "otf", "ttc", "otc"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    };
    let cannot = |path: &Path| format!("the fonts in {} cannot be read", path.display());
    let (mut files, mut open) = (Vec::new(), vec![(folder.to_owned(), 0)]);
    while let Some((folder, depth)) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(|_| cannot(&folder))? {
            let path = entry.map_err(|_| cannot(&folder))?.path();
            if path.is_dir() && depth < DEPTH_MAX {
                open.push((path, depth + 1));
            } else if is_font(&path) {
                files.push(path);
            }
        }
    }
    files.sort();
    files.truncate(FILES_MAX);
    Ok(files)
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut file = File::open(path).ok()?.take(FILE_BYTES_MAX + 1);
    file.read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= FILE_BYTES_MAX).then_some(bytes)
}
