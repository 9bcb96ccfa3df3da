//! One core's gateway: every door leads here, and a chat goes the way of `pipeline`.

use std::sync::Arc;

use arc_swap::ArcSwap;
use claw_dialect::models::encode_strings;
use claw_edge::{Answer, Arrival, Body, Door, Phase, Serve, ServeSettings};
use claw_hub::{Fault, Kind, Refusal, Retry};
use claw_telemetry::Gauge;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use tracing::{debug, warn};

use crate::app::App;
use crate::{context, listing, pipeline};

/// One core's gateway. Its configuration can be swapped while it serves; a request keeps the one it began with.
pub struct Gateway {
    app: ArcSwap<App>,
}

impl Gateway {
    /// A gateway.
    pub fn new(app: Arc<App>) -> Self {
        Self { app: ArcSwap::new(app) }
    }

    /// What serves now.
    pub fn app(&self) -> Arc<App> {
        self.app.load_full()
    }

    /// Serves another configuration from now on.
    pub fn swap(&self, app: Arc<App>) {
        self.app.store(app);
    }
}

impl Serve for Gateway {
    fn settings(&self) -> Arc<ServeSettings> {
        self.app.load().stages.edge.clone()
    }

    async fn serve(&self, arrival: Arrival) -> Result<Answer, Refusal> {
        let app = self.app.load_full();
        let (label, request_id) = (arrival.route.label, arrival.request_id);
        let outcome = open(&app, arrival).await;
        match &outcome {
            Ok(Answer { body: Body::Whole(_), .. }) => app.shared.metrics.request(label, "ok"),
            // A stream counts itself when it ends.
            Ok(Answer { body: Body::Stream(_), .. }) => {}
            Err(refusal) => {
                app.shared.metrics.request(label, refusal.kind.label());
                let cause = refusal.source.as_ref().map(tracing::field::display);
                if refusal.fault == Fault::Caller {
                    debug!(%request_id, kind = refusal.kind.label(), cause, "a request was refused");
                } else {
                    warn!(%request_id, kind = refusal.kind.label(), fault = refusal.fault.label(), cause, "a request failed");
                }
            }
        }
        outcome
    }
}

async fn open(app: &Arc<App>, arrival: Arrival) -> Result<Answer, Refusal> {
    match &arrival.route.door {
        Door::Health => Ok(said(StatusCode::OK, "ok", "the process is alive")),
        Door::Ready => Ok(readiness(app)),
        Door::Metrics => Ok(metrics(app)),
        Door::Status => status(app, &arrival),
        Door::OllamaVersion => listing::ollama_version(app, &arrival),
        Door::Models(asked) => listing::answer(app, &arrival, asked),
        Door::Chat { .. } if is_draining(app) => Err(Refusal::gateway(
            Kind::Draining,
            Retry::After(std::time::Duration::from_secs(1)),
            "the gateway is shutting down: ask again, another instance will answer",
        )),
        Door::Chat { .. } => pipeline::serve(app, arrival).await,
    }
}

/// Whether callers can be authenticated and routed now. What providers do is not asked: their outage must not empty the fleet.
fn readiness(app: &App) -> Answer {
    if is_draining(app) {
        return said(
            StatusCode::SERVICE_UNAVAILABLE,
            "draining",
            "the process ends what it began and takes nothing new",
        );
    }
    said(StatusCode::OK, "ready", "callers can be authenticated and routed")
}

fn is_draining(app: &App) -> bool {
    *app.shared.phase.borrow() >= Phase::Draining
}

fn said(status: StatusCode, word: &str, meaning: &str) -> Answer {
    Answer::json(status, encode_strings(&[("status", word), ("meaning", meaning)]))
}

fn metrics(app: &App) -> Answer {
    let mut answer = Answer::json(StatusCode::OK, app.shared.metrics.render(&gauges(app)));
    answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4"));
    answer
}

fn status(app: &App, arrival: &Arrival) -> Result<Answer, Refusal> {
    let caller = app.stages.identity.identify(&context::presented(arrival), context::now_unix_s())?;
    context::holds_scope(&caller, arrival)?;
    let phase = if is_draining(app) { "draining" } else { "running" };
    let calls = app.shared.gauges.calls_in_flight().to_string();
    let uptime_s = app.shared.started.elapsed().as_secs().to_string();
    let fields = [
        ("version", env!("CARGO_PKG_VERSION")),
        ("phase", phase),
        ("calls_in_flight", &calls),
        ("uptime_s", &uptime_s),
    ];
    Ok(Answer::json(StatusCode::OK, encode_strings(&fields)))
}

fn gauges(app: &App) -> Vec<Gauge> {
    let (backlog, counts) = (app.shared.shipper.backlog(), app.shared.shipper.counts());
    let one = |name, help, kind, value| Gauge { name, help, kind, value };
    vec![
        one(
            "openclaw_calls_in_flight",
            "Model calls that are running.",
            "gauge",
            app.shared.gauges.calls_in_flight().into(),
        ),
        one(
            "openclaw_spool_backlog_bytes",
            "Usage records that are not in the database yet.",
            "gauge",
            backlog.bytes,
        ),
        one(
            "openclaw_spool_backlog_lines",
            "Lines of usage records that are not in the database yet.",
            "gauge",
            backlog.lines,
        ),
        one(
            "openclaw_records_shipped_total",
            "Usage records written to the database.",
            "counter",
            counts.shipped,
        ),
        one(
            "openclaw_records_refused_total",
            "Calls refused because their record could not be opened.",
            "counter",
            counts.refused,
        ),
        one(
            "openclaw_records_dropped_total",
            "Settlements lost because disk and memory were full.",
            "counter",
            counts.dropped,
        ),
        one(
            "openclaw_records_orphaned_total",
            "Records of calls that a dead process left open.",
            "counter",
            counts.orphaned,
        ),
        one(
            "openclaw_upstream_connections_total",
            "Connections that this core opened to providers.",
            "counter",
            app.providers.connections_opened(),
        ),
    ]
}
