//! The closed loop: so many connections, each sending its next request when the last reply has ended.
//! It must not know how the counts are reported.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::report::Tally;
use super::{Clock, GRACE, Phase};
use crate::events::EventCount;

type Open = Connection<tokio::net::TcpStream>;

/// What every connection does.
pub(super) struct Job {
    pub(super) address: SocketAddr,
    pub(super) request: Vec<u8>,
    pub(super) expect: Expect,
    pub(super) connections: usize,
    /// The connections begin one after the other over this time.
    pub(super) stagger: Duration,
    pub(super) clock: Clock,
}

/// What a correct reply is.
#[derive(Clone, Copy)]
pub(super) enum Expect {
    /// A JSON reply of at least [`MIN_REPLY_BYTES`]; the probe has looked inside one.
    Whole,
    /// A stream with so many content texts and, where it is said, so many events, and its closing event.
    Stream { texts: u64, events: Option<u64> },
}

/// The upstream's reply has about 1.1 KB; a translation may be shorter, an error is far below.
pub(super) const MIN_REPLY_BYTES: usize = 700;

/// Runs the job to the end of its clock.
pub(super) async fn run(job: Arc<Job>) -> anyhow::Result<Tally> {
    let workers: Vec<_> =
        (0..job.connections).map(|place| tokio::spawn(worker(Arc::clone(&job), place))).collect();
    let cut_at = tokio::time::Instant::from_std(job.clock.end + GRACE);
    let mut total = Tally::default();
    for mut task in workers {
        match tokio::time::timeout_at(cut_at, &mut task).await {
            Ok(tally) => total.merge(&tally?),
            Err(_) => {
                task.abort();
                total.failed(format!("a reply did not end within {} s after the run", GRACE.as_secs()));
            }
        }
    }
    Ok(total)
}

async fn worker(job: Arc<Job>, place: usize) -> Tally {
    let mut tally = Tally::default();
    let mut watch = Watch::default();
    let delay = job.stagger.mul_f64(place as f64 / job.connections as f64);
    tokio::time::sleep_until(tokio::time::Instant::from_std(job.clock.begin + delay)).await;
    let mut kept: Option<Open> = None;
    while Instant::now() < job.clock.end && tally.may_go_on() {
        match one(&job, &mut watch, kept.take(), &mut tally).await {
            Ok(connection) => kept = connection.is_open().then_some(connection),
            Err(error) => tally.failed(format!("{error:#}")),
        }
    }
    tally
}

/// One exchange; hands the connection back when its reply was right.
async fn one(job: &Job, watch: &mut Watch, kept: Option<Open>, tally: &mut Tally) -> anyhow::Result<Open> {
    let mut connection = match kept {
        Some(connection) => connection,
        None => Connection::open(job.address).await?,
    };
    watch.reset();
    let sent = Instant::now();
    let streams = matches!(job.expect, Expect::Stream { .. });
    let mut on_body = |bytes: &[u8]| {
        watch.bytes += bytes.len();
        if streams {
            watch.take_events(bytes, &job.clock, tally);
        }
    };
    let status = connection.exchange(&job.request, &mut on_body).await?;
    anyhow::ensure!(status == 200, "status {status}");
    watch.judge(job.expect)?;
    let now = Instant::now();
    tally.done(job.clock.phase(now), now - sent);
    Ok(connection)
}

/// What is seen of one reply.
#[derive(Default)]
pub(super) struct Watch {
    count: EventCount,
    bytes: usize,
    last_event: Option<Instant>,
}

impl Watch {
    fn reset(&mut self) {
        self.count.reset();
        self.bytes = 0;
        self.last_event = None;
    }

    fn take_events(&mut self, bytes: &[u8], clock: &Clock, tally: &mut Tally) {
        let events = self.count.feed(bytes);
        if events == 0 {
            return;
        }
        let now = Instant::now();
        let phase = clock.phase(now);
        for _ in 0..events {
            // Events that came in one read have no time between them.
            if let Some(last) = self.last_event.replace(now)
                && phase != Phase::Warmup
            {
                tally.gap(phase, now - last);
            }
        }
    }

    fn judge(&self, expect: Expect) -> anyhow::Result<()> {
        match expect {
            Expect::Whole => {
                anyhow::ensure!(self.bytes >= MIN_REPLY_BYTES, "a reply of {} bytes", self.bytes);
            }
            Expect::Stream { texts, events } => {
                let count = &self.count;
                anyhow::ensure!(count.ended, "a stream of {} events without its end", count.events);
                anyhow::ensure!(count.marks == texts, "{} texts in a stream, not {texts}", count.marks);
                if let Some(events) = events {
                    anyhow::ensure!(
                        count.events == events,
                        "{} events in a stream, not {events}",
                        count.events
                    );
                }
            }
        }
        Ok(())
    }
}
