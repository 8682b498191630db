//! Single requests over HTTP, with a connection each.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::site::Url;

/// Longest answer, bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A whole answer.
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The tag of what it holds, without quotes.
    pub(crate) tag: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Sends a request and reads the whole answer. `head` is its first line without the version, and more lines of it.
pub(crate) async fn asks(url: &Url, head: &str, body: &str) -> Result<Response, String> {
    let mut stream = sends(url, head, body).await?.take(ANSWER_BYTES_MAX);
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.map_err(|error| error.to_string())?;
    read(&answer)
}

/// Sends a request, reads so many bytes of the answer at most, and is gone.
pub(crate) async fn asks_and_leaves(url: &Url, head: &str, bytes: usize) -> Result<(), String> {
    let mut stream = sends(url, head, "").await?;
    let mut read = vec![0; bytes];
    if bytes > 0 {
        stream.read(&mut read).await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

async fn sends(url: &Url, head: &str, body: &str) -> Result<TcpStream, String> {
    let (line, more) = head.split_once("\r\n").unwrap_or((head, ""));
    let more = if more.is_empty() { String::new() } else { format!("{more}\r\n") };
    let request = format!(
        "{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{more}Content-Length: {}\r\n\r\n{body}",
        url.authority,
        body.len()
    );
    let mut stream = TcpStream::connect(url.address().await?).await.map_err(|error| error.to_string())?;
    stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
    Ok(stream)
}

fn read(answer: &[u8]) -> Result<Response, String> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").ok_or("the answer is no HTTP")?;
    let (head, body) = (String::from_utf8_lossy(&answer[..end]), &answer[end + 4..]);
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("the answer has no status")?;
    let value = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    let length = value("content-length").and_then(|length| length.parse::<usize>().ok());
    if let Some(length) = length.filter(|length| *length != body.len() && status != 304) {
        return Err(format!("{} of {length} bytes came", body.len()));
    }
    let tag = value("etag").map(|tag| tag.trim_matches('"').to_owned());
    Ok(Response { status, tag, body: body.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_or_an_error() {
        let answer = read(b"HTTP/1.1 200 OK\r\nETag: \"ab\"\r\ncontent-length: 3\r\n\r\nabc").unwrap();
        assert_eq!((answer.status, answer.tag.as_deref(), &answer.body[..]), (200, Some("ab"), &b"abc"[..]));
        assert!(read(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabc").is_err());
        assert!(read(b"HTTP/1.1 200 OK\r\n").is_err());
        assert_eq!(read(b"HTTP/1.1 304 Not Modified\r\n\r\n").unwrap().status, 304);
    }
}
