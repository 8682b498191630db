//! What this machine asks for a delivery: a server that does nothing but write, one call for each. What a hub needs
//! means something only beside it.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::Figure;
use crate::process::thread_cpu_seconds;

/// Begins the argument that makes this program the listeners: port, books, tabs of each.
const LISTENERS: &str = "floor-listeners=";
const EVENT_BYTES: usize = 150;
const LASTS: Duration = Duration::from_secs(3);
/// Listeners of one address: each has ports of its own.
const TABS_PER_ADDRESS: usize = 1_000;
/// Books, tabs of each, events of different books in flight.
const SHAPES: [(usize, usize, usize); 3] = [(1, 1_000, 1), (1, 8_000, 1), (800, 10, 100)];

pub(crate) fn figures() -> Vec<Figure> {
    SHAPES.map(|(books, tabs, in_flight)| figure(books, tabs, in_flight)).into()
}

fn figure(books: usize, tabs: usize, in_flight: usize) -> Figure {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let mut child = started(&format!("{LISTENERS}{port},{books},{tabs}"));
    // They come one after the other, so the sockets of a book stand side by side.
    let mut sockets: Vec<TcpStream> = (0..books * tabs).map(|_| accept(&listener)).collect();
    let (before, begun) = (thread_cpu_seconds(), Instant::now());
    let (mut deliveries, mut sent, mut heard) = (0_u32, 0, 0);
    while begun.elapsed() < LASTS {
        while sent < heard + in_flight {
            let first = sent % books * tabs;
            for socket in &mut sockets[first..first + tabs] {
                socket.write_all(&[b'x'; EVENT_BYTES]).expect("the listeners read");
                deliveries += 1;
            }
            sent += 1;
        }
        // The last tab of a book answers when it has heard an event.
        let last = heard % books * tabs + tabs - 1;
        sockets[last].read_exact(&mut [0]).expect("the listeners answer");
        heard += 1;
    }
    let cpu = thread_cpu_seconds() - before;
    drop(sockets);
    child.wait().expect("it was started");
    let what = format!("one write for each delivery and nothing else, {books} x {tabs} tabs, {in_flight} in flight");
    Figure::new(what, format!("{:.1} CPU s/M", cpu * 1e6 / f64::from(deliveries)))
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().expect("the listeners connect");
    stream.set_nodelay(true).expect("the option exists");
    stream.write_all(&[0]).expect("it is open");
    stream
}

fn started(argument: &str) -> Child {
    let program = std::env::current_exe().expect("this program has a path");
    Command::new(program).arg(argument).stdout(Stdio::null()).spawn().expect("it can be started again")
}

/// Plays the listeners, if that is what this process was started for.
pub(crate) async fn listens_if_asked(arguments: &[String]) -> bool {
    let Some(numbers) = arguments.iter().find_map(|argument| argument.strip_prefix(LISTENERS)) else { return false };
    let numbers: Vec<usize> = numbers.split(',').filter_map(|number| number.parse().ok()).collect();
    let [port, books, tabs] = numbers[..] else { panic!("three numbers, not {numbers:?}") };
    let mut listening = JoinSet::new();
    for number in 0..books * tabs {
        let socket = TcpSocket::new_v4().expect("there are sockets");
        let address = u8::try_from(number / TABS_PER_ADDRESS + 2).expect("there are fewer than 250,000 tabs");
        socket.bind((Ipv4Addr::new(127, 0, 9, address), 0).into()).expect("all of 127.0.0.0/8 is this machine");
        let port = u16::try_from(port).expect("it is a port");
        let mut stream = socket.connect((Ipv4Addr::LOCALHOST, port).into()).await.expect("the server listens");
        stream.read_exact(&mut [0]).await.expect("the server has accepted");
        listening.spawn(async move {
            let mut event = [0; EVENT_BYTES];
            while stream.read_exact(&mut event).await.is_ok() {
                if number % tabs == tabs - 1 && stream.write_all(&[0]).await.is_err() {
                    break;
                }
            }
        });
    }
    listening.join_all().await;
    true
}
