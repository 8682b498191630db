//! Whose page asks: the allow-list of origins, for sockets and for CORS.

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};

use crate::config::Origin;

/// The origin of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// No browser's page: the header is absent.
    NoPage,
    /// The hub's own page.
    Own(HeaderValue),
    /// A page of the allow-list.
    Listed(HeaderValue),
    /// Another site's page, `null`, or several origins.
    Foreign,
}

/// Who asks, by the headers of a request.
pub(super) fn asking(headers: &HeaderMap, listed: &[Origin]) -> Asking {
    let mut values = headers.get_all(header::ORIGIN).iter();
    let Some(value) = values.next() else { return Asking::NoPage };
    if values.next().is_some() {
        return Asking::Foreign;
    }
    let Some(origin) = value.to_str().ok().and_then(|text| Origin::parse(text).ok()) else { return Asking::Foreign };
    if host(headers).is_some_and(|host| origin.is_own(host)) {
        Asking::Own(value.clone())
    } else if listed.contains(&origin) {
        Asking::Listed(value.clone())
    } else {
        Asking::Foreign
    }
}

/// The only `Host` header of a request.
pub(super) fn host(headers: &HeaderMap) -> Option<&str> {
    single(headers, &header::HOST)
}

/// The value of a header that is there exactly once.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())?.to_str().ok()
}

#[cfg(test)]
mod tests;
