//! The open loop: requests on a fixed schedule, whether or not earlier ones were answered.
//! Latency counts from the intended send time, so a proxy that stalls is charged for everyone who waited.
//! Blocking threads, because the kernel's timers are precise to 50 microseconds and a runtime's to a millisecond.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Clock;
use super::connection::Connection;
use super::report::Tally;
use super::scenario::Shape;

type Open = Connection<std::net::TcpStream>;

/// A schedule, dealt out to so many connections in turn.
#[derive(Clone)]
pub(super) struct Plan {
    address: SocketAddr,
    request: Arc<[u8]>,
    connections: usize,
    every: Duration,
}

impl Plan {
    pub(super) fn new(shape: &Shape, address: SocketAddr, request: Vec<u8>) -> Self {
        let every = Duration::from_secs_f64(1.0 / shape.rate.unwrap_or(1.0));
        Self { address, request: request.into(), connections: shape.connections, every }
    }
}

/// Runs the schedule from the clock's beginning to its end.
pub(super) fn run(plan: &Plan, clock: &Clock) -> anyhow::Result<Tally> {
    let threads: Vec<_> = (0..plan.connections)
        .map(|place| {
            let (plan, clock) = (plan.clone(), *clock);
            std::thread::spawn(move || worker(&plan, &clock, place))
        })
        .collect();
    let mut total = Tally::default();
    for thread in threads {
        let tally = thread.join().map_err(|_| anyhow::anyhow!("a thread of the schedule ended early"))?;
        total.merge(&tally);
    }
    Ok(total)
}

fn worker(plan: &Plan, clock: &Clock, place: usize) -> Tally {
    let mut tally = Tally::default();
    let mut kept: Option<Open> = None;
    let step = plan.every * u32::try_from(plan.connections).unwrap_or(u32::MAX);
    let mut due = clock.begin + plan.every * u32::try_from(place).unwrap_or(u32::MAX);
    while due < clock.end && tally.may_go_on() {
        wait_until(due);
        match one(plan, kept.take()) {
            Ok(connection) => {
                // What was due in the window counts, even if its answer came after it.
                tally.done(clock.phase(due), due.elapsed());
                kept = connection.is_open().then_some(connection);
            }
            Err(error) => tally.failed(format!("{error:#}")),
        }
        due += step;
    }
    tally
}

fn one(plan: &Plan, kept: Option<Open>) -> anyhow::Result<Open> {
    let mut connection = match kept {
        Some(connection) => connection,
        None => Connection::open_blocking(plan.address)?,
    };
    let mut bytes = 0;
    let status = connection.exchange_blocking(&plan.request, &mut |part| bytes += part.len())?;
    anyhow::ensure!(status == 200, "status {status}");
    anyhow::ensure!(bytes >= super::closed::MIN_REPLY_BYTES, "a reply of {bytes} bytes");
    Ok(connection)
}

#[expect(
    clippy::disallowed_methods,
    reason = "this thread has no runtime, and a kernel timer is what is wanted"
)]
fn wait_until(due: Instant) {
    std::thread::sleep(due.saturating_duration_since(Instant::now()));
}
