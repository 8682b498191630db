//! The intended send time of a command, written into its text: whoever hears the event, in whatever process, knows how
//! late it is.

use quire_protocol::Event;

use crate::observation::Micros;

const MARK: &str = "sent at ";

/// Text that says when it was meant to be sent.
pub(crate) fn write(intended_at: Micros) -> String {
    format!("{MARK}{}", intended_at.0)
}

/// What the text of an event says about the time its command was meant to be sent.
pub(crate) fn read(event: &Event) -> Option<Micros> {
    let text = match event {
        Event::ChapterAdded(event) => &event.title,
        Event::ChapterRenamed(event) => &event.title,
        Event::MetadataChanged(event) => &event.title,
        Event::CommentAdded(event) => &event.body,
        Event::CommentReplied(event) => &event.body,
        Event::CommentEdited(event) => &event.body,
        Event::LockQueued(event) => event.note.as_ref()?,
        _ => return None,
    };
    text.strip_prefix(MARK)?.parse().ok().map(Micros)
}

#[cfg(test)]
mod tests {
    use quire_protocol::event::ChapterRenamed;
    use quire_protocol::{ChapterId, Event};

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let renamed = |title| Event::from(ChapterRenamed { chapter: ChapterId::new("c").unwrap(), title });
        assert_eq!(read(&renamed(write(Micros(77)))), Some(Micros(77)));
        assert_eq!(read(&renamed("Loomings".into())), None);
    }
}
