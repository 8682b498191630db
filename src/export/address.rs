//! Where a link may lead, and how that is written.

use std::fmt::Write as _;

use ammonia::Url;
use ammonia::url::ParseError;

/// Schemes that a link may have.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];
/// What may stand in an address besides letters and digits (RFC 3986, 2.2 and 2.3), brackets aside.
const PLAIN: &str = "-._~:/?#@!$&'()*+,;=%";

/// An address that leads where readers may be led. Made of ASCII, without blanks, quotes and brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// With a scheme: it leads to the same place from everywhere.
    Absolute(String),
    /// Without: it means something only beside the page it was written for.
    Relative(String),
}

impl Address {
    /// Reads what somebody wrote; `None` if it leads nowhere or somewhere forbidden.
    pub(super) fn new(written: &str) -> Option<Self> {
        match Url::parse(written) {
            Ok(url) if SCHEMES.contains(&url.scheme()) => {
                let bare = url.cannot_be_a_base() && url.path().is_empty();
                // The host is in order already; an address of version 6 of the protocol has brackets.
                let host = url.host_str().filter(|host| host.starts_with('['));
                let encoded = match host.and_then(|host| url.as_str().split_once(host).map(|parts| (host, parts))) {
                    Some((host, (before, after))) => format!("{}{host}{}", encoded(before), encoded(after)),
                    None => encoded(url.as_str()),
                };
                (!bare).then_some(Self::Absolute(encoded))
            }
            Err(ParseError::RelativeUrlWithoutBase) => {
                let address = encoded(written.trim());
                // It must still be one as it is written; and two slashes lead to another host.
                let is_relative = Url::parse(&address) == Err(ParseError::RelativeUrlWithoutBase);
                (is_relative && !address.is_empty() && !address.starts_with("//")).then_some(Self::Relative(address))
            }
            Ok(_) | Err(_) => None,
        }
    }

    /// As it is written where pages stand beside each other.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Absolute(address) | Self::Relative(address) => address,
        }
    }

    /// As it is written in a file that stands alone, where only some lead anywhere.
    pub(super) fn absolute(&self) -> Option<&str> {
        match self {
            Self::Absolute(address) => Some(address),
            Self::Relative(_) => None,
        }
    }
}

/// The address with everything escaped that has no place in one.
fn encoded(address: &str) -> String {
    let mut encoded = String::with_capacity(address.len());
    let mut rest = address.as_bytes();
    let mut in_fragment = false;
    while let [byte, after @ ..] = rest {
        let is_escape = matches!(after, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
        let is_plain = match byte {
            b'%' => is_escape,
            // A second one would begin a fragment of the fragment.
            b'#' => !std::mem::replace(&mut in_fragment, true),
            byte => byte.is_ascii_alphanumeric() || PLAIN.as_bytes().contains(byte),
        };
        if is_plain {
            encoded.push(char::from(*byte));
        } else if !matches!(byte, b'\t' | b'\n' | b'\r') {
            // Whoever reads an address passes over those three.
            // Writing to a string cannot fail.
            let _infallible = write!(encoded, "%{byte:02X}");
        }
        rest = after;
    }
    encoded
}
