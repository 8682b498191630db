//! The content of a chapter: what its log holds. Pure.
//!
//! For now a chapter's text is what was imported, as one record of sanitised HTML.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::store::Record;

/// One record of a chapter's log.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "t")]
enum Entry {
    /// The whole text came from outside.
    #[serde(rename = "imported")]
    Imported {
        /// Sanitised before it was stored.
        html: String,
    },
}

/// The payload that says: this is the text.
pub fn imported(html: String) -> Bytes {
    rmp_serde::to_vec_named(&Entry::Imported { html }).expect("a map of strings is encodable").into()
}

/// The text after these records, or what could not be read.
pub fn text(records: &[Record]) -> Result<String, String> {
    let mut text = String::new();
    for record in records {
        let entry = quire_protocol::codec::decode_record(&record.payload)
            .map_err(|error| format!("record {}: {error}", record.seq))?;
        match entry {
            Entry::Imported { html } => text = html,
        }
    }
    Ok(text)
}
