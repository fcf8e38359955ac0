//! The web server: addresses, limits and time-outs. What is answered is up to a [`Handler`].

use crate::{refusal::Refusal, signatures::Sender};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, Response, StatusCode, header},
    routing::{get, post},
};
use http_body_util::{BodyExt, Limited};
use hyper::{body::Body as _, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use loopin_challenge::messages::Step;
use prometheus::IntGauge;
use std::{
    collections::HashMap,
    net::IpAddr,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};
use tracing::{debug, warn};

/// The longest request's body that is read, in bytes. The longest message has 340.
pub const MAX_BODY_BYTES: usize = 1_024;
/// The longest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1_024;
/// Most headers of a request.
const MAX_HEADERS: usize = 64;

/// How much of the machine the web server may take.
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// Open connections.
    pub connections: usize,
    /// Open connections from one address that is not the machine's own.
    pub connections_per_address: usize,
    /// How long a client may take for a request's head, which includes the pause since the request before, and
    /// then again for the body.
    pub read: Duration,
    /// How long a connection may last. It ends then, or after the answer under way; after twice that time in any case.
    pub connection: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 256,
            connections_per_address: 16,
            read: Duration::from_secs(20),
            connection: Duration::from_secs(900),
        }
    }
}

/// A page about the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// What it is.
    pub content_type: &'static str,
    /// The page.
    pub body: Vec<u8>,
}

/// Who answers.
pub trait Handler: Send + Sync + 'static {
    /// Answers a step of a challenge. It is dropped when the client is gone: what has to be done all the same must have a
    /// task of its own.
    fn answer(
        self: Arc<Self>,
        sender: Sender,
        device: String,
        step: Step,
        body: Bytes,
    ) -> impl Future<Output = Result<Bytes, Refusal>> + Send;

    /// Is told of a request that was refused before it could be answered.
    fn refused(&self, device: &str, step: Step, refusal: &Refusal);

    /// The page of that name.
    fn page(&self, name: &str) -> Option<Page>;
}

struct Shared<H> {
    handler: Arc<H>,
    limits: ServerLimits,
}

impl<H> Clone for Shared<H> {
    fn clone(&self) -> Self {
        Self {
            handler: Arc::clone(&self.handler),
            limits: self.limits,
        }
    }
}

/// The addresses and who answers at them.
fn router<H: Handler>(handler: Arc<H>, limits: ServerLimits) -> Router {
    let mut router = Router::new().route("/{page}", get(page::<H>));
    for step in Step::ALL {
        let answer = move |state: State<Shared<H>>, device: Path<String>, request: Request| {
            answer_step(state, device, step, request)
        };
        router = router.route(&format!("/device/{{id}}/{}", step.name()), post(answer));
    }
    router.with_state(Shared { handler, limits })
}

async fn answer_step<H: Handler>(
    State(shared): State<Shared<H>>,
    Path(device): Path<String>,
    step: Step,
    request: Request,
) -> Response<Body> {
    let peer = request
        .extensions()
        .get::<Peer>()
        .map_or(IpAddr::from([0; 4]), |peer| peer.0);
    let sender = Sender::from(client_address(peer, request.headers()));
    let body = match read_body(request.into_body(), shared.limits.read).await {
        Ok(body) => body,
        Err(refusal) => {
            shared.handler.refused(&device, step, &refusal);
            return refused(&refusal);
        }
    };
    match shared.handler.answer(sender, device, step, body).await {
        Ok(answer) => response(200, "application/octet-stream", answer),
        Err(refusal) => refused(&refusal),
    }
}

async fn page<H: Handler>(State(shared): State<Shared<H>>, Path(name): Path<String>) -> Response<Body> {
    match shared.handler.page(&name) {
        Some(page) => response(page.status, page.content_type, page.body),
        None => response(404, "text/plain", b"no such page\n".as_slice()),
    }
}

async fn read_body(body: Body, time: Duration) -> Result<Bytes, Refusal> {
    // A length that is announced need not be waited for.
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(Refusal::TooLarge(MAX_BODY_BYTES));
    }
    let whole = timeout(time, Limited::new(body, MAX_BODY_BYTES).collect())
        .await
        .map_err(|_| Refusal::Slow(time.as_secs()))?;
    match whole {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(Refusal::TooLarge(MAX_BODY_BYTES))
        }
        Err(_) => Err(Refusal::Malformed),
    }
}

fn refused(refusal: &Refusal) -> Response<Body> {
    let (content_type, body) = refusal.body();
    response(refusal.status(), content_type, body)
}

fn response(status: u16, content_type: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = header::HeaderValue::from_static(content_type);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

/// The other end of a connection.
#[derive(Clone, Copy)]
struct Peer(IpAddr);

/// Who sent a request: the other end of the connection, or whom a proxy on this machine forwards for. The last entry of the
/// header is the proxy's own word.
fn client_address(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let forwarded = || {
        let header = headers.get_all("x-forwarded-for").iter().next_back()?;
        header.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    if peer.is_loopback() {
        forwarded().unwrap_or(peer)
    } else {
        peer
    }
}

/// Open connections, in all and by address.
#[derive(Default)]
struct Open {
    count: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection that counts.
struct Counted {
    open: Arc<Mutex<Open>>,
    address: IpAddr,
    gauge: IntGauge,
}

impl Counted {
    fn new(
        open: &Arc<Mutex<Open>>,
        address: IpAddr,
        limits: &ServerLimits,
        gauge: &IntGauge,
    ) -> Option<Self> {
        let mut counts = open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = counts.by_address.get(&address).copied().unwrap_or_default();
        // A proxy on this machine speaks for everybody.
        let is_too_many = of_address >= limits.connections_per_address && !address.is_loopback();
        if counts.count >= limits.connections || is_too_many {
            return None;
        }
        counts.count += 1;
        counts.by_address.insert(address, of_address + 1);
        gauge.inc();
        Some(Self {
            open: Arc::clone(open),
            address,
            gauge: gauge.clone(),
        })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        counts.count = counts.count.saturating_sub(1);
        let of_address = counts.by_address.get(&self.address).copied().unwrap_or_default();
        if of_address > 1 {
            counts.by_address.insert(self.address, of_address - 1);
        } else {
            counts.by_address.remove(&self.address);
        }
        self.gauge.dec();
    }
}

/// Serves until `stop` says so; connections end after the answer under way.
pub async fn serve<H: Handler>(
    listener: TcpListener,
    handler: Arc<H>,
    limits: ServerLimits,
    gauge: IntGauge,
    mut stop: watch::Receiver<bool>,
) {
    let router = router(handler, limits);
    let open = Arc::new(Mutex::new(Open::default()));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                let address = peer.ip().to_canonical();
                match Counted::new(&open, address, &limits, &gauge) {
                    Some(counted) => {
                        let connection =
                            serve_connection(stream, address, router.clone(), limits, stop.clone());
                        tokio::spawn(async move {
                            connection.await;
                            drop(counted);
                        });
                    }
                    None => turn_away(&stream),
                }
            }
            Err(error) => {
                // As when the process has no file descriptor left.
                warn!("Cannot accept a connection: {error}");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Waits for the word to stop, or until nobody is left to give it.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Tells a client that there are too many, if that can be done without waiting.
fn turn_away(stream: &TcpStream) {
    let text = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 21\r\n\r\ntoo many connections\n";
    let _ = stream.try_write(text);
}

async fn serve_connection(
    stream: TcpStream,
    address: IpAddr,
    router: Router,
    limits: ServerLimits,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small and timed.
    let _ = stream.set_nodelay(true);
    let router = router.layer(axum::Extension(Peer(address)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.read)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    let is_over = async {
        // A verifier that has begun to ask gets its answer, whatever the time.
        let _ = timeout(limits.connection, stopped(&mut stop)).await;
    };
    let served = timeout(limits.connection.saturating_mul(2), async {
        tokio::select! {
            outcome = connection.as_mut() => outcome,
            () = is_over => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    });
    match served.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => debug!("A connection broke: {error}"),
        Err(_) => debug!("A connection lasted too long"),
    }
}
