//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::limits::Limits;

/// What the press is told besides its job.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// A folder with more fonts.
    pub(crate) fonts: Option<PathBuf>,
    pub(crate) limits: Limits,
}

impl Arguments {
    /// Reads what follows the program's name.
    pub(crate) fn read(mut given: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut arguments = Self::default();
        while let Some(flag) = given.next() {
            let flag = flag.to_string_lossy().into_owned();
            let mut value = || given.next().ok_or_else(|| format!("{flag} wants a value"));
            let number = |value: OsString| {
                let number = value.to_str().and_then(|text| text.parse().ok());
                number.ok_or_else(|| format!("{flag} wants a number"))
            };
            match flag.as_str() {
                "--fonts" => arguments.fonts = Some(value()?.into()),
                "--memory-bytes" => arguments.limits.memory_bytes = Some(number(value()?)?),
                "--processor-seconds" => arguments.limits.processor_seconds = Some(number(value()?)?),
                _ => return Err(format!("{flag} is no argument of the press")),
            }
        }
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[&str]) -> Result<Arguments, String> {
        Arguments::read(given.iter().map(OsString::from))
    }

    #[test]
    fn arguments_are_read_and_others_refused() {
        let limits = Limits { memory_bytes: Some(1 << 30), processor_seconds: Some(9) };
        let all = ["--fonts", "/f", "--processor-seconds", "9", "--memory-bytes", "1073741824"];
        assert_eq!(read(&all), Ok(Arguments { fonts: Some("/f".into()), limits }));
        assert_eq!(read(&[]), Ok(Arguments::default()));
        assert_eq!(read(&["--fonts"]), Err("--fonts wants a value".to_owned()));
        assert_eq!(read(&["--memory-bytes", "much"]), Err("--memory-bytes wants a number".to_owned()));
        assert_eq!(read(&["book.pdf"]), Err("book.pdf is no argument of the press".to_owned()));
    }
}
