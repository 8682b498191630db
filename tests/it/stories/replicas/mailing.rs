//! Letters with what people were told, across replicas: one sends each.

use std::time::Duration;

use quire_protocol::command::{CommentAdd, InboxChoose};
use quire_protocol::inbox::{ByMail, Topic, TopicChoice};

use super::two_replicas;
use crate::harness::postbox::Postbox;
use crate::harness::user;
use crate::harness::wishes::*;

fn mention(name: &str) -> CommentAdd {
    CommentAdd { mentions: vec![user("ben")], ..remark(1, name) }
}

#[tokio::test(start_paused = true)]
async fn one_replica_mails_and_another_one_if_it_is_gone() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    let (in_east, in_west) = (Postbox::default(), Postbox::default());
    in_east.opens_in(&east);
    in_west.opens_in(&west);
    ben.opens_inbox().await;
    ann.does(mention("whale")).await.accepted();
    west.passes_for(Duration::from_mins(10), [&mut ann, &mut ben]).await;
    assert_eq!((in_east.letters().len(), in_west.letters().len()), (1, 0), "where it happened");

    let mail = ByMail::Daily;
    ben.asks_hub(InboxChoose { choices: vec![TopicChoice { topic: Topic::Mentioned, inbox: true, mail }] })
        .await
        .accepted();
    ann.does(mention("spout")).await.accepted();
    west.passes_for(Duration::from_mins(1), [&mut ann, &mut ben]).await;
    east.line.is_cut();
    west.passes_for(Duration::from_hours(24), [&mut ben]).await;
    let subjects: Vec<String> = in_west.letters().into_iter().map(|letter| letter.subject).collect();
    assert_eq!((in_east.letters().len(), subjects), (0, vec!["What happened in your books: one thing".to_owned()]));
}
