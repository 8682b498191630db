//! In the end everybody sees the same, and what the log tells.

use std::collections::BTreeMap;

use quire_protocol::event::Event;

use super::{Case, Judgement};
use crate::observation::{TabId, View, ViolationKind, Violations};
use crate::projection::Projection;

/// The first view at a position that knows something, and who has it.
#[derive(Default)]
struct Seen {
    outline: Option<(u64, String)>,
    threads: Option<(u64, String)>,
}

impl Case<'_> {
    /// Every tab that told its view is at the end of the log, and sees what everybody sees there.
    pub(super) fn check_views(&self, judgement: &mut Judgement) {
        let mut seen: BTreeMap<u64, Seen> = BTreeMap::new();
        if let Some(view) = self.replayed() {
            judgement.checked.replayed += 1;
            self.compare(&mut seen, &view, "the log", &mut judgement.violations);
        }
        let views = self.tabs.iter().filter_map(|(tab, notes)| Some((tab, notes.view.as_ref()?)));
        for (TabId(tab), view) in views {
            judgement.checked.views += 1;
            if view.epoch != self.log.epoch || view.seq < self.log.seq {
                self.complain(&mut judgement.violations, ViolationKind::Behind, || {
                    let (epoch, seq) = (self.log.epoch, self.log.seq);
                    format!("tab {tab} ended at {} {}, the log at {epoch} {seq}", view.epoch, view.seq)
                });
            }
            if view.epoch == self.log.epoch {
                self.compare(&mut seen, view, &format!("tab {tab}"), &mut judgement.violations);
            }
        }
    }

    fn compare(&self, seen: &mut BTreeMap<u64, Seen>, view: &View, who: &str, violations: &mut Violations) {
        let seen = seen.entry(view.seq.0).or_default();
        for (what, digest, known) in
            [("outline", view.outline, &mut seen.outline), ("threads", view.threads, &mut seen.threads)]
        {
            let Some(digest) = digest else { continue };
            let (expected, whose) = known.get_or_insert_with(|| (digest, who.to_owned()));
            if *expected != digest {
                self.complain(violations, ViolationKind::Divergence, || {
                    format!("at {} the {what} of {who} is not that of {whose}", view.seq)
                });
            }
        }
    }

    /// What the log tells from its first event on; none, if it was not read as a whole.
    fn replayed(&self) -> Option<View> {
        let mut projection = Projection::empty(self.log.epoch);
        for (due, frame) in (1..).zip(&self.log.events) {
            if frame.seq.0 != due || matches!(frame.event, Event::Withheld(_)) {
                return None;
            }
            projection.hear(frame);
        }
        (!self.log.events.is_empty() && projection.position().1 == self.log.seq).then(|| projection.view())
    }
}
