//! Writes a tree into an empty document, laid out as the editor's own binding does: a block is an element, the text
//! between two elements is one text, a mark is a format, and what is said about them keeps its type.

use yrs::types::{Attrs, Delta};
use yrs::{In, Text as _, TransactionMut, Xml as _, XmlElementPrelim, XmlFragment, XmlFragmentRef, XmlTextPrelim};

use super::value;
use crate::scribe::Failed;
use crate::scribe::tree::{Node, Run};

/// Writes a tree that is in its normal form and not too deep.
pub(super) fn write(transaction: &mut TransactionMut<'_>, root: &XmlFragmentRef, tree: &[Node]) -> Result<(), Failed> {
    let mut open = vec![(root.clone(), tree.iter())];
    while let Some((parent, rest)) = open.last_mut() {
        match rest.next() {
            Some(Node::Text { runs }) => {
                let text = parent.push_back(transaction, XmlTextPrelim::new(""));
                let runs = runs.iter().map(insertion).collect::<Result<Vec<_>, _>>()?;
                text.apply_delta(transaction, runs);
            }
            Some(Node::Element { name, attributes, children }) => {
                let element = parent.push_back(transaction, XmlElementPrelim::empty(name.as_str()));
                for (name, value) in attributes {
                    element.insert_attribute(transaction, name.as_str(), value::write(value)?);
                }
                let inside: &XmlFragmentRef = element.as_ref();
                open.push((inside.clone(), children.iter()));
            }
            None => drop(open.pop()),
        }
    }
    Ok(())
}

fn insertion(run: &Run) -> Result<Delta<In>, Failed> {
    let mut formats = Attrs::new();
    for mark in &run.marks {
        if formats.insert(mark.name.as_str().into(), value::write(&mark.value)?).is_some() {
            return Err(Failed::Senseless(format!("two marks {:?} over the same text", mark.name)));
        }
    }
    Ok(Delta::Inserted(run.text.as_str().into(), Some(Box::new(formats))))
}
