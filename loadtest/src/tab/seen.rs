//! What a text looks like, as digests that are compared.

use std::hash::{DefaultHasher, Hash, Hasher as _};

use quire_protocol::Seq;

use crate::observation::TextView;
use crate::typist::Page;

/// What a text at this position looks like.
pub(crate) fn seen(rev: Seq, page: &Page) -> TextView {
    let (words, rendered) = (hash(&page.reads()), hash(&page.renders()));
    TextView { rev, words, rendered, clocks: hash(&page.clocks()) }
}

fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}
