//! Tokens of development mode: the hub vouches for whoever asks, so that the first run needs no identity provider.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use quire_protocol::Timestamp;

use super::own::{NoAddress, OwnKey};
use super::{Key, SECRET_BYTES_MIN};

/// How long a development token is good.
pub const DEV_TOKEN_LIFE_MS: u64 = 12 * 60 * 60 * 1000;

const FILE: &str = "dev-key";
const KEY_ID: &str = "quire-dev";

/// The key of development mode. It is kept in the data directory, so that tokens outlive a restart.
pub struct DevKeys(OwnKey);

impl DevKeys {
    /// Reads the key of this data directory, or makes one that only the owner of the process can read.
    pub fn load_or_create(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(FILE);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(data_dir, &path)?,
            read => read?,
        };
        let no_key = || {
            let problem =
                format!("{} is not a key of {SECRET_BYTES_MIN} bytes; remove it to get a new one", path.display());
            io::Error::new(io::ErrorKind::InvalidData, problem)
        };
        OwnKey::new(&bytes, KEY_ID).map(Self).ok_or_else(no_key)
    }

    /// The key for the verifier.
    pub fn key(&self) -> Key {
        self.0.key()
    }

    /// A token that says that `email` was verified.
    pub fn mint(&self, email: &str, name: &str, now: Timestamp) -> Result<String, NoAddress> {
        self.0.mint(email, name, now, DEV_TOKEN_LIFE_MS)
    }
}

/// Writes a new key aside and renames it, so that a crash never leaves half a key.
fn create(data_dir: &Path, path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; SECRET_BYTES_MIN];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    fs::create_dir_all(data_dir)?;
    let aside = path.with_extension("new");
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&aside, path)?;
    Ok(bytes)
}
