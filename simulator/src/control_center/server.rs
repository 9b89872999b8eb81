//! Connections: TLS, HTTP/1.1 with bounds on size and time, and an end that lets calls finish.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Duration, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

use super::calls;
use super::center::Center;
use crate::tunnel::TlsIdentity;

/// How long a connection may be idle, and a call that is under way at the end may still take.
const IDLE: Duration = Duration::from_secs(60);
const GRACE: Duration = Duration::from_secs(5);
/// Bytes of a request's head.
const HEAD: usize = 16 * 1024;

/// A Control Center that runs in the background; dropping it ends it at once.
pub struct Running {
    base_url: String,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// What clients call the server by.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Accepts no more connections, answers the calls that are under way, those that wait at once, and
    /// returns when that is done.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        let _ = (&mut self.task).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.task.abort();
    }
}

pub(crate) fn start(listener: TcpListener, tls: TlsIdentity, center: Arc<Center>) -> Running {
    let (base_url, stop) = (center.base_url.clone(), center.stop.clone());
    Running { base_url, stop, task: tokio::spawn(accept(listener, tls, center)) }
}

async fn accept(listener: TcpListener, tls: TlsIdentity, center: Arc<Center>) {
    let acceptor = TlsAcceptor::from(tls.into_server_config());
    let slots = Arc::new(Semaphore::new(center.limits.connections));
    let slow = center.limits.slow;
    let mut stopped = center.stop.subscribe();
    let router = calls::router(center);
    let mut connections = JoinSet::new();
    loop {
        let slot = tokio::select! {
            slot = Arc::clone(&slots).acquire_owned() => slot,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        let Ok(slot) = slot else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        while connections.try_join_next().is_some() {}
        let Ok((stream, peer)) = accepted else {
            // Out of file descriptors, most likely: connections that end give some back.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (acceptor, router, stopped) = (acceptor.clone(), router.clone(), stopped.clone());
        connections.spawn(async move {
            serve(stream, peer, acceptor, router, slow, stopped).await;
            drop(slot);
        });
    }
    drop(listener);
    // Those that do not come to an end are cut off when the set is dropped.
    let _ = timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: TlsAcceptor,
    router: Router,
    slow: Duration,
    mut stopped: watch::Receiver<bool>,
) {
    // An answer is one small packet: waiting for more only delays it.
    let _ = stream.set_nodelay(true);
    let Ok(Ok(stream)) = timeout(slow, acceptor.accept(stream)).await else { return };
    let service = service_fn(move |request: Request<Incoming>| {
        let mut router = router.clone();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        let has_body = !request.body().is_end_stream();
        async move {
            let mut answer = router.call(request).await?;
            // Who is refused before the body was read loses the connection. Said, nobody sends the next request on it.
            if has_body && !answer.status().is_success() {
                answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped.wait_for(|stopped| *stopped) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
