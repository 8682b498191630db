//! Relations of a part: the parts it uses, and where its links lead.

use std::collections::BTreeMap;

use crate::export::markup::Markup;

const TYPES: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// The type of a relation to something of this kind.
pub(super) fn relation_type(kind: &str) -> String {
    format!("{TYPES}/{kind}")
}

/// Where the links of one part lead.
#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<String, usize>);

impl Links {
    /// The id of an address.
    pub(super) fn id(&mut self, address: &str) -> String {
        let next = self.0.len() + 1;
        let number = *self.0.entry(address.to_owned()).or_insert(next);
        format!("link{number}")
    }

    /// The part that names all of them, these other parts (each a kind and a file), and pictures (id, type, file).
    pub(super) fn part(&self, others: &[(&str, &str)], pictures: &[(String, String, String)]) -> String {
        let mut markup = Markup::after("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n");
        let namespace = ("xmlns", "http://schemas.openxmlformats.org/package/2006/relationships");
        markup.element("Relationships", &[namespace], |markup| {
            for (kind, file) in others {
                let kind_address = relation_type(kind);
                markup.empty("Relationship", &[("Id", kind), ("Type", &kind_address), ("Target", file)]);
            }
            for (id, kind, file) in pictures {
                markup.empty("Relationship", &[("Id", id), ("Type", kind), ("Target", file)]);
            }
            for (address, number) in &self.0 {
                let (id, kind) = (format!("link{number}"), relation_type("hyperlink"));
                let attributes =
                    [("Id", id.as_str()), ("Type", &kind), ("Target", address), ("TargetMode", "External")];
                markup.empty("Relationship", &attributes);
            }
        });
        markup.into_text()
    }
}
