//! As much of HTTP as an agent needs to answer, rightly or wrongly.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

/// Longest body that is read.
const MAX_BODY: usize = 4_096;

/// A request.
pub struct Request {
    /// Method and path.
    pub target: String,
    /// Headers in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// Reads the next request of a connection. `None` when there is no more.
    pub fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let target = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
        let mut headers = vec![];
        loop {
            line.clear();
            stream.read_line(&mut line)?;
            match line.trim_end().split_once(':') {
                Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
                None => break,
            }
        }
        let length = headers
            .iter()
            .find(|(name, _)| name == "content-length")
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or(0);
        let mut body = vec![0; MAX_BODY.min(length)];
        stream.read_exact(&mut body)?;
        Ok(Some(Self {
            target,
            headers,
            body,
        }))
    }
}

/// How an answer is brought.
pub enum Reply {
    /// A status and a body, as it should be.
    Whole(u16, Vec<u8>),
    /// Headers, then that much of the body one byte after the other with a pause.
    Trickle(Vec<u8>, Duration),
    /// Those headers, and then nothing.
    Hang(String),
    /// The whole body, and no end.
    HangBeforeEnd(Vec<u8>),
    /// Half of what was announced.
    Half(Vec<u8>),
    /// No end.
    Endless,
    /// Those bytes, which need not be HTTP, and the end of the connection.
    Raw(Vec<u8>),
}

impl Reply {
    /// Sends it. Whether the connection goes on.
    pub fn send(self, stream: &mut TcpStream) -> io::Result<bool> {
        let head = |length: usize| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        match self {
            Self::Whole(status, body) => {
                let head = format!(
                    "HTTP/1.1 {status} Status\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all(&[head.as_bytes(), &body].concat())?;
                return Ok(true);
            }
            Self::Trickle(body, pause) => {
                stream.write_all(head(body.len()).as_bytes())?;
                for byte in body {
                    stream.write_all(&[byte])?;
                    std::thread::sleep(pause);
                }
                return Ok(true);
            }
            Self::Hang(head) => {
                stream.write_all(head.as_bytes())?;
                wait_for_close(stream)?;
            }
            Self::HangBeforeEnd(body) => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
                stream.write_all(&body)?;
                wait_for_close(stream)?;
            }
            Self::Half(body) => {
                stream.write_all(head(body.len()).as_bytes())?;
                stream.write_all(&body[..body.len() / 2])?;
            }
            Self::Endless => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
                let chunk = [&b"10000\r\n"[..], &[0; 0x10000], b"\r\n"].concat();
                loop {
                    stream.write_all(&chunk)?;
                }
            }
            Self::Raw(bytes) => stream.write_all(&bytes)?,
        }
        Ok(false)
    }
}

/// Waits until the other side closes the connection.
fn wait_for_close(stream: &mut TcpStream) -> io::Result<()> {
    io::copy(stream, &mut io::sink()).map(drop)
}
