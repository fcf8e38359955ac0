//! The web server: addresses, limits and time-outs. What is answered is up to a [`Handler`].

use crate::{
    connections::{Client, Connection, ConnectionLimits, Connections},
    refusal::Refusal,
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Extension, Path, Request, State},
    http::{Response, StatusCode, header},
    routing::{get, post},
};
use http_body_util::{BodyExt, Limited};
use hyper::{
    body::{Body as _, Incoming},
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use loopin_challenge::messages::Step;
use prometheus::IntGauge;
use std::{future::pending, pin::pin, sync::Arc, time::Duration};
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
    pub connections: ConnectionLimits,
    /// How long a client may take for a request's head, which includes the pause since the request before.
    pub head: Duration,
    /// How long a client may take for a request's body.
    pub body: Duration,
    /// How long a connection may last. It ends then, or after the answer under way; after twice that time in any case.
    pub connection: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: ConnectionLimits {
                all: 256,
                per_address: 16,
            },
            head: Duration::from_secs(20),
            body: Duration::from_secs(2),
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
        client: Client,
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
        let answer =
            move |state: State<Shared<H>>,
                  client: Extension<Client>,
                  device: Path<String>,
                  request: Request| { answer_step(state, client, device, step, request) };
        router = router.route(&format!("/device/{{id}}/{}", step.name()), post(answer));
    }
    router.with_state(Shared { handler, limits })
}

async fn answer_step<H: Handler>(
    State(shared): State<Shared<H>>,
    Extension(client): Extension<Client>,
    Path(device): Path<String>,
    step: Step,
    request: Request,
) -> Response<Body> {
    let body = match read_body(request.into_body(), shared.limits.body).await {
        Ok(body) => body,
        Err(refusal) => {
            shared.handler.refused(&device, step, &refusal);
            return refused(&refusal);
        }
    };
    match shared.handler.answer(client, device, step, body).await {
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

/// Serves until `stop` says so; connections end after the answer under way.
pub async fn serve<H: Handler>(
    listener: TcpListener,
    handler: Arc<H>,
    limits: ServerLimits,
    gauge: IntGauge,
    mut stop: watch::Receiver<bool>,
) {
    let router = router(handler, limits);
    let connections = Connections::new(limits.connections, gauge);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => return,
        };
        match accepted {
            Ok((stream, peer)) => match connections.open(peer.ip()) {
                Some(connection) => {
                    tokio::spawn(serve_connection(
                        stream,
                        connection,
                        router.clone(),
                        limits,
                        stop.clone(),
                    ));
                }
                None => turn_away(&stream),
            },
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
    counted: Connection,
    router: Router,
    limits: ServerLimits,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small and timed.
    let _ = stream.set_nodelay(true);
    let (router, handle) = (TowerToHyperService::new(router), counted.handle());
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let client = handle.begin_request(request.headers());
        request.extensions_mut().insert(client);
        let (answer, handle) = (router.call(request), handle.clone());
        async move {
            let answer = answer.await;
            if !handle.end_request() {
                // The connection makes room for another, and this with it.
                pending::<()>().await;
            }
            answer
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
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
    tokio::select! {
        biased;
        () = counted.evicted() => debug!("A connection made room for another"),
        served = served => match served {
            Ok(Ok(())) => {}
            Ok(Err(error)) => debug!("A connection broke: {}", error.to_string().escape_debug()),
            Err(_) => debug!("A connection lasted too long"),
        },
    }
}
