use super::*;
use crate::command::{BookOpen, LockAcquire};

fn json(text: &str) -> Result<ClientFrame, FrameError> {
    ClientFrame::decode(text.as_bytes(), Encoding::Json)
}

#[test]
fn an_unknown_kind_is_answered_if_it_can_be() {
    let unknown = FrameError::Unknown { reference: 7, kind: "lock.steal".into() };
    assert_eq!(json(r#"{"t":"lock.steal","ref":7,"with":{"force":true}}"#), Err(unknown));
    assert_eq!(json(r#"{"t":"lock.steal"}"#), Err(FrameError::Malformed(DecodeError::NoRef("lock.steal".into()))));
}

#[test]
fn the_name_of_an_unknown_kind_is_cut() {
    let long = format!(r#"{{"t":"{}\n","ref":7}}"#, "x".repeat(30_000));
    assert_eq!(json(&long), Err(FrameError::Unknown { reference: 7, kind: "x".repeat(64) }));
}

#[test]
fn a_command_without_a_valid_ref_cannot_be_answered() {
    let refs =
        ["-1", "1.5", "null", "true", "\"7\"", "[7]", "{\"a\":7}", "9007199254740992", "1e400", "18446744073709551616"];
    for reference in refs {
        let refused = json(&format!(r#"{{"t":"member.leave","book":"b1","ref":{reference}}}"#)).unwrap_err();
        assert!(matches!(refused, FrameError::Malformed(_)), "{reference}: {refused:?}");
    }
    let blob = b"\x82\xa1t\xacmember.leave\xa3ref\xc4\x01\x07";
    let refused = ClientFrame::decode(blob, Encoding::MessagePack);
    assert_eq!(refused, Err(FrameError::Malformed(DecodeError::NoRef("member.leave".into()))));
}

#[test]
fn a_frame_says_what_it_is() {
    for frame in [r"{}", r#"{"ref":7}"#, r#"{"t":7}"#, r#"{"t":null}"#, r#"{"t":["hello"]}"#, r#"{"T":"activity"}"#] {
        assert!(matches!(json(frame), Err(FrameError::Malformed(DecodeError::NotAFrame(_)))), "{frame}");
    }
    assert_eq!(json(r#"{"t":"activity","anything":1}"#), Ok(ClientFrame::Activity));
}

#[test]
fn absent_and_null_are_different() {
    let presence = |text: &str| match json(text) {
        Ok(ClientFrame::Presence(frame)) => (frame.chapter, frame.cursor),
        other => panic!("{other:?}"),
    };
    assert_eq!(presence(r#"{"t":"presence","book":"b1"}"#), (None, None));
    let cleared = presence(r#"{"t":"presence","book":"b1","chapter":null,"cursor":"812"}"#);
    assert_eq!(cleared, (Some(None), Some(Some("812".into()))));
}

#[test]
fn null_is_no_field_where_a_field_is_optional() {
    let open = json(r#"{"t":"book.open","ref":1,"book":"b1","after":null,"id":null}"#).unwrap();
    let ClientFrame::Command(frame) = open else { panic!() };
    assert_eq!(frame.id, None);
    assert_eq!(frame.command, Command::View(ViewCommand::BookOpen(BookOpen { after: None })));
}

#[test]
fn commands_outside_a_book_need_none() {
    let kind = |text: &str| match json(text) {
        Ok(ClientFrame::Command(frame)) => frame.command.kind(),
        other => panic!("{other:?}"),
    };
    assert_eq!(kind(r#"{"t":"books.list","ref":1}"#), "books.list");
    assert_eq!(kind(r#"{"t":"token.refresh","ref":1,"token":"x"}"#), "token.refresh");
}

#[test]
fn a_command_is_written_flat() {
    let command = LockAcquire { chapter: "c3".parse().unwrap(), wait: false, note: None };
    let frame = CommandFrame {
        reference: 7,
        id: None,
        retry: false,
        book: Some("b1".parse().unwrap()),
        command: Command::Book(command.into()),
    };
    let text = r#"{"ref":7,"book":"b1","t":"lock.acquire","chapter":"c3","wait":false}"#;
    assert_eq!(String::from_utf8(Encoding::Json.encode(&frame)).unwrap(), text);
}

#[test]
fn a_frame_of_the_hub_that_is_unknown_is_told_apart_from_a_broken_one() {
    let unknown = ServerFrame::decode(br#"{"t":"surprise"}"#, Encoding::Json);
    assert_eq!(unknown, Err(DecodeError::UnknownKind("surprise".into())));
}

#[test]
fn unknown_fields_of_the_hub_are_ignored_in_every_nesting() {
    let reply = br#"{"t":"reply","ref":7,"new":[],"err":{"code":"locked","message":"m","since_at":1,"more":{},
        "yours_elsewhere":false,"holder":{"user":"u","name":"n","initials":"N","session":"s","hat":"green"}}}"#;
    assert!(matches!(ServerFrame::decode(reply, Encoding::Json), Ok(ServerFrame::Reply(reply)) if reply.err.is_some()));
    let welcome_of_an_older_hub = r#"{"t":"welcome","session":"s","incarnation":0,"user":{"id":"u","name":"n","email":"e"},
        "replica":"r","resumed":false,"expires_at":1,"limits":{"depth":16,"hats":3},"timers":{}}"#;
    let welcome = ServerFrame::decode(welcome_of_an_older_hub.as_bytes(), Encoding::Json);
    assert!(matches!(welcome, Ok(ServerFrame::Welcome(welcome)) if welcome.limits == Limits::default()));
}
