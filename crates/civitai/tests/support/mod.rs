//! A server of raw bytes, for answers no well-behaved server gives, and a clock that only writes down what it was asked.

#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use modeldock_civitai::{Client, ClientConfig, Pace, Token};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The key that must not turn up anywhere but in one header to one origin.
pub(crate) const CANARY: &str = "canary-5e1f0c9a";

/// Waits for nothing and remembers everything.
#[derive(Debug, Default)]
pub(crate) struct Recorded(Mutex<Vec<Duration>>);

impl Recorded {
    pub(crate) fn waits(&self) -> Vec<u128> {
        self.0.lock().unwrap().iter().map(Duration::as_millis).collect()
    }
}

#[async_trait]
impl Pace for Recorded {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn jitter(&self) -> f64 {
        0.0
    }

    async fn sleep(&self, wait: Duration) {
        self.0.lock().unwrap().push(wait);
    }
}

/// Answers requests in order with the given bytes; the last answer repeats.
pub(crate) struct Server {
    port: u16,
    seen: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(crate) async fn start(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        let task = tokio::spawn(async move {
            let mut served = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let answer = answers[served.min(answers.len() - 1)].clone();
                served += 1;
                tokio::spawn(serve(stream, answer, log.clone()));
            }
        });
        Self { port, seen, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Heads and bodies of the requests so far.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// A client of this server with the canary as its key.
    pub(crate) fn client(&self) -> (Client, Arc<Recorded>) {
        let pace = Arc::new(Recorded::default());
        let config = ClientConfig::at(self.url()).token(Token::new(CANARY).ok()).pace(pace.clone());
        (Client::new(config).unwrap(), pace)
    }
}

async fn serve(mut stream: TcpStream, answer: Vec<u8>, log: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    let mut buffer = [0; 16 * 1024];
    while !is_complete(&request) {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(count) => request.extend_from_slice(&buffer[..count]),
        }
    }
    log.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
    let _ = stream.write_all(&answer).await;
    let _ = stream.shutdown().await;
}

fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some(end) = text.find("\r\n\r\n") else { return false };
    let length =
        text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse::<usize>().ok());
    request.len() >= end + 4 + length.unwrap_or(0)
}

/// A whole answer. `extra` holds further header lines, each ending in CRLF.
pub(crate) fn answer(status: u16, kind: &str, extra: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n{extra}\r\n"
    );
    [head.as_bytes(), body].concat()
}

pub(crate) fn json(status: u16, body: &str) -> Vec<u8> {
    answer(status, "application/json; charset=utf-8", "", body)
}

pub(crate) fn html(status: u16) -> Vec<u8> {
    answer(status, "text/html", "", "<!doctype html><title>Just a moment...</title>")
}
