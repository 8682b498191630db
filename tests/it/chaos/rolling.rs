//! F15: one replica after the other is asked to end, while people work.

use super::worker::Crew;
use super::world::{World, agrees_with_history, doors, workers};

#[tokio::test]
async fn f15_a_rolling_restart_loses_no_event_and_no_lock() {
    let world = World::new("30s", &[]).await;
    let mut hubs = vec![world.hub().await, world.hub().await, world.hub().await];
    let doors = doors(&hubs);
    let crew = Crew::begins(workers(&hubs.iter().collect::<Vec<_>>(), 3).await, &doors);
    for (index, place) in hubs.iter_mut().enumerate() {
        crew.goes_on(crew.all()).await;
        let next = world.hub().await;
        doors.lock().unwrap()[index] = (*next).clone();
        let old = std::mem::replace(place, next);
        old.is_asked_to_end();
        old.ends().await.well();
    }
    crew.goes_on(crew.all()).await;
    let diaries = crew.ends().await;
    for diary in &diaries {
        assert_eq!(diary.lost, Vec::<u32>::new(), "{:?}", diary.ends);
    }
    assert!(diaries.iter().all(|diary| !diary.ends.is_empty()), "everybody moved");
    agrees_with_history(&hubs[0], &diaries).await;
}
