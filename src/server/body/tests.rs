//! What bodies hold while they are read.

use std::convert::Infallible;

use futures::FutureExt as _;

use super::*;

#[tokio::test]
async fn bodies_take_room_by_what_has_come() {
    let bodies = Arc::new(Semaphore::new(4));
    let send = |bytes: usize| read_frames(Body::from(vec![0; bytes]), Limit::body(64 * 1024), &bodies);
    let waiting = read_frames(
        Body::from_stream(futures::stream::pending::<Result<Vec<u8>, Infallible>>()),
        Limit::body(9),
        &bodies,
    );
    let mut waiting = std::pin::pin!(waiting);
    assert!((&mut waiting).now_or_never().is_none());
    assert_eq!(bodies.available_permits(), 3, "nothing has come");

    let held = send(2_047).await.unwrap();
    assert_eq!((held.bytes.len(), bodies.available_permits()), (2_047, 1));
    assert!(send(1_024).await.is_err(), "there is no room for two more");
    assert_eq!(bodies.available_permits(), 1, "a refused body leaves nothing behind");
    drop(held);
    assert!(send(1_024).await.is_ok());
}
