//! Who gets what of a book: the owner decides, each knows their own part, and nobody goes who has one.

use quire_protocol::command::{MemberLeave, RoyaltiesGet};
use quire_protocol::frame::Answer;
use quire_protocol::royalty::Split;
use quire_protocol::{Command, Role, ViewCommand};

use crate::harness::wishes::*;
use crate::harness::{Person, Town, moby};

impl Person {
    async fn royalties(&mut self) -> Vec<Split> {
        let get = Command::View(ViewCommand::from(RoyaltiesGet {}));
        match self.asks(&moby(), get).await.accepted() {
            Answer::Royalties { splits } => splits,
            other => panic!("no splits: {other:?}"),
        }
    }
}

/// Whose, and how much: of the last split.
fn shares(splits: &[Split]) -> Vec<(&str, u32)> {
    let last = splits.last().into_iter().flat_map(|split| &split.shares);
    last.map(|share| (share.user.as_str(), share.basis_points)).collect()
}

#[tokio::test(start_paused = true)]
async fn the_owner_splits_each_reads_their_own_share_and_others_hear_nothing_of_it() {
    let town = Town::new();
    let (mut ann, [mut ben, mut rex]) = town.team([("ben", Role::Author), ("rex", Role::Reader)]).await;
    rex.opens(&moby()).await.accepted();
    rex.hears_all().await;
    ann.does(royalties(&[("ann", 4_000), ("ben", 6_000)])).await.accepted();
    assert_eq!(shares(&ann.royalties().await), [("ann", 4_000), ("ben", 6_000)]);
    assert_eq!(shares(&ben.royalties().await), [("ben", 6_000)]);
    assert_eq!(rex.royalties().await, []);
    for person in [&mut ben, &mut rex] {
        assert_eq!(person.hears_all().await, ["withheld"], "{}: that something happened, and not what", person.name());
    }
    ben.does(royalties(&[("ben", 10_000)])).await.refused("forbidden");
    ben.does(MemberLeave {}).await.refused("conflict");
    ann.does(remove_member("ben")).await.refused("conflict");
    ann.does(royalties(&[("ann", 10_000)])).await.accepted();
    ben.does(MemberLeave {}).await.accepted();
    assert_eq!(ann.royalties().await.len(), 2, "what was is remembered");
}
