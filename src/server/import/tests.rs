//! What imports hold while they are read.

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
