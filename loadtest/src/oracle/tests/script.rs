//! Histories as short text: one step after the other, ten microseconds apart, separated by semicolons.
//!
//! Every history begins with a book (1) that has a chapter `c1` (2), which ann and bob have open.

use std::collections::BTreeMap;

use quire_protocol::command::After;
use quire_protocol::event::{By, Cause, Event, EventFrame};
use quire_protocol::frame::{Opened, Reply};
use quire_protocol::{BookId, ClientFrame, CommandFrame, CommandId, Encoding, Epoch, Seq, SessionId};
use serde_json::{Value, json};

use super::super::{Expectations, FinalLog, Judgement, judge};
use crate::observation::{HangUp, Micros, Moment, Notebook, TabId};
use crate::projection::Projection;

pub(super) const NOTHING: Expectations = Expectations {
    deliveries: false,
    commands: false,
    locks: false,
    views: false,
    texts: false,
    files: false,
    epoch_changes: false,
};

/// Tabs and the log that they hear of.
pub(super) struct Scene {
    notebooks: Vec<Notebook>,
    log: Vec<EventFrame>,
    epoch: Epoch,
    sessions: BTreeMap<String, String>,
    now: u64,
    /// Events that nobody can read any more.
    unread: Vec<u64>,
}

pub(super) fn book() -> BookId {
    BookId::new("emma").unwrap()
}

fn session(name: &str) -> SessionId {
    SessionId::new(name).unwrap()
}

fn tab(name: &str) -> TabId {
    let index = (0..).zip(["ann", "bob", "cy"]).find(|(_, known)| *known == name);
    TabId(index.expect("a tab is ann, bob or cy").0)
}

/// Plays a history with all tabs in one worker, or each in its own, and judges it.
pub(super) fn play(script: &str, workers: usize, expectations: Expectations) -> Judgement {
    let mut scene = Scene {
        notebooks: vec![Notebook::new(); workers],
        log: Vec::new(),
        epoch: Epoch(1),
        sessions: BTreeMap::new(),
        now: 0,
        unread: Vec::new(),
    };
    scene.run("log cy created; log cy added c1; welcome ann ann1; welcome bob bob1; open ann; open bob");
    scene.run(script);
    scene.judge(expectations)
}

impl Scene {
    fn run(&mut self, script: &str) {
        for step in script.split(';') {
            let words: Vec<&str> = step.split_whitespace().collect();
            if !words.is_empty() {
                self.now += 10;
                self.step(&words);
            }
        }
    }

    fn judge(self, expectations: Expectations) -> Judgement {
        let seq = Seq(self.log.len() as u64);
        let events = self.log.into_iter().filter(|frame| !self.unread.contains(&frame.seq.0)).collect();
        let log = FinalLog { book: book(), epoch: self.epoch, seq, events, texts: Vec::new() };
        // Notebooks travel as JSON.
        let notebooks = self.notebooks.iter().map(|notebook| {
            let bytes = serde_json::to_vec(notebook).unwrap();
            serde_json::from_slice(&bytes).unwrap()
        });
        judge(notebooks.collect(), &[log], expectations)
    }

    fn notebook(&mut self, name: &str) -> &mut Notebook {
        let index = tab(name).0 as usize % self.notebooks.len();
        &mut self.notebooks[index]
    }

    fn moment(&self, name: &str) -> Moment {
        Moment { tab: tab(name), at: Micros(self.now) }
    }

    fn step(&mut self, words: &[&str]) {
        match words {
            ["welcome", name, id] => {
                self.sessions.insert((*name).to_owned(), (*id).to_owned());
                self.notebook(name).welcomed(tab(name), &session(id));
            }
            ["open", name] => self.open(name, Some(0), 0),
            ["open", name, "after", seq] => self.open(name, Some(seq.parse().unwrap()), 0),
            ["open", name, "after", seq, "without", last] => {
                self.open(name, Some(seq.parse().unwrap()), last.parse().unwrap());
            }
            ["snapshot", name] => self.open(name, None, 0),
            ["log", by, event @ ..] => self.log(by, event),
            ["hear", "*", seq] => ["ann", "bob"].iter().for_each(|name| self.hear(name, seq, "")),
            ["hear", name, seq] => self.hear(name, seq, ""),
            ["hear", name, seq, how] => self.hear(name, seq, how),
            ["send", name, id, command @ ..] => self.send(name, id, command),
            ["yes", name, id, seq] => self.reply(name, id, &json!({"seq": number(seq), "ok": {}})),
            ["yes", name, id, seq, token] => {
                self.reply(name, id, &json!({"seq": number(seq), "ok": {"token": number(token)}}));
            }
            ["no", name, id, "locked", seq] => {
                let holder = json!({"user": "x", "name": "x", "initials": "X", "session": "x"});
                let err = json!({"code": "locked", "message": "", "holder": holder, "since_at": 1,
                    "yours_elsewhere": false});
                self.reply(name, id, &json!({"seq": number(seq), "err": err}));
            }
            ["no", name, id, code, seq] => {
                let err = json!({"code": code, "message": "", "retry_after_ms": 1});
                self.reply(name, id, &json!({"seq": number(seq), "err": err}));
            }
            ["hang", name, how] => {
                let (now, how) = (self.moment(name), if *how == "ours" { HangUp::Ours } else { HangUp::Theirs });
                self.notebook(name).hung_up(now, how);
            }
            ["leave", name] => {
                let now = self.moment(name);
                self.notebook(name).leaving(now, &book());
            }
            ["left", name] => self.notebook(name).left(tab(name), &book()),
            ["view", name, how @ ..] => self.view(name, how),
            ["forget", "after", seq] => self.log.truncate(place(seq)),
            ["unread", seq] => self.unread.push(number(seq)),
            ["epoch", epoch, "keeps", seq] => {
                self.epoch = Epoch(number(epoch));
                self.log.truncate(place(seq));
                self.log.iter_mut().for_each(|frame| frame.epoch = self.epoch);
            }
            step => panic!("what is {step:?}?"),
        }
    }

    fn by(&self, name: &str) -> By {
        match self.sessions.get(name) {
            Some(id) => serde_json::from_value(json!({"user": name, "session": id})).unwrap(),
            None if name == "hub" => By::System { system: Cause::Disconnected },
            None => serde_json::from_value(json!({"user": name, "session": name})).unwrap(),
        }
    }

    fn log(&mut self, by: &str, words: &[&str]) {
        let id = |name: &str| self.sessions.get(name).cloned().unwrap_or(name.to_owned());
        let person = json!({"user": by, "name": by});
        let event = match words {
            ["created"] => {
                let owner = json!({"user": by, "name": by, "email": "cy@example.org", "role": "owner"});
                json!({"t": "book.created", "title": "Emma", "metadata": {}, "owner": owner})
            }
            ["added", chapter] => json!({"t": "chapter.added", "chapter": chapter, "title": chapter,
                "kind": "chapter", "parent": null, "after": null}),
            ["renamed", chapter] => json!({"t": "chapter.renamed", "chapter": chapter, "title": self.now.to_string()}),
            ["mode", chapter] => json!({"t": "chapter.mode_set", "chapter": chapter, "mode": "live"}),
            ["removed", chapter] => json!({"t": "chapter.removed", "chapter": chapter}),
            ["acquired", chapter, holder, token] => json!({"t": "lock.acquired", "chapter": chapter,
                "token": number(token),
                "holder": {"user": holder, "name": holder, "initials": "X", "session": id(holder)}}),
            ["rehomed", chapter, holder, token] => json!({"t": "lock.rehomed", "chapter": chapter,
                "session": id(holder), "token": number(token)}),
            ["released", chapter, holder, reason] => json!({"t": "lock.released", "chapter": chapter,
                "session": id(holder), "reason": reason}),
            ["queued", chapter, waiter] => json!({"t": "lock.queued", "chapter": chapter, "waiter": person,
                "session": id(waiter), "note": null}),
            ["comment", comment] => json!({"t": "comment.added", "thread": format!("t{comment}"),
                "comment": comment, "chapter": "c1", "anchor": null, "author": person, "body": "b", "mentions": []}),
            event => panic!("what is {event:?}?"),
        };
        let seq = self.log.len() as u64 + 1;
        let frame = json!({"t": "event", "book": "emma", "epoch": self.epoch, "seq": seq, "at": self.now,
            "by": self.by(by), "event": event});
        let decoded = quire_protocol::ServerFrame::decode(frame.to_string().as_bytes(), Encoding::Json).unwrap();
        let quire_protocol::ServerFrame::Event(frame) = decoded else { panic!("an event") };
        self.log.push(*frame);
    }

    fn hear(&mut self, name: &str, seq: &str, how: &str) {
        let mut frame = self.log[place(seq) - 1].clone();
        match how {
            "other" => frame.at.0 += 1,
            "withheld" => {
                frame.by = By::System { system: Cause::Withheld };
                frame.event = Event::Withheld(quire_protocol::event::Withheld {});
            }
            _ => {}
        }
        let now = self.moment(name);
        self.notebook(name).heard(now, &frame);
    }

    fn replay(&self) -> Projection {
        let mut projection = Projection::empty(self.epoch);
        self.log.iter().for_each(|frame| projection.hear(frame));
        projection
    }

    /// Opens after a position, or by a snapshot; the last events may be left out.
    fn open(&mut self, name: &str, after: Option<usize>, without: usize) {
        let events = after.map(|after| self.log[after..self.log.len() - without].to_vec());
        let projection = self.replay();
        let chapters = projection.reading_order().map(|chapter| {
            let lock = projection.held(chapter).map(|(session, token)| {
                json!({"token": token, "since_at": 1,
                "away": false, "waiting": [],
                "holder": {"user": "x", "name": "x", "initials": "X", "session": session}})
            });
            json!({"id": chapter, "title": "", "kind": "chapter", "parent": null, "lock": lock})
        });
        let snapshot = json!({"id": "emma", "title": "", "metadata": {}, "metadata_seq": 1, "chapters": chapters.collect::<Vec<_>>(),
            "removed": [], "threads": [], "members": []});
        let opened = Opened {
            epoch: self.epoch,
            seq: Seq(self.log.len() as u64),
            role: None,
            can: Vec::new(),
            roster: Vec::new(),
            roster_count: 0,
            snapshot: events.is_none().then(|| serde_json::from_value(snapshot).unwrap()),
            events,
        };
        let asked = after.map(|seq| After { epoch: self.epoch, seq: Seq(seq as u64) });
        let now = self.moment(name);
        self.notebook(name).opened(now, &book(), &opened, asked);
    }

    fn send(&mut self, name: &str, id: &str, words: &[&str]) {
        let command = match words {
            ["acquire", chapter] => json!({"t": "lock.acquire", "chapter": chapter}),
            ["release", chapter, token] => {
                json!({"t": "lock.release", "chapter": chapter, "token": number(token)})
            }
            ["mode", chapter] => json!({"t": "chapter.set_mode", "chapter": chapter, "mode": "live"}),
            ["rename", chapter] => json!({"t": "chapter.rename", "chapter": chapter, "title": "new"}),
            ["add", chapter] => json!({"t": "chapter.add", "chapter": chapter, "title": "new", "kind": "chapter"}),
            ["comment", comment] => json!({"t": "comment.add", "thread": format!("t{comment}"), "comment": comment,
                "chapter": "c1", "body": "b"}),
            command => panic!("what is {command:?}?"),
        };
        let mut frame = json!({"ref": 1, "id": id, "book": "emma"});
        frame.as_object_mut().unwrap().extend(command.as_object().unwrap().clone());
        let decoded = ClientFrame::decode(frame.to_string().as_bytes(), Encoding::Json).unwrap();
        let ClientFrame::Command(frame) = decoded else { panic!("a command") };
        let frame: CommandFrame = frame;
        let now = self.moment(name);
        self.notebook(name).sent(now, &frame);
    }

    fn reply(&mut self, name: &str, id: &str, reply: &Value) {
        let mut frame = json!({"t": "reply", "ref": 1});
        frame.as_object_mut().unwrap().extend(reply.as_object().unwrap().clone());
        let reply: Reply = serde_json::from_value(frame).unwrap();
        let now = self.moment(name);
        self.notebook(name).answered(now, &book(), &CommandId::new(id).unwrap(), &reply);
    }

    fn view(&mut self, name: &str, how: &[&str]) {
        let mut view = self.replay().view();
        match how {
            ["odd"] => view.outline = view.outline.map(|digest| digest ^ 1),
            ["unsure"] => (view.outline, view.threads) = (None, None),
            ["early"] => view.seq.0 -= 1,
            _ => {}
        }
        self.notebook(name).view(tab(name), &book(), view);
    }
}

fn number(word: &str) -> u64 {
    word.parse().unwrap()
}

fn place(word: &str) -> usize {
    word.parse().unwrap()
}
