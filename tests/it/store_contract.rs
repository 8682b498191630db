//! The contract of the store, held against every implementation. A test's name is the schedule that would break a
//! plainer design; R numbers are the rules that `ARCHITECTURE.md` lists.

/// Runs each schedule on each implementation. A schedule that is not listed is dead code, which the compiler reports.
macro_rules! on_every_store {
    ($($schedule:ident,)+) => {
        mod memory {
            $(#[tokio::test]
            async fn $schedule() {
                super::$schedule(crate::store_contract::bench::Bench::memory()).await;
            })+
        }
        mod embedded {
            $(#[tokio::test]
            async fn $schedule() {
                super::$schedule(crate::store_contract::bench::Bench::embedded()).await;
            })+
        }
        mod redis {
            $(#[tokio::test]
            async fn $schedule() {
                super::$schedule(crate::store_contract::bench::Bench::redis().await).await;
            })+
        }
    };
}

/// Runs each schedule on each implementation that lives in the process, whose clock the test can set.
macro_rules! on_stores_with_hands {
    ($($schedule:ident,)+) => {
        mod memory_by_hand {
            $(#[tokio::test]
            async fn $schedule() {
                super::$schedule(crate::store_contract::bench::Bench::memory()).await;
            })+
        }
        mod embedded_by_hand {
            $(#[tokio::test]
            async fn $schedule() {
                super::$schedule(crate::store_contract::bench::Bench::embedded()).await;
            })+
        }
    };
}

/// Runs each schedule on each implementation that several replicas can share.
macro_rules! on_shared_stores {
    ($($schedule:ident,)+) => {
        mod memory {
            $(#[tokio::test]
            async fn $schedule() {
                super::$schedule(crate::store_contract::replicas::Replicas::memory()).await;
            })+
        }
        mod redis {
            $(#[tokio::test]
            async fn $schedule() {
                super::$schedule(crate::store_contract::replicas::Replicas::redis().await).await;
            })+
        }
    };
}

mod appending;
mod assets;
pub(crate) mod bench;
mod cards;
mod compacting;
mod embedded;
mod fencing;
mod leasing;
mod reading;
mod redis;
mod replicas;
mod restoring;
mod signalling;
mod stamping;
mod turns;
