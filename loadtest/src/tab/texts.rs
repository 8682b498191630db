//! The texts that a tab has open: what it was told of each, and the editor of those that it writes into.

use std::collections::BTreeMap;
use std::rc::Rc;

use quire_protocol::codec::Blob;
use quire_protocol::command::{ChapterOpen, ChapterUpdate, Have};
use quire_protocol::frame::{Answer, OpenedText, Reply};
use quire_protocol::{BookId, ChapterId, ClientFrame, Command, CommandFrame, Epoch, Rejection, Seq, Token};
use tokio::sync::oneshot;

use crate::clock;
use crate::decoder::{HeardText, digest};
use crate::observation::{Micros, Place, Said, Sent, Told, ViolationKind};
use crate::typist::{Chance, Typist, updates_of};
use crate::wire::{End, Socket};

use super::life::{Life, Pending};
use super::{Order, Shared, Tab, seen};

/// What a tab asks of a text again after this time if the hub was too busy, milliseconds.
const REOPEN_MS: u64 = 50;

/// All texts of a tab.
pub(super) type Texts = BTreeMap<(BookId, ChapterId), Shown>;

/// One text.
#[derive(Default)]
pub(super) struct Shown {
    state: State,
    /// The life of its log, where that was told.
    epoch: Option<Epoch>,
    rev: Seq,
    /// Position and bytes of each piece that the text is made of; what the hub answered as one has the position of its
    /// last update.
    pieces: Vec<(Seq, Rc<[u8]>)>,
    typist: Option<Typist>,
}

/// Whether it is open on this connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    Asked,
    Open,
    /// It is open, and the whole of it is wanted once more.
    Stale,
    /// It is open, and the whole of it was asked for once more.
    Again,
}

impl State {
    fn hears(self) -> bool {
        matches!(self, Self::Open | Self::Stale | Self::Again)
    }
}

impl Shown {
    /// What it has to say when it comes back. Whoever sits down to write begins with the whole text (D-4).
    fn have(&self) -> Option<Have> {
        let epoch = self.epoch.filter(|_| self.state == State::Closed)?;
        Some(Have { epoch, rev: self.rev })
    }

    /// Takes in the answer to `chapter.open`.
    fn takes(&mut self, opened: &OpenedText) -> Result<(), String> {
        let updates = updates_of(opened)?;
        match opened.after {
            Some(after) if after == self.rev && after.0 + updates.len() as u64 == opened.rev.0 => {
                self.pieces.extend((after.0 + 1..).map(Seq).zip(updates.into_iter().map(Into::into)));
            }
            Some(after) => {
                return Err(format!("{} updates after {after} do not lead to {}", updates.len(), opened.rev));
            }
            None => self.pieces = updates.into_iter().map(|update| (opened.rev, update.into())).collect(),
        }
        (self.epoch, self.rev, self.state) = (opened.epoch, opened.rev, State::Open);
        match &self.typist {
            Some(typist) => self.pieces.iter().try_for_each(|(_, update)| typist.page().merges(update)),
            None => Ok(()),
        }
    }
}

/// An edit that was made.
#[derive(Clone)]
pub(crate) struct Typed {
    /// The client id of the hold.
    pub(crate) client: Token,
    pub(crate) n: u64,
    pub(crate) update: Rc<[u8]>,
    /// Clock units of the hold after it.
    pub(crate) units: u32,
    pub(crate) made_at: Micros,
}

/// An update on its way.
pub(super) struct Write {
    pub(super) book: BookId,
    pub(super) chapter: ChapterId,
    pub(super) token: Token,
    pub(super) typed: Typed,
    pub(super) is_probe: bool,
    pub(super) answer: oneshot::Sender<Result<Seq, Rejection>>,
}

/// A command without a command id, whose answer is not waited for beyond this connection.
pub(super) struct Ask {
    pub(super) book: BookId,
    pub(super) command: Command,
    pub(super) answer: oneshot::Sender<Result<Answer, Rejection>>,
}

impl Tab {
    /// Opens a text, and keeps it open over all connections.
    pub(crate) async fn opens_text(&self, (book, chapter): Place<'_>) {
        self.shared.texts.borrow_mut().entry((book.clone(), chapter.clone())).or_default();
        self.orders_to(Order::LooksAtTexts).await;
        self.until(|tab| tab.has_text((book, chapter))).await;
    }

    /// Opens a text once more, as whoever sits down to write does (D-4).
    pub(crate) async fn opens_text_anew(&self, place: Place<'_>) {
        self.with_text(place, |shown| {
            if shown.state == State::Open {
                shown.state = State::Stale;
            }
        });
        self.orders_to(Order::LooksAtTexts).await;
        self.until(|tab| tab.has_text(place)).await;
    }

    /// What its editor shows of a text, in words.
    pub(crate) fn text_of_editor(&self, place: Place<'_>) -> String {
        let words = |shown: &Shown| shown.typist.as_ref().map(|typist| typist.page().reads());
        self.of_text(place, words).flatten().unwrap_or_default()
    }

    /// The text is open on a connection that works.
    pub(crate) fn has_text(&self, place: Place<'_>) -> bool {
        self.of_text(place, |shown| shown.state == State::Open).unwrap_or(false)
    }

    /// The text is open up to there, or the tab has nothing to do with it.
    pub(crate) fn has_text_to(&self, place: Place<'_>, rev: Seq) -> bool {
        self.of_text(place, |shown| shown.state == State::Open && shown.rev >= rev).unwrap_or(true)
    }

    /// The last update that it has of a text.
    pub(crate) fn text_rev(&self, place: Place<'_>) -> Option<Seq> {
        self.of_text(place, |shown| shown.rev)
    }

    /// The pieces that a text is made of, each with the position that it reaches.
    pub(crate) fn text_pieces(&self, place: Place<'_>) -> Vec<(Seq, Rc<[u8]>)> {
        self.of_text(place, |shown| shown.pieces.clone()).unwrap_or_default()
    }

    /// The first token of its hold of a chapter, where that was heard, and the one under which it holds it now.
    pub(crate) fn hold(&self, (book, chapter): Place<'_>) -> Option<(Option<Token>, Token)> {
        self.shared.memory.borrow().hold(book, chapter)
    }

    /// Sits down at a chapter that it holds, with the text as the tab has it.
    pub(crate) fn begins_to_type(&self, place: Place<'_>, began: Token) {
        let begin = |shown: &mut Shown| {
            shown.typist = Some(Typist::follows(began, shown.pieces.iter().map(|(_, update)| &update[..])));
        };
        self.with_text(place, begin);
    }

    /// Gets up again.
    pub(crate) fn ends_typing(&self, place: Place<'_>) {
        self.with_text(place, |shown| shown.typist = None);
    }

    /// Makes an edit; nothing is sent. `None`: it does not sit at that chapter.
    pub(crate) fn edits(&self, place: Place<'_>, chance: Chance<'_>) -> Option<Typed> {
        let edit = |shown: &mut Shown| {
            let typist = shown.typist.as_mut()?;
            let (n, update) = typist.edits(chance);
            let (client, units) = (typist.client(), typist.units());
            Some(Typed { client, n, update: update.0.into(), units, made_at: clock::now() })
        };
        self.with_text(place, edit).flatten()
    }

    /// Sends an edit. What is answered is `None` if the connection ends first.
    pub(crate) async fn writes(
        &self,
        (book, chapter): Place<'_>,
        token: Token,
        typed: Typed,
        is_probe: bool,
    ) -> oneshot::Receiver<Result<Seq, Rejection>> {
        let (answer, answered) = oneshot::channel();
        let write = Write { book: book.clone(), chapter: chapter.clone(), token, typed, is_probe, answer };
        self.orders_to(Order::Writes(Box::new(write))).await;
        answered
    }

    /// Asks something; `None`: the connection ended before the answer.
    pub(crate) async fn asks(&self, book: &BookId, command: Command) -> Option<Result<Answer, Rejection>> {
        let (answer, answered) = oneshot::channel();
        self.orders_to(Order::Asks(Box::new(Ask { book: book.clone(), command, answer }))).await;
        answered.await.ok()
    }

    fn of_text<T>(&self, (book, chapter): Place<'_>, look: impl FnOnce(&Shown) -> T) -> Option<T> {
        self.shared.texts.borrow().get(&(book.clone(), chapter.clone())).map(look)
    }

    fn with_text<T>(&self, (book, chapter): Place<'_>, change: impl FnOnce(&mut Shown) -> T) -> Option<T> {
        self.shared.texts.borrow_mut().get_mut(&(book.clone(), chapter.clone())).map(change)
    }
}

impl Life {
    /// Opens the texts that are wanted, are not open, and whose book is.
    pub(super) async fn opens_texts(&mut self, socket: &mut Socket) -> Result<(), End> {
        self.texts_due = false;
        let closed: Vec<(BookId, ChapterId)> = {
            let (texts, memory) = (self.shared.texts.borrow(), self.shared.memory.borrow());
            let closed = texts.iter().filter(|(_, shown)| matches!(shown.state, State::Closed | State::Stale));
            closed.map(|(place, _)| place.clone()).filter(|(book, _)| memory.has_open(book)).collect()
        };
        for (book, chapter) in closed {
            let mut have = None;
            if let Some(shown) = self.shared.texts.borrow_mut().get_mut(&(book.clone(), chapter.clone())) {
                have = shown.have();
                shown.state = if shown.state == State::Stale { State::Again } else { State::Asked };
            }
            let open = ChapterOpen { chapter: chapter.clone(), have, clocks: false };
            let pending = Pending::OpensText(book.clone(), chapter);
            self.says(socket, &book, Command::Text(open.into()), pending).await?;
        }
        Ok(())
    }

    pub(super) async fn writes(&mut self, socket: &mut Socket, write: Box<Write>) -> Result<(), End> {
        self.shared.writes(&write);
        let (chapter, token, n) = (write.chapter.clone(), write.token, write.typed.n);
        let update = ChapterUpdate { chapter, token, n, client: None, update: Blob(write.typed.update.to_vec()) };
        let book = write.book.clone();
        self.says(socket, &book, Command::Text(update.into()), Pending::Writes(write)).await
    }

    pub(super) async fn asks(&mut self, socket: &mut Socket, ask: Ask) -> Result<(), End> {
        let Ask { book, command, answer } = ask;
        self.says(socket, &book, command, Pending::Asks(answer)).await
    }

    /// Sends a command without an id.
    pub(super) async fn says(
        &mut self,
        socket: &mut Socket,
        book: &BookId,
        command: Command,
        pending: Pending,
    ) -> Result<(), End> {
        self.reference += 1;
        self.pending.insert(self.reference, pending);
        let (reference, book) = (self.reference, Some(book.clone()));
        socket.send(&ClientFrame::Command(CommandFrame { reference, id: None, retry: false, book, command })).await
    }

    pub(super) fn hears_text_opened(&mut self, place: &(BookId, ChapterId), reply: Reply) -> Result<(), End> {
        match (reply.ok, reply.err.map(|refusal| refusal.rejection)) {
            (Some(Answer::Text(opened)), _) => {
                if !self.shared.has_opened(place, &opened) {
                    self.reopens_in(REOPEN_MS);
                }
                return Ok(());
            }
            (None, Some(Rejection::Unavailable { retry_after_ms } | Rejection::RateLimited { retry_after_ms })) => {
                self.reopens_in(retry_after_ms);
            }
            // The book was closed meanwhile, or is being opened again.
            (None, Some(Rejection::Conflict { .. })) => self.reopens_in(REOPEN_MS),
            other => return Err(End::Nonsense(format!("{} is not opened: {other:?}", place.1))),
        }
        if let Some(shown) = self.shared.texts.borrow_mut().get_mut(place) {
            shown.state = if shown.state == State::Again { State::Stale } else { State::Closed };
        }
        Ok(())
    }

    pub(super) fn hears_written(&mut self, write: Write, reply: &Reply) -> Result<(), End> {
        let said = Said::of(reply).ok_or_else(|| End::Nonsense(format!("an update is answered {reply:?}")))?;
        let result = match (&said, &reply.err) {
            (Said::Stored(rev), _) => Ok(*rev),
            (_, Some(refusal)) => Err(refusal.rejection.clone()),
            (_, None) => Err(Rejection::OutcomeUnknown),
        };
        self.texts_due |= self.shared.has_written(&write, said);
        // Whoever typed may have gone.
        drop(write.answer.send(result));
        Ok(())
    }

    pub(super) fn hears_of_text(&mut self, text: &HeardText) {
        self.texts_due |= self.shared.hears_text(text);
    }
}

impl Shared {
    /// A `chapter.update` is about to be sent.
    fn writes(&self, write: &Write) {
        let Write { book, chapter, token, typed, is_probe, .. } = write;
        let Typed { client, n, units, .. } = *typed;
        let (now, digest) = (self.moment(), digest(&typed.update));
        let sent = Sent { client, n, token: *token, digest, units, is_probe: *is_probe };
        self.desk.notebook.borrow_mut().text_sent(now, (book, chapter), sent);
        self.desk.measures.borrow_mut().sent(now.at);
        self.desk.typed(digest, typed.made_at);
    }

    /// An update was answered; true if the text must be opened again.
    fn has_written(&self, write: &Write, said: Said) -> bool {
        let Write { book, chapter, typed, .. } = write;
        let (now, mut is_gap) = (clock::now(), false);
        let mut measures = self.desk.measures.borrow_mut();
        match &said {
            Said::Stored(rev) => {
                measures.ack.record_us(now.0.saturating_sub(typed.made_at.0));
                measures.accepted += 1;
                let mut texts = self.texts.borrow_mut();
                let shown = texts.get_mut(&(book.clone(), chapter.clone()));
                // A repeat is answered with the first time; what is being opened again will have it.
                if let Some(shown) = shown.filter(|shown| shown.state.hears() && *rev > shown.rev) {
                    let due = shown.rev.next();
                    if *rev == due {
                        shown.rev = *rev;
                        shown.pieces.push((*rev, typed.update.clone()));
                    } else {
                        (shown.state, is_gap) = (State::Closed, true);
                        let why = format!("{rev} was answered when {due} was due");
                        let mut notebook = self.desk.notebook.borrow_mut();
                        notebook.text_wrong(ViolationKind::Gap, self.id(), (book, chapter), &why);
                    }
                }
            }
            Said::Refused(code) => measures.refused(code),
            Said::Unknown => measures.refused("outcome_unknown"),
        }
        drop(measures);
        let mut notebook = self.desk.notebook.borrow_mut();
        notebook.text_answered((book, chapter), (typed.client, typed.n), said);
        drop(notebook);
        self.changed.notify_waiters();
        is_gap
    }

    /// The connection ended before an update was answered.
    pub(super) fn loses(&self, write: &Write) {
        let Write { book, chapter, typed, .. } = write;
        let mut notebook = self.desk.notebook.borrow_mut();
        notebook.text_answered((book, chapter), (typed.client, typed.n), Said::Unknown);
    }

    /// The connection is gone, and with it every view of a text.
    pub(super) fn closes_texts(&self) {
        self.texts.borrow_mut().values_mut().for_each(|shown| shown.state = State::Closed);
    }

    /// A text was opened; false if it must be opened once more.
    fn has_opened(&self, place: &(BookId, ChapterId), opened: &OpenedText) -> bool {
        let mut texts = self.texts.borrow_mut();
        let Some(shown) = texts.get_mut(place) else { return true };
        let before = (!shown.pieces.is_empty()).then_some(shown.rev);
        let mut notebook = self.desk.notebook.borrow_mut();
        let at = (&place.0, &place.1);
        notebook.text_opened(self.id(), at, (opened.epoch, opened.rev), before);
        let taken = shown.takes(opened);
        if let Err(why) = &taken {
            // From the beginning, then.
            (shown.state, shown.epoch) = (State::Closed, None);
            notebook.text_wrong(ViolationKind::BadOpening, self.id(), at, why);
        }
        drop(notebook);
        drop(texts);
        self.changed.notify_waiters();
        taken.is_ok()
    }

    /// Takes in a change; true if the text must be opened again.
    fn hears_text(&self, text: &HeardText) -> bool {
        let HeardText { book, chapter, rev, by, update, digest } = text;
        let now = self.moment();
        let mut texts = self.texts.borrow_mut();
        let mut shown = texts.get_mut(&(book.clone(), chapter.clone())).filter(|shown| shown.state.hears());
        let due = shown.as_ref().map(|shown| shown.rev.next());
        let mut notebook = self.desk.notebook.borrow_mut();
        let told = Told { digest: *digest, by: by.clone() };
        notebook.text_told(now.tab, (book, chapter), (*rev, due), &told);
        let mut measures = self.desk.measures.borrow_mut();
        measures.delivered(now.at);
        if let Some(typed_at) = self.desk.typed_at(*digest) {
            measures.delivery.record_us(now.at.0.saturating_sub(typed_at.0));
        }
        drop(measures);
        let is_gap = due.is_some_and(|due| *rev > due);
        if let Some(shown) = shown.as_mut().filter(|shown| *rev > shown.rev) {
            if is_gap {
                // D-2: whoever finds a gap opens the chapter again.
                shown.state = State::Closed;
            } else {
                shown.rev = *rev;
                shown.pieces.push((*rev, Rc::clone(update)));
                let merged = shown.typist.as_ref().map_or(Ok(()), |typist| typist.page().merges(update));
                if let Err(why) = merged {
                    notebook.text_wrong(ViolationKind::Divergence, now.tab, (book, chapter), &why);
                }
            }
        }
        drop(notebook);
        drop(texts);
        self.changed.notify_waiters();
        is_gap
    }

    /// Tells the notebook what the tab has of each text.
    pub(super) fn confesses_texts(&self) {
        for ((book, chapter), shown) in self.texts.borrow().iter() {
            let view = match &shown.typist {
                // What the writer sees is what its editor has, in another order than it was told.
                Some(typist) => Ok(seen(shown.rev, typist.page())),
                None => self.desk.seen(shown.rev, shown.pieces.iter().map(|(_, update)| &update[..])),
            };
            let mut notebook = self.desk.notebook.borrow_mut();
            match view {
                Ok(view) => notebook.text_view(self.id(), (book, chapter), view),
                Err(why) => notebook.text_wrong(ViolationKind::Divergence, self.id(), (book, chapter), &why),
            }
        }
    }
}
