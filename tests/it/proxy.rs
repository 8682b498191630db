//! A line between two programs that can be slow, swallow everything, or be cut.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Pieces under way in one direction.
const UNDER_WAY: usize = 1_024;

/// What the line does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// How much later everything arrives, each way.
    pub delay: Duration,
    /// Nothing reaches the server; it arrives once this is over.
    pub swallows_questions: bool,
    /// Nothing reaches the client; it arrives once this is over.
    pub swallows_answers: bool,
}

/// A line to one port. Dropping it cuts it for good.
pub struct Proxy {
    port: u16,
    weather: watch::Sender<Weather>,
    cuts: watch::Sender<u64>,
    accepts: JoinHandle<()>,
}

impl Proxy {
    /// A line to this port of this machine.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let (weather, cuts) = (watch::Sender::default(), watch::Sender::default());
        let (felt, cut) = (weather.subscribe(), cuts.subscribe());
        let accepts = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, SocketAddr::from(([127, 0, 0, 1], port)), felt.clone(), cut.clone()));
            }
        });
        Self { port: own, weather, cuts, accepts }
    }

    /// The port of the near end.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on the line is like this.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Nothing comes through, in neither direction; connections stay open.
    pub fn swallows(&self) {
        self.set(Weather { swallows_questions: true, swallows_answers: true, ..Weather::default() });
    }

    /// Everything comes through, what was swallowed first.
    pub fn passes(&self) {
        self.set(Weather::default());
    }

    /// Ends all connections; new ones are made as before.
    pub fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepts.abort();
    }
}

async fn connect(client: TcpStream, server: SocketAddr, weather: watch::Receiver<Weather>, cut: watch::Receiver<u64>) {
    let mut cut = cut;
    cut.mark_unchanged();
    let carried = async {
        let server = TcpStream::connect(server).await?;
        server.set_nodelay(true)?;
        client.set_nodelay(true)?;
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        tokio::try_join!(
            carry(from_client, to_server, weather.clone(), |weather| weather.swallows_questions),
            carry(from_server, to_client, weather, |weather| weather.swallows_answers),
        )
    };
    tokio::select! {
        // A line that broke at one end is broken at the other.
        _ = carried => {}
        // Cut, or the proxy is gone.
        _ = cut.changed() => {}
    }
}

/// Carries bytes until one end is closed, which is an error: both directions end together.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    swallows: fn(&Weather) -> bool,
) -> io::Result<()> {
    let (departs, mut arrives) = mpsc::channel::<(Instant, Vec<u8>)>(UNDER_WAY);
    let felt = weather.clone();
    let read = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = from.read(&mut buffer).await?;
            if count == 0 {
                return Err::<(), _>(io::ErrorKind::UnexpectedEof.into());
            }
            let arrival = Instant::now() + felt.borrow().delay;
            departs.send((arrival, buffer[..count].to_vec())).await.map_err(|_| io::ErrorKind::BrokenPipe)?;
        }
    };
    let write = async {
        while let Some((arrival, piece)) = arrives.recv().await {
            tokio::time::sleep_until(arrival).await;
            weather.wait_for(|weather| !swallows(weather)).await.map_err(|_| io::ErrorKind::BrokenPipe)?;
            to.write_all(&piece).await?;
        }
        Ok(())
    };
    tokio::try_join!(read, write).map(drop)
}
