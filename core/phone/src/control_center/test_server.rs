//! A small https server on loopback for tests: it hands each request to a function and does what that says.

use std::sync::{Arc, Mutex};

use rustls::{ClientConfig, ServerConfig};
use rustls_pki_types::PrivateKeyDer;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::Address;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Method and target: `GET /path?query`.
    pub(crate) line: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Its body, `null` if there is none.
    pub(crate) body: Value,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What the server does with a request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Answers with a status and JSON.
    Json(u16, Value),
    /// Sends these bytes and closes.
    Raw(Vec<u8>),
    /// Closes without a word.
    Drop,
    /// Never answers.
    Hang,
}

impl Reply {
    pub(crate) fn refusal(status: u16, code: &str) -> Self {
        Reply::Json(status, serde_json::json!({ "error": code, "errorText": "no" }))
    }
}

/// A server that runs until the runtime ends.
#[derive(Clone)]
pub(crate) struct Server {
    port: u16,
    /// Its certificate, PEM.
    pub(crate) ca: Vec<u8>,
    log: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Starts a server that answers with `handler`.
    pub(crate) async fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Server {
            port: listener.local_addr().unwrap().port(),
            ca: made.cert.pem().into_bytes(),
            log: Arc::default(),
        };
        let (acceptor, handler) = (TlsAcceptor::from(Arc::new(tls)), Arc::new(handler));
        let log = Arc::clone(&server.log);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, handler, log) = (acceptor.clone(), Arc::clone(&handler), Arc::clone(&log));
                tokio::spawn(async move { serve(stream, acceptor, &*handler, &log).await });
            }
        });
        server
    }

    pub(crate) fn base(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    pub(crate) fn address(&self) -> Address {
        Address::parse(&self.base(), true).unwrap()
    }

    pub(crate) fn tls(&self) -> Arc<ClientConfig> {
        crate::tls::client_config(Some(&self.ca)).unwrap()
    }

    /// The requests so far; forgets them.
    pub(crate) fn take_requests(&self) -> Vec<Request> {
        core::mem::take(&mut self.log.lock().unwrap())
    }

    /// Whether there was such a request.
    pub(crate) fn peek(&self, is_it: impl Fn(&Request) -> bool) -> bool {
        self.log.lock().unwrap().iter().any(is_it)
    }

    /// The request lines so far; forgets them.
    pub(crate) fn take_lines(&self) -> Vec<String> {
        self.take_requests().into_iter().map(|request| request.line).collect()
    }
}

/// One connection; a client that breaks it off is no failure of the test.
async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    handler: &(dyn Fn(&Request) -> Reply + Send + Sync),
    log: &Mutex<Vec<Request>>,
) -> Option<()> {
    let mut stream = BufReader::new(acceptor.accept(stream).await.ok()?);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
        let mut request = Request { line, headers: Vec::new(), body: Value::Null };
        loop {
            let mut header = String::new();
            stream.read_line(&mut header).await.ok()?;
            let Some((name, value)) = header.trim_end().split_once(": ") else { break };
            request.headers.push((name.to_lowercase(), value.to_owned()));
        }
        if let Some(length) = request.header("content-length") {
            let mut body = vec![0; length.parse().unwrap()];
            stream.read_exact(&mut body).await.ok()?;
            request.body = serde_json::from_slice(&body).unwrap();
        }
        log.lock().unwrap().push(request.clone());
        match handler(&request) {
            Reply::Json(status, body) => {
                let body = body.to_string();
                let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", body.len());
                stream.write_all(format!("{head}{body}").as_bytes()).await.ok()?;
                stream.flush().await.ok()?;
            }
            Reply::Raw(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                stream.shutdown().await.ok()?;
                return None;
            }
            Reply::Drop => return None,
            Reply::Hang => core::future::pending().await,
        }
    }
}
