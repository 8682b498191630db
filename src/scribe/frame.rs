//! What goes through the pipes between the hub and a child: the length of a message in four bytes, big end first, and
//! the message in `MessagePack`.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt as _};

#[cfg(test)]
mod tests;

/// Largest message, bytes. The largest document that was measured, ten years of rewriting, has 1 MiB.
pub const FRAME_BYTES_MAX: usize = 32 << 20;

/// A message with its length before it; `None` if it is too long.
pub fn pack(message: &impl Serialize) -> Option<Vec<u8>> {
    let mut frame = vec![0; 4];
    rmp_serde::encode::write(&mut frame, message).expect("messages are data and memory takes any of it");
    let length = frame.len() - 4;
    let header = u32::try_from(length).ok().filter(|_| length <= FRAME_BYTES_MAX)?;
    frame[..4].copy_from_slice(&header.to_be_bytes());
    Some(frame)
}

/// Writes a message that was packed.
pub(super) fn write(output: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    output.write_all(frame)?;
    output.flush()
}

/// Waits for a message; `None` if the other side has closed the pipe.
pub(super) fn read<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<T>> {
    let mut header = [0; 4];
    if input.read(&mut header[..1])? == 0 {
        return Ok(None);
    }
    input.read_exact(&mut header[1..])?;
    let length = length(header)?;
    // Memory grows with what comes, not with what was announced.
    let mut message = Vec::new();
    input.take(length).read_to_end(&mut message)?;
    unpack(&message, length).map(Some)
}

/// Waits for a message in the hub. A closed pipe is an error of the kind `UnexpectedEof`.
pub(super) async fn read_async<T: DeserializeOwned>(input: &mut (impl AsyncRead + Unpin)) -> io::Result<T> {
    let mut header = [0; 4];
    input.read_exact(&mut header).await?;
    let length = length(header)?;
    let mut message = Vec::new();
    input.take(length).read_to_end(&mut message).await?;
    unpack(&message, length)
}

fn length(header: [u8; 4]) -> io::Result<u64> {
    let length = u32::from_be_bytes(header);
    match usize::try_from(length) {
        Ok(bytes) if bytes <= FRAME_BYTES_MAX => Ok(length.into()),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "a message is too long")),
    }
}

fn unpack<T: DeserializeOwned>(message: &[u8], length: u64) -> io::Result<T> {
    if (message.len() as u64) < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    rmp_serde::from_slice(message).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
