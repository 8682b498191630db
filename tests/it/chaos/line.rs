//! F9, F11: the line between a hub and Redis is slow, swallows everything, breaks, or loses what others say.

use std::time::Duration;

use quire_protocol::event::Event;

use super::worker::Crew;
use super::world::{World, agrees_with_history, doors, is_answered, reader, workers};
use crate::harness::thread;
use crate::harness::wishes::remark;
use crate::process::tab::Tab;
use crate::proxy::{Proxy, Weather};

#[tokio::test]
async fn f9_whatever_the_line_to_redis_does_everybody_is_answered_and_nothing_is_done_twice() {
    let world = World::new("1s", &[]).await;
    let line = Proxy::to(world.redis.port()).await;
    let (north, south) = (world.hub_behind(&line).await, world.hub().await);
    let crew = Crew::begins(workers(&[&north, &south], 3).await, &doors([&north, &south]));
    let slow = |delay| Weather { delay, ..Weather::default() };
    let weathers = [
        slow(Duration::from_millis(50)),
        // An answer that comes when its caller has given up.
        slow(Duration::from_millis(240)),
        slow(Duration::from_secs(2)),
        Weather { swallows_questions: true, ..Weather::default() },
        Weather { swallows_answers: true, ..Weather::default() },
        Weather { swallows_questions: true, swallows_answers: true, ..Weather::default() },
    ];
    for (number, weather) in weathers.into_iter().enumerate() {
        crew.goes_on(crew.all()).await;
        line.set(weather);
        for again in 0..3 {
            // Yes, no, or unknown: each is an answer.
            let answer = is_answered(&north, &format!("weather-{number}-{again}")).await;
            assert!(matches!(answer, Ok(()) | Err(None | Some("unavailable" | "outcome_unknown"))), "{answer:?}");
        }
        line.passes();
    }
    crew.goes_on(crew.all()).await;
    agrees_with_history(&south, &crew.ends().await).await;
}

#[tokio::test]
async fn f9_a_line_that_breaks_again_and_again_loses_and_doubles_nothing() {
    let world = World::new("1s", &[]).await;
    let line = Proxy::to(world.redis.port()).await;
    let (north, south) = (world.hub_behind(&line).await, world.hub().await);
    let crew = Crew::begins(workers(&[&north, &south], 3).await, &doors([&north, &south]));
    for _ in 0..6 {
        crew.goes_on(crew.all()).await;
        line.cut();
    }
    crew.goes_on(crew.all()).await;
    agrees_with_history(&south, &crew.ends().await).await;
}

#[tokio::test]
async fn f11_a_replica_that_loses_its_subscriptions_misses_no_event() {
    let world = World::new("1s", &[]).await;
    let (north, south) = (world.steady_hub().await, world.steady_hub().await);
    let (mut ann, [ben]) = Tab::team(&north, ["ben"]).await;
    ben.closes(1000).await;
    let mut ben = reader(&south, "ben").await;
    for number in 0..10 {
        let name = format!("r{number}");
        world.redis.ask::<u64>("CLIENT KILL TYPE pubsub").await;
        // The writer's own line may be cut, too.
        for retry in std::iter::once(false).chain(std::iter::repeat(true)) {
            let reference = ann.wishes(&name, retry, remark(1, &name)).await;
            match ann.answer_to(reference).await.expect("an answer").result {
                Ok(_) => break,
                Err(no) => assert!(["unavailable", "outcome_unknown"].contains(&no.code()), "{no:?}"),
            }
        }
        ben.hears(|event| matches!(event, Event::CommentAdded(added) if added.thread == thread(&name)).then_some(()))
            .await;
    }
}
