use quire_protocol::Timestamp;
use quire_protocol::codec::decode_record;

use super::*;
use crate::chapter::journal::encode;
use crate::library::{Event, Library, Saved};

const fn switch(topic: Topic, inbox: bool, mail: bool) -> TopicSwitch {
    TopicSwitch { topic, inbox, mail }
}

#[test]
fn the_later_of_two_counts_and_what_is_so_is_no_change() {
    let mut switches = Switches::default();
    let (off, mail) = (switch(Topic::Replied, false, false), switch(Topic::Replied, false, true));
    assert_eq!(switches.changed_by(&[off.clone(), mail.clone()]), vec![mail.clone()]);
    assert_eq!(switches.changed_by(&[off.clone(), on(Topic::Replied)]), [], "it is on");
    switches.set(&[off]);
    assert_eq!((switches.of(Topic::Replied).inbox, switches.of(Topic::Mentioned)), (false, on(Topic::Mentioned)));
    switches.set(&[on(Topic::Replied)]);
    assert_eq!(switches, Switches::default(), "what is on is not kept");
}

#[test]
fn what_a_library_muted_before_there_were_channels_is_silent_in_both() {
    let mut library = Library::default();
    library.apply(&Event::Allowed { switches: vec![switch(Topic::Removed, false, true)] }, Timestamp(1));
    library.apply(&Event::Muted { topics: [Topic::Replied].into() }, Timestamp(1));
    assert_eq!(library.switch(Topic::Replied), switch(Topic::Replied, false, false));
    assert_eq!(library.switch(Topic::Removed), on(Topic::Removed), "it said all that nobody is told");
    let saved: Saved = decode_record(&encode(&library.save())).unwrap();
    assert_eq!(Library::restore(saved), library);
    let old = serde_json::json!({"V1": {"owner": null, "users": [], "books": [], "gone": [], "muted": ["replied"]}});
    assert_eq!(Library::restore(decode_record(&encode(&old)).unwrap()), library);
}
