//! What bodies and imports hold while they are read.

use std::convert::Infallible;

use futures::FutureExt as _;
use tokio::sync::oneshot;

use super::*;

fn room(kib: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(kib))
}

#[tokio::test]
async fn an_import_keeps_its_place_when_the_caller_hangs_up() {
    let (places, bodies) = (room(1), room(100));
    let file = Received { bytes: vec![], weight: Arc::clone(&bodies).try_acquire_many_owned(7).unwrap() };
    let (begin, begun) = oneshot::channel();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let of_import = Arc::clone(&places);
    let importing = tokio::spawn(async move {
        let read = move |_: &[u8]| {
            begin.send(()).unwrap();
            ended.recv().unwrap();
            Err(ImportError::Empty)
        };
        read_import(&of_import, file, read).await.map(|_| ())
    });
    begun.await.unwrap();
    importing.abort();
    assert!(importing.await.unwrap_err().is_cancelled());
    assert_eq!((places.available_permits(), bodies.available_permits()), (0, 93), "the thread still reads");
    end.send(()).unwrap();
    drop((places.acquire().await.unwrap(), bodies.acquire_many(100).await.unwrap()));
}

#[tokio::test]
async fn bodies_take_room_by_what_has_come() {
    let bodies = room(4);
    let send = |bytes: usize| read_frames(Body::from(vec![0; bytes]), 64 * 1024, &bodies);
    let waiting = read_frames(Body::from_stream(futures::stream::pending::<Result<Vec<u8>, Infallible>>()), 9, &bodies);
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
