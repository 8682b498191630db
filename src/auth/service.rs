//! Secrets of host applications: whoever has one acts for the whole installation, and is no user.

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use super::key::{KEYS_MAX, KeyError, SECRET_BYTES_MIN};

/// The hashes of the secrets that are accepted. The secrets themselves are not kept, and it has no `Debug`.
#[derive(Clone)]
pub struct ServiceKeys(Vec<[u8; 32]>);

impl ServiceKeys {
    /// One secret in each line, at least 32 bytes long; several, so that one can be replaced while another is in use.
    pub fn read(file: &[u8]) -> Result<Self, KeyError> {
        let lines = file.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let secrets: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).collect();
        if secrets.is_empty() || secrets.iter().any(|secret| secret.len() < SECRET_BYTES_MIN) {
            return Err(KeyError::ShortSecret);
        }
        if secrets.len() > KEYS_MAX {
            return Err(KeyError::TooMany);
        }
        Ok(Self(secrets.into_iter().map(|secret| Sha256::digest(secret).into()).collect()))
    }

    /// Which of them this is, counted from 0. How long that takes says nothing of the secrets.
    pub fn find(&self, secret: &str) -> Option<usize> {
        let hash: [u8; 32] = Sha256::digest(secret).into();
        let mut found = 0_u32;
        for (number, known) in (1_u32..).zip(&self.0) {
            let same: Choice = known.ct_eq(&hash);
            found.conditional_assign(&number, same);
        }
        usize::try_from(found).ok()?.checked_sub(1)
    }

    /// How many there are: at least one.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "the first secret of a host, long enough";
    const SECOND: &str = "another secret that takes its place soon";

    #[test]
    fn each_line_is_a_secret_and_nothing_else_is() {
        let keys = ServiceKeys::read(format!("{FIRST}\r\n\n  {SECOND}\n").as_bytes()).ok().unwrap();
        assert_eq!((keys.find(FIRST), keys.find(SECOND), keys.count()), (Some(0), Some(1), 2));
        for other in ["", "\n", &FIRST[1..], &format!("{FIRST} "), &format!("{FIRST}\n{SECOND}")] {
            assert_eq!(keys.find(other), None, "{other:?}");
        }
    }

    #[test]
    fn short_secrets_no_secrets_and_too_many_are_refused() {
        let short = "x".repeat(SECRET_BYTES_MIN - 1);
        for file in [String::new(), "\n\n".to_owned(), short.clone(), format!("{FIRST}\n{short}\n")] {
            assert_eq!(ServiceKeys::read(file.as_bytes()).err(), Some(KeyError::ShortSecret), "{file:?}");
        }
        let many = (0..=KEYS_MAX).fold(String::new(), |file, number| format!("{file}{FIRST}{number}\n"));
        assert_eq!(ServiceKeys::read(many.as_bytes()).err(), Some(KeyError::TooMany));
    }
}
