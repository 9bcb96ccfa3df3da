//! One connection and one exchange on it, for both ways of waiting: asynchronous and blocking.
//! It must not know what a reply should say.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::GRACE;
use crate::http1::{Message, Writer};

const READ_BYTES: usize = 64 * 1024;

/// A connection to what is loaded, with the memory that its exchanges use again.
pub(super) struct Connection<S> {
    stream: S,
    buffer: Vec<u8>,
    reply: Message,
}

impl<S> Connection<S> {
    fn around(stream: S) -> Self {
        Self { stream, buffer: vec![0; READ_BYTES], reply: Message::new(Writer::Server) }
    }

    /// Whether the peer keeps the connection open for another exchange.
    pub(super) fn is_open(&self) -> bool {
        !self.reply.closes()
    }

    /// Takes what was read; true when the reply is complete.
    fn take(&mut self, size: usize, on_body: &mut impl FnMut(&[u8])) -> anyhow::Result<bool> {
        if size == 0 {
            anyhow::ensure!(self.reply.may_end_now(), "the connection ended before the reply did");
            return Ok(true);
        }
        let used = self.reply.feed(&self.buffer[..size], on_body)?;
        anyhow::ensure!(used == size, "bytes came after the end of the reply");
        Ok(self.reply.is_complete())
    }
}

impl Connection<tokio::net::TcpStream> {
    pub(super) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = tokio::net::TcpStream::connect(address).await.context("connect")?;
        stream.set_nodelay(true)?;
        Ok(Self::around(stream))
    }

    /// Sends a request and reads its reply to the end; returns the status.
    pub(super) async fn exchange(
        &mut self,
        request: &[u8],
        on_body: &mut impl FnMut(&[u8]),
    ) -> anyhow::Result<u16> {
        self.reply.reset();
        self.stream.write_all(request).await.context("send")?;
        loop {
            let size = self.stream.read(&mut self.buffer).await.context("read")?;
            if self.take(size, on_body)? {
                return Ok(self.reply.status());
            }
        }
    }
}

impl Connection<std::net::TcpStream> {
    pub(super) fn open_blocking(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = std::net::TcpStream::connect_timeout(&address, GRACE).context("connect")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(GRACE))?;
        stream.set_write_timeout(Some(GRACE))?;
        Ok(Self::around(stream))
    }

    /// Sends a request and reads its reply to the end; returns the status.
    pub(super) fn exchange_blocking(
        &mut self,
        request: &[u8],
        on_body: &mut impl FnMut(&[u8]),
    ) -> anyhow::Result<u16> {
        self.reply.reset();
        self.stream.write_all(request).context("send")?;
        loop {
            let size = self.stream.read(&mut self.buffer).context("read")?;
            if self.take(size, on_body)? {
                return Ok(self.reply.status());
            }
        }
    }
}
