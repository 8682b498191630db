use super::*;

#[test]
fn ids_are_short_and_plain() {
    let longest = "x".repeat(ID_CHARS_MAX);
    for id in ["b", "0193e5a0-8d2f-7c3a-9f10-3b2a1c0d4e5f", "A_z-9", &longest] {
        assert_eq!(BookId::new(id).unwrap().as_str(), id);
    }
    for id in ["", "a b", "a/b", "a.b", "é", "a\0", "a:b", &format!("{longest}x")] {
        assert!(BookId::new(id).is_err(), "{id:?}");
    }
}

#[test]
fn a_user_id_is_anything_printable() {
    let longest = "x".repeat(USER_ID_BYTES_MAX);
    for id in ["auth0|42", "Ann Lee", "é", &longest] {
        assert_eq!(UserId::new(id).unwrap().as_str(), id);
    }
    for id in ["", "a\nb", "a\u{7f}", &format!("{longest}x")] {
        assert!(UserId::new(id).is_err(), "{id:?}");
    }
}

#[test]
fn an_asset_is_named_by_half_a_hash() {
    assert!(AssetId::new("0123456789abcdef0123456789abcdef").is_ok());
    for id in ["", "0123456789abcdef", "0123456789ABCDEF0123456789abcdef", "0123456789abcdef0123456789abcdefa", "../"] {
        assert!(AssetId::new(id).is_err(), "{id:?}");
    }
}

#[test]
fn an_epoch_is_16_digits() {
    let epoch = Epoch(0x0000_4567_89ab_cdef);
    assert_eq!(serde_json::to_string(&epoch).unwrap(), "\"0000456789abcdef\"");
    assert_eq!(serde_json::from_str::<Epoch>("\"0000456789ABCDEF\"").unwrap(), epoch);
    for text in ["\"456789abcdef\"", "\"+000456789abcdef\"", "\"0000456789abcdeg\"", "\"00000456789abcdef\"", "1"] {
        assert!(serde_json::from_str::<Epoch>(text).is_err(), "{text}");
    }
}

#[test]
fn numbers_that_a_browser_could_not_hold_are_refused() {
    let (last, first) = (INTEGER_MAX.to_string(), (INTEGER_MAX + 1).to_string());
    assert_eq!(serde_json::from_str::<Token>(&last).unwrap(), Token(INTEGER_MAX));
    assert!(serde_json::from_str::<Token>(&first).is_err());
    assert!(serde_json::from_str::<Seq>(&first).is_err());
    assert!(serde_json::from_str::<Timestamp>(&first).is_err());
    assert!(rmp_serde::from_slice::<Seq>(&rmp_serde::to_vec(&(INTEGER_MAX + 1)).unwrap()).is_err());
}

#[test]
fn time_does_not_run_over() {
    assert_eq!(Timestamp(5).ms_since(Timestamp(7)), 0);
    assert_eq!(Timestamp(u64::MAX).plus_ms(1), Timestamp(u64::MAX));
}
