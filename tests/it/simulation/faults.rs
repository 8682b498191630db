//! What goes wrong.

use std::sync::Arc;
use std::time::Duration;

use quire::store::LogId;

use super::oracle::Fate;
use super::town::{Citizen, Simulation};
use crate::harness::{LostAnswer, chapter, moby};

/// Records that a server may lack which goes on in the place of another.
const LOST_MAX: usize = 6;

impl Simulation {
    /// One fault, or the end of one.
    pub(super) async fn suffers(&mut self, index: usize) {
        let hub = self.dice.roll(self.towns.len());
        match self.dice.roll(22) {
            0..=1 => self.drops(index),
            2 => self.restarts(hub),
            3..=4 => {
                let lost = [LostAnswer::Applied, LostAnswer::NotApplied];
                let lost: Vec<_> = (0..=self.dice.roll(3)).map(|_| *self.dice.pick(&lost)).collect();
                self.notes(format!("hub {hub}: answers are lost: {lost:?}"));
                self.towns[hub].line.loses_answers(lost);
            }
            5 => {
                self.notes(format!("hub {hub}: the store goes away"));
                self.towns[hub].line.goes_away();
            }
            6..=9 => {
                self.notes(format!("hub {hub}: all is well"));
                self.towns[hub].line.comes_back();
                self.towns[hub].line.reconnects();
                self.towns[hub].line.is_in_order();
                self.towns[hub].line.renews_again();
            }
            10..=12 => {
                let time = Duration::from_millis(u64::try_from(self.dice.roll(6_000)).unwrap());
                self.notes(format!("{time:?} pass"));
                self.towns[0].passes(time).await;
            }
            // A hub that is alone has no others.
            _ if self.towns.len() == 1 => {}
            13..=14 => {
                self.notes(format!("hub {hub} hears nothing"));
                self.towns[hub].line.goes_deaf();
            }
            15..=16 => {
                self.notes(format!("hub {hub} hears late and twice"));
                self.towns[hub].line.is_unruly();
            }
            17 => {
                self.notes(format!("hub {hub} cannot renew its lease"));
                self.towns[hub].line.renews_no_more();
            }
            18 => self.drains(hub).await,
            19 => self.pauses(hub).await,
            20 => self.store_fails_over().await,
            _ => self.store_loses_what_hubs_know(index).await,
        }
    }

    fn drops(&mut self, index: usize) {
        self.notes(format!("{} drops the connection", self.people[index].name));
        self.people[index].drops();
    }

    /// A hub is killed and started again.
    fn restarts(&mut self, hub: usize) {
        self.notes(format!("hub {hub} is killed and started again"));
        self.people_at(hub).for_each(Citizen::drops);
        self.towns[hub] = self.towns[hub].restarted();
    }

    /// Another hub takes the place of one that goes away politely.
    async fn drains(&mut self, hub: usize) {
        self.notes(format!("hub {hub} is drained"));
        let next = self.towns[hub].beside();
        next.hub.may_begin().await;
        let old = std::mem::replace(&mut self.towns[hub], next);
        self.people_at(hub).for_each(|citizen| citizen.at = None);
        let going = Arc::clone(&old.hub);
        tokio::spawn(async move { going.drain().await });
    }

    /// A hub does nothing for longer than its lease.
    async fn pauses(&mut self, hub: usize) {
        self.notes(format!("hub {hub} is paused"));
        self.towns[hub].line.goes_away();
        self.towns[0].passes(Duration::from_secs(30)).await;
        self.towns[hub].line.comes_back();
        self.towns[hub].line.reconnects();
    }

    /// Another server goes on, which lacks the last records: what no hub knows is lost.
    async fn store_fails_over(&mut self) {
        let tail = self.towns[0].store.tail(LogId::Book(moby())).await.unwrap().expect("the book was created");
        // What made people members is safe.
        let most = usize::try_from(tail.seq.0.saturating_sub(self.begins.0)).unwrap();
        let lost = self.dice.roll(LOST_MAX).min(most);
        self.notes(format!("the store fails over and lost {lost}"));
        self.towns[0].memory().fails_over(&LogId::Book(moby()), lost);
        self.record.lost_in = Some(tail.epoch);
        self.loses_text().await;
        for fate in self.fates.values_mut() {
            *fate = Fate::lost(*fate);
        }
    }

    /// The server that goes on lacks the end of a text, too.
    async fn loses_text(&mut self) {
        let (number, lost) = (self.dice.chapter(), self.dice.roll(LOST_MAX));
        let log = LogId::Chapter(moby(), chapter(number));
        self.towns[0].memory().fails_over(&log, lost);
        let tail = self.towns[0].store.tail(log).await.unwrap();
        self.notes(format!("of the text of chapter {number} it kept what ends at {tail:?}"));
        if lost > 0 {
            self.record.loses(number, tail.map(|tail| tail.seq));
        }
    }

    /// The store loses data while all hubs are in touch, and somebody has the book open: nothing is lost.
    async fn store_loses_what_hubs_know(&mut self, index: usize) {
        self.faults_stop();
        self.towns[0].passes(Duration::from_secs(15)).await;
        // Whoever was sent away meanwhile notices.
        self.listen();
        let at = self.dice.roll(self.towns.len());
        match self.people[index].is_there(&self.towns, at).await {
            Ok(person) => drop(person.sees().await),
            Err(_) => return,
        }
        let lost = self.dice.roll(2 * LOST_MAX);
        let tail = self.towns[0].store.tail(LogId::Book(moby())).await.unwrap();
        self.record.lost_in = tail.map(|tail| tail.epoch);
        if lost < LOST_MAX {
            self.notes(format!("the store fails over and lost {lost} that {} knows", self.people[index].name));
            self.towns[0].memory().fails_over(&LogId::Book(moby()), lost);
        } else {
            self.notes("the store loses everything".into());
            self.towns[0].memory().lose_everything();
            // Nobody but the store had the texts.
            (1..=5).for_each(|number| self.record.loses(number, None));
        }
        self.towns[0].passes(Duration::from_secs(5)).await;
    }

    pub(super) fn faults_stop(&mut self) {
        self.notes("the faults stop".into());
        for town in &self.towns {
            town.line.comes_back();
            town.line.loses_no_more();
            town.line.is_in_order();
            town.line.renews_again();
            if self.towns.len() > 1 {
                town.line.reconnects();
            }
        }
    }

    fn people_at(&mut self, hub: usize) -> impl Iterator<Item = &mut Citizen> {
        self.people.iter_mut().filter(move |citizen| citizen.at == Some(hub))
    }
}
