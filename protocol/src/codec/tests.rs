use super::*;
use crate::ClientFrame;
use crate::frame::FrameError;

const MSGPACK: Encoding = Encoding::MessagePack;
const JSON: Encoding = Encoding::Json;

/// A map of `depth` levels in all.
fn nested(depth: usize, encoding: Encoding) -> Vec<u8> {
    let inner = depth - 1;
    match encoding {
        JSON if inner == 0 => br#"{"t":null}"#.to_vec(),
        JSON => format!(r#"{{"t":{}{}}}"#, "[".repeat(inner), "]".repeat(inner)).into_bytes(),
        MSGPACK if inner == 0 => b"\x81\xa1t\xc0".to_vec(),
        // The innermost list is empty: it counts all the same.
        MSGPACK => [b"\x81\xa1t".to_vec(), vec![0x91; inner - 1], vec![0x90]].concat(),
    }
}

#[test]
fn sixteen_levels_pass_and_seventeen_do_not() {
    for encoding in Encoding::ALL {
        for depth in 1..=DEPTH_MAX {
            assert_eq!(check(&nested(depth, encoding), encoding), Ok(()), "{encoding:?} {depth}");
        }
        assert_eq!(check(&nested(DEPTH_MAX + 1, encoding), encoding), Err(DecodeError::TooDeep), "{encoding:?}");
    }
}

#[test]
fn brackets_in_text_are_no_depth() {
    let frame = format!(r#"{{"t":"{}\"[[[["}}"#, "[{".repeat(40));
    assert_eq!(check(frame.as_bytes(), JSON), Ok(()));
}

#[test]
fn a_frame_is_a_map() {
    for bytes in [b"\x91\xa1t".as_slice(), b"\xa1t", b"\xc0", b"\x07", b"\xdc\x00\x00", b""] {
        assert_eq!(check(bytes, MSGPACK), Err(DecodeError::NotAMap), "{bytes:?}");
    }
    for text in ["[]", "\"t\"", "null", "7", "", "  ", "[{}]"] {
        assert_eq!(check(text.as_bytes(), JSON), Err(DecodeError::NotAMap), "{text}");
    }
}

#[track_caller]
fn is_no_frame(bytes: &[u8], encoding: Encoding, why: &str) {
    match check(bytes, encoding) {
        Err(DecodeError::NotAFrame(reason)) => assert!(reason.contains(why), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn lying_lengths_end_too_early() {
    let lies: [&[u8]; 8] = [
        b"\x82\xa1t\xc0",
        b"\xdf\xff\xff\xff\xff\xa1t\xc0",
        b"\xde\xff\xff",
        b"\x81\xa1t\xdd\xff\xff\xff\xff",
        b"\x81\xa1t\xdb\xff\xff\xff\xffx",
        b"\x81\xa1t\xc6\xff\xff\xff\xffx",
        b"\x81\xa1t\xcf\x00",
        b"\x81\xa1t\xd9",
    ];
    for lie in lies {
        is_no_frame(lie, MSGPACK, "ends too early");
    }
}

#[test]
fn what_the_protocol_has_no_use_for_is_no_frame() {
    is_no_frame(b"\x81\xa1t\xc1", MSGPACK, "the byte c1");
    for extension in
        [b"\x81\xa1t\xd4\x01\x00".as_slice(), b"\x81\xa1t\xd6\xff\x00\x00\x00\x00", b"\x81\xa1t\xc7\x00\x01"]
    {
        is_no_frame(extension, MSGPACK, "an extension type");
    }
    for key in [b"\x81\x00\xc0".as_slice(), b"\x81\xc4\x01t\xc0", b"\x81\xa1t\x81\xc0\xc0", b"\x81\x90\xc0"] {
        is_no_frame(key, MSGPACK, "a key that is no string");
    }
}

#[test]
fn text_is_utf_8_even_where_nobody_reads_it() {
    is_no_frame(b"\x81\xa2\xc3\x28\xc0", MSGPACK, "not UTF-8");
    is_no_frame(b"\x82\xa1t\xa8activity\xa1x\xa1\xff", MSGPACK, "not UTF-8");
    is_no_frame(b"{\"t\":\"activity\",\"x\":\"\xff\"}", JSON, "not UTF-8");
}

#[test]
fn every_well_formed_value_passes() {
    let values: [&[u8]; 16] = [
        b"\xc0",
        b"\xc2",
        b"\xc3",
        b"\xcc\xff",
        b"\xcd\xff\xff",
        b"\xce\xff\xff\xff\xff",
        b"\xd0\x80",
        b"\xd1\x80\x00",
        b"\xd2\x80\x00\x00\x00",
        b"\xca\x00\x00\x00\x00",
        b"\xc4\x01x",
        b"\xc5\x00\x01x",
        b"\xd9\x01x",
        b"\xda\x00\x01x",
        b"\xdc\x00\x01\xc0",
        b"\xde\x00\x01\xa1k\xe0",
    ];
    for value in values {
        assert_eq!(check(&[b"\x81\xa1t", value].concat(), MSGPACK), Ok(()), "{value:?}");
    }
}

#[test]
fn a_comma_too_many_is_not_taken_for_trailing_bytes() {
    is_no_frame(br#"{"t":"activity",}"#, JSON, "key must be a string");
    assert_eq!(check(br#"{"t":"activity"} x"#, JSON), Err(DecodeError::TrailingBytes));
    assert_eq!(check(b" \n{\"t\":\"activity\"}\r\n\t ", JSON), Ok(()));
}

/// The refusal of a command, the same in both encodings.
#[track_caller]
fn refused(command: &str) -> FieldError {
    let value: serde_json::Value = serde_json::from_str(command).unwrap();
    let [json, msgpack] = [(command.as_bytes().to_vec(), JSON), (rmp_serde::to_vec(&value).unwrap(), MSGPACK)].map(
        |(bytes, encoding)| match ClientFrame::decode(&bytes, encoding) {
            Err(FrameError::Field { reference: 7, error }) => error,
            other => panic!("{other:?}"),
        },
    );
    assert_eq!(json.field, msgpack.field);
    json
}

#[test]
fn a_bad_field_is_named_by_its_path() {
    let fields = [
        (r#"{"t":"lock.acquire","ref":7,"book":"b1"}"#, "chapter"),
        (r#"{"t":"lock.acquire","ref":7,"chapter":"c1"}"#, "book"),
        (r#"{"t":"lock.acquire","ref":7,"book":7,"chapter":"c1"}"#, "book"),
        (r#"{"t":"lock.acquire","ref":7,"book":"b1","chapter":"c 1"}"#, "chapter"),
        (r#"{"t":"lock.acquire","ref":7,"book":"b1","chapter":"c1","wait":1}"#, "wait"),
        (r#"{"t":"lock.acquire","ref":7,"id":"","book":"b1","chapter":"c1"}"#, "id"),
        (r#"{"t":"book.open","ref":7,"book":"b1","after":{"seq":1}}"#, "after.epoch"),
        (r#"{"t":"book.open","ref":7,"book":"b1","after":{"epoch":"+123456789abcdef","seq":1}}"#, "after.epoch"),
        (r#"{"t":"metadata.set","ref":7,"book":"b1","metadata":{"authors":["A",5]}}"#, "metadata.authors[1]"),
        (r#"{"t":"chapter.move","ref":7,"book":"b1","chapter":"c1","at":{"after":""}}"#, "at.after"),
        (r#"{"t":"chapter.move","ref":7,"book":"b1","chapter":"c1","at":{}}"#, "at.after"),
        (r#"{"t":"chapter.move","ref":7,"book":"b1","chapter":"c1","at":"middle"}"#, "at"),
        (r#"{"t":"member.invite","ref":7,"book":"b1","invitation":"i","email":"a@b","role":"king"}"#, "role"),
    ];
    for (command, field) in fields {
        assert_eq!(refused(command).field, field, "{command}");
    }
}

#[test]
fn a_field_given_twice_is_named() {
    let command = br#"{"t":"chapter.remove","ref":7,"book":"b1","chapter":"c1","chapter":"c2"}"#;
    let Err(FrameError::Field { error, .. }) = ClientFrame::decode(command, JSON) else { panic!() };
    assert_eq!(error.field, "chapter");
    let twice = [r#"{"t":"activity","t":"hello"}"#, r#"{"t":"member.leave","ref":1,"ref":2,"book":"b1"}"#];
    for frame in twice {
        assert!(matches!(ClientFrame::decode(frame.as_bytes(), JSON), Err(FrameError::Malformed(_))), "{frame}");
    }
}

#[test]
fn a_list_is_no_struct() {
    assert_eq!(refused(r#"{"t":"book.open","ref":7,"book":"b1","after":["0123456789abcdef",1]}"#).field, "after");
    assert_eq!(refused(r#"{"t":"metadata.set","ref":7,"book":"b1","metadata":[]}"#).field, "metadata");
    let anchored = r#"{"t":"comment.add","ref":7,"book":"b1","thread":"t","comment":"m","chapter":"c","body":"x",
        "anchor":["q","p","s",1,1]}"#;
    assert_eq!(refused(anchored).field, "anchor");
    let hello = br#"{"t":"hello","resume":["s1",1,0]}"#;
    assert!(matches!(ClientFrame::decode(hello, JSON), Err(FrameError::Malformed(_))));
}

#[test]
fn a_number_names_no_variant() {
    for kind in ["1", "null", "\"part \"", "{\"part\":null}"] {
        let command = format!(r#"{{"t":"chapter.add","ref":7,"book":"b1","chapter":"c1","title":"x","kind":{kind}}}"#);
        assert_eq!(refused(&command).field, "kind", "{kind}");
    }
}

#[test]
fn integers_are_whole_positive_and_below_2_to_the_53() {
    let release = |token: &str| format!(r#"{{"t":"lock.release","ref":7,"book":"b1","chapter":"c1","token":{token}}}"#);
    for token in ["9007199254740992", "18446744073709551615", "-1", "1.0", "\"1\"", "null"] {
        assert_eq!(refused(&release(token)).field, "token", "{token}");
    }
    for encoding in Encoding::ALL {
        let value: serde_json::Value = serde_json::from_str(&release("9007199254740991")).unwrap();
        assert!(ClientFrame::decode(&encoding.encode(&value), encoding).is_ok());
    }
    let opened = r#"{"t":"book.open","ref":7,"book":"b1","after":{"epoch":"0123456789abcdef","seq":9007199254740992}}"#;
    assert_eq!(refused(opened).field, "after.seq");
}

#[test]
fn a_list_ends_at_its_limit() {
    let reply = |count: usize| {
        let mentions = vec!["u"; count];
        serde_json::json!({"t":"comment.reply","ref":7,"book":"b1","thread":"t","comment":"m","body":"x","mentions":mentions})
            .to_string()
    };
    assert!(ClientFrame::decode(reply(LIST_MAX).as_bytes(), JSON).is_ok());
    let error = refused(&reply(LIST_MAX + 1));
    assert_eq!((error.field.as_str(), error.reason.contains("1024")), ("mentions", true));
    let authors =
        serde_json::json!({"t":"metadata.set","ref":7,"book":"b1","metadata":{"authors":vec!["A"; LIST_MAX + 1]}});
    assert_eq!(refused(&authors.to_string()).field, "metadata.authors");
}

#[test]
fn a_reason_is_one_short_line() {
    let long = format!(r#"{{"t":"metadata.set","ref":7,"book":"b1","base_seq":"{}"}}"#, "\\n".repeat(5_000));
    let error = refused(&long);
    assert!(error.reason.len() <= 800 && !error.reason.contains('\n'), "{error}");
}

#[test]
fn bytes_are_binary_or_base64() {
    let part = |encoding: Encoding, data: serde_json::Value| {
        let value = serde_json::json!({"t":"part","last":true,"data":data});
        ClientFrame::decode(&encoding.encode(&value), encoding)
    };
    assert!(part(JSON, "gaF0".into()).is_ok());
    for data in ["gaF0=", "%%", "gaF"] {
        assert!(part(JSON, data.into()).is_err(), "{data}");
    }
    assert!(part(JSON, vec![1, 2].into()).is_err());
    assert!(part(MSGPACK, "gaF0".into()).is_err());
    assert!(part(MSGPACK, vec![1, 2].into()).is_err());
}
