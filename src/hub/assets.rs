//! Pictures of books: stored once for each content, read in pieces. What a book holds is decided on what its list of
//! pictures says, so replicas need not agree.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, Stream};
use quire_protocol::event::Person;
use quire_protocol::{Action, AssetId, BookId, Rejection, Seq};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::actor::{Ended, PATIENCE, surely};
use super::import::{Begun, Step, Tell};
use super::{Hub, ledger, unavailable};
use crate::auth::Identity;
use crate::chapter::Assets;
use crate::chapter::asset::{Asset, AssetPiece, PIECE_BYTES};
use crate::chapter::journal::{self, Journal as _};
use crate::picture::{self, Picture, PictureError};
use crate::store::{LogId, Position};

/// Pictures that are looked at and stored at a time: each is in memory as a whole.
const STORED_MAX: usize = 8;
/// Pictures that are being sent at a time: of each some pieces are in memory.
const SENT_MAX: usize = 64;
/// Longest wait for one of those places.
const TURN: Duration = Duration::from_secs(10);
/// Pieces that are read at a time.
const PIECES_READ: usize = 2;
/// What surrounds the bytes of a piece in its record.
const AROUND_PIECE_BYTES: usize = 64;
/// Others may store the same picture at the same time, piece for piece; more than so often is nobody's fault.
const ROUNDS_MAX: usize = 16;

/// Places for work on pictures.
pub(super) struct Places {
    stored: Arc<Semaphore>,
    sent: Arc<Semaphore>,
}

impl Default for Places {
    fn default() -> Self {
        Self { stored: Arc::new(Semaphore::new(STORED_MAX)), sent: Arc::new(Semaphore::new(SENT_MAX)) }
    }
}

/// A picture of a book that somebody asked for.
pub struct Shown {
    /// What is known about it.
    pub asset: Asset,
    log: LogId,
    hub: Arc<Hub>,
    place: OwnedSemaphorePermit,
}

impl Hub {
    /// Makes a picture one of a book's, for somebody who writes in it. The same again is answered again.
    pub async fn add_asset(
        self: &Arc<Self>,
        identity: &Identity,
        book: &BookId,
        bytes: Vec<u8>,
    ) -> Result<Asset, Rejection> {
        self.may(book, &identity.user, Action::EditText).await?;
        let _place = turn(&self.assets.stored).await?;
        let pixels_max = self.limits.asset_pixels as u64;
        let looked_at = tokio::task::spawn_blocking(move || {
            let picture = picture::read(&bytes, pixels_max)?;
            Ok((picture.id(), picture))
        });
        let (id, picture) = looked_at.await.map_err(|_| refused(PictureError::Unknown))?.map_err(refused)?;
        let by = Some(Person { user: identity.user.clone(), name: identity.name.clone() });
        let asset = described(id, &picture, by);
        let log = LogId::Assets(book.clone());
        let (assets, ..) = ledger::read::<Assets>(self, &log).await?;
        if let Some(known) = assets.get(&asset.id) {
            // Should the store have lost them, they are back.
            self.store_bytes(book, &asset.id, &picture.bytes).await?;
            return Ok(known.clone());
        }
        // Counted before anything is stored: what a hub that dies leaves behind has its room.
        let begin = |assets: &Assets| Ok(assets.begin(&asset, &self.limits)?.into_iter().collect());
        ledger::change(self, &log, begin).await?;
        self.store_bytes(book, &asset.id, &picture.bytes).await?;
        // The right may have gone meanwhile.
        self.may(book, &identity.user, Action::EditText).await?;
        let decide = |assets: &Assets| Ok(assets.add(&asset, &self.limits)?.into_iter().collect());
        ledger::change(self, &log, decide).await.map(|_| asset)
    }

    /// A picture of a book, for somebody who may see it.
    pub async fn asset(self: &Arc<Self>, identity: &Identity, book: &BookId, id: &AssetId) -> Result<Shown, Rejection> {
        self.may(book, &identity.user, Action::View).await?;
        let place = turn(&self.assets.sent).await?;
        let asset = self.assets_of(book).await?.find(id)?.clone();
        Ok(Shown { log: LogId::Asset(book.clone(), id.clone()), asset, hub: Arc::clone(self), place })
    }

    /// Stores the pictures that came with a book which nobody sees yet. One that is beyond a limit is left out: what
    /// is to be seen on it stands in the text, too.
    pub(super) async fn import_assets(
        &self,
        book: &BookId,
        pictures: Vec<(AssetId, Picture)>,
        (begun, tell): (&Begun, Tell<'_>),
    ) -> Result<(), Rejection> {
        let (mut assets, mut changes) = (Assets::default(), Vec::new());
        let of = pictures.len();
        for (done, (id, picture)) in pictures.into_iter().enumerate() {
            tell(Step::Pictures, done, of);
            match assets.add(&described(id.clone(), &picture, None), &self.limits) {
                Ok(Some(change)) => {
                    begun.note(&LogId::Asset(book.clone(), id.clone()));
                    self.store_bytes(book, &id, &picture.bytes).await?;
                    changes.push(journal::encode(&change));
                    assets.apply(change, self.clock.now());
                }
                Ok(None) => {}
                Err(rejection) => tracing::warn!(%book, asset = %id, %rejection, "a picture was left out"),
            }
            tell(Step::Pictures, done + 1, of);
        }
        if changes.is_empty() {
            return Ok(());
        }
        let log = LogId::Assets(book.clone());
        begun.note(&log);
        let append = ledger::append(self, &log, None, changes);
        match surely(self, append, Instant::now() + PATIENCE).await {
            Ended::Done(_) => Ok(()),
            Ended::Conflict(_) | Ended::EpochChanged | Ended::Fenced => Err(unavailable()),
            Ended::Refused(rejection) => Err(rejection),
        }
    }

    /// What is known of a book's pictures.
    pub(super) async fn assets_of(&self, book: &BookId) -> Result<Assets, Rejection> {
        Ok(ledger::read::<Assets>(self, &LogId::Assets(book.clone())).await?.0)
    }

    /// All bytes of a picture; `None`, and the operator is told, if they are not what its name says.
    pub(super) async fn asset_bytes(&self, book: &BookId, asset: &Asset) -> Result<Option<Bytes>, Rejection> {
        let log = LogId::Asset(book.clone(), asset.id.clone());
        let mut bytes = Vec::new();
        let mut next = Seq(1);
        while (bytes.len() as u64) < asset.bytes {
            let pieces = self.pieces(&log, next).await?;
            if pieces.is_empty() {
                break;
            }
            next = Seq(next.0 + pieces.len() as u64);
            for piece in pieces {
                bytes.extend_from_slice(&piece);
            }
        }
        let id = asset.id.clone();
        let check = move || (picture::id(&bytes) == id).then(|| Bytes::from(bytes));
        let whole = tokio::task::spawn_blocking(check).await.map_err(|_| unavailable())?;
        if whole.is_none() {
            tracing::error!(%log, "a picture is not what its name says");
        }
        Ok(whole)
    }

    /// Stores the bytes of a picture from where they end: whoever stored the first of them stored the same.
    async fn store_bytes(&self, book: &BookId, id: &AssetId, bytes: &Bytes) -> Result<(), Rejection> {
        let log = LogId::Asset(book.clone(), id.clone());
        let pieces: Vec<Bytes> = (0..bytes.len())
            .step_by(PIECE_BYTES)
            .map(|at| bytes.slice(at..bytes.len().min(at + PIECE_BYTES)))
            .collect();
        let mut tail = self.tail_of(&log).await?;
        let mut rounds = 0;
        loop {
            let done = tail.map_or(0, |tail| usize::try_from(tail.seq.0).unwrap_or(usize::MAX));
            let Some(data) = pieces.get(done) else { return Ok(()) };
            let piece = journal::encode(&AssetPiece::Piece { data: data.clone() });
            let append = ledger::append(self, &log, tail, vec![piece]);
            match surely(self, append, Instant::now() + PATIENCE).await {
                Ended::Done(appended) => tail = Some(appended.position),
                // Somebody else stores the same picture.
                Ended::Conflict(_) | Ended::EpochChanged if rounds < ROUNDS_MAX => {
                    rounds += 1;
                    tail = self.tail_of(&log).await?;
                }
                Ended::Conflict(_) | Ended::EpochChanged | Ended::Fenced => return Err(unavailable()),
                Ended::Refused(rejection) => return Err(rejection),
            }
        }
    }

    async fn tail_of(&self, log: &LogId) -> Result<Option<Position>, Rejection> {
        self.store.tail(log.clone()).await.map_err(|_| unavailable())
    }

    /// Some pieces of a picture, from one on; none behind the last.
    async fn pieces(&self, log: &LogId, from: Seq) -> Result<Vec<Bytes>, Rejection> {
        let bytes_max = PIECES_READ * (PIECE_BYTES + AROUND_PIECE_BYTES);
        let records = self.store.read_archive(log.clone(), from, PIECES_READ, bytes_max).await;
        let records = records.map_err(|_| unavailable())?;
        let pieces: Result<Vec<Bytes>, String> =
            records.iter().map(|record| AssetPiece::of(record).map(|AssetPiece::Piece { data }| data)).collect();
        pieces.map_err(|error| {
            tracing::error!(%log, error, "a picture cannot be read");
            unavailable()
        })
    }
}

impl Shown {
    /// Its bytes as they are read. They end early if the store cannot be asked. Until this stream is dropped it has a
    /// place among those that are sent: whoever sends it bounds the time.
    pub fn bytes(self) -> impl Stream<Item = Bytes> + Send + 'static {
        let begin = (self, Seq(1));
        stream::unfold(begin, move |(shown, next)| async move {
            let pieces = shown.hub.pieces(&shown.log, next).await.ok().filter(|pieces| !pieces.is_empty())?;
            let next = Seq(next.0 + pieces.len() as u64);
            Some((Bytes::from(pieces.concat()), (shown, next)))
        })
    }
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shown").field("asset", &self.asset).field("place", &self.place).finish_non_exhaustive()
    }
}

fn described(id: AssetId, picture: &Picture, by: Option<Person>) -> Asset {
    let Picture { kind, width, height, bytes } = picture;
    Asset { id, kind: *kind, bytes: bytes.len() as u64, width: *width, height: *height, by }
}

/// A place, or that there is none in time.
async fn turn(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Rejection> {
    match timeout(TURN, Arc::clone(places).acquire_owned()).await {
        Ok(Ok(place)) => Ok(place),
        Ok(Err(_)) | Err(_) => Err(unavailable()),
    }
}

fn refused(error: PictureError) -> Rejection {
    match error {
        PictureError::TooManyPixels { max } => Rejection::TooLarge { limit: "asset_pixels".into(), max },
        PictureError::Unknown | PictureError::Svg | PictureError::Malformed(_) => {
            Rejection::invalid("", error.to_string())
        }
    }
}
