use super::*;

fn packed(length: usize) -> Option<Vec<u8>> {
    pack(&"a".repeat(length))
}

#[tokio::test]
async fn messages_come_out_as_they_went_in() {
    let mut stream = [pack(&"whale").unwrap(), pack(&"sea").unwrap()].concat();
    let mut input = &*stream;
    assert_eq!(read::<String>(&mut input).unwrap().as_deref(), Some("whale"));
    assert_eq!(read::<String>(&mut input).unwrap().as_deref(), Some("sea"));
    assert_eq!(read::<String>(&mut input).unwrap(), None);
    assert_eq!(read_async::<String>(&mut &*stream).await.unwrap(), "whale");
    // Not a message that is whole, wherever it is cut.
    stream.truncate(pack(&"whale").unwrap().len());
    for cut in 1..stream.len() {
        assert_eq!(read::<String>(&mut &stream[..cut]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let failed = read_async::<String>(&mut &stream[..cut]).await.unwrap_err();
        assert_eq!(failed.kind(), io::ErrorKind::UnexpectedEof);
    }
    assert_eq!(read_async::<String>(&mut &stream[..0]).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn a_message_has_a_largest_length() {
    let head = packed(1 << 16).unwrap().len() - 4 - (1 << 16);
    let largest = packed(FRAME_BYTES_MAX - head).unwrap();
    assert!(read::<String>(&mut &*largest).unwrap().is_some());
    assert_eq!(packed(FRAME_BYTES_MAX - head + 1), None);
    let announced = u32::try_from(FRAME_BYTES_MAX + 1).unwrap().to_be_bytes();
    assert_eq!(read::<String>(&mut &announced[..]).unwrap_err().kind(), io::ErrorKind::InvalidData);
}
