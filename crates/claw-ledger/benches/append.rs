//! What a record costs a core (the opened and the settled line of a call, with their two `write(2)`), and what it costs the
//! shipping thread, the commits included.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use claw_hub::{Caller, Credential, Dialect, Hold, Permitted, Proof, Release, Request, Stop, Target, Usage};
use claw_ledger::{About, CallKind, End, Ledger, Settings, Shipper, start};
use criterion::{Criterion, Throughput};
use tokio::runtime::Runtime;
use ulid::Ulid;

/// So many records are carried at once.
const CARRIED: u64 = 10_000;

struct Judged;
struct Reserved;
struct Nothing;

impl Release for Nothing {
    fn release(&self, _: Ulid) {}
}

fn about() -> About {
    About {
        request_id: Ulid::new(),
        caller: Arc::new(Caller {
            user: "b0e7c1a2-7f3a-4d0e-9a55-1c2d3e4f5a6b".into(),
            tenant: "engines".into(),
            groups: Vec::new(),
            scopes: Vec::new(),
            credential: Credential::Token,
            credential_id: "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI".into(),
        }),
        kind: CallKind::Chat,
        door: "openai_chat",
        asked_model: "bedrock/us.anthropic.claude-sonnet-4".into(),
        stream: true,
        attempt: 1,
        tags: vec!["cost-centre-7".to_owned()],
        asked_bytes: 600,
    }
}

fn permitted() -> Proof<Judged, Permitted> {
    let target = Target {
        provider: "bedrock".into(),
        model: "us.anthropic.claude-sonnet-4-20250514-v1:0".into(),
        dialect: Dialect::BedrockConverse,
        facts: Arc::default(),
    };
    Proof::seal(&Judged, Permitted::new(Request::new(Dialect::OpenaiChat, "m"), vec![target]))
}

fn append(criterion: &mut Criterion, folder: &Path) -> Result<(), Box<dyn Error>> {
    let (spools, shipper) = start(&Settings::new(folder, "eu-central-1"))?;
    let ledger = Ledger::<Judged, Reserved>::new(spools.into_iter().next().ok_or("no spool")?);
    let (permit, about) = (permitted(), about());
    let hold = Proof::seal(&Reserved, Hold::new(Ulid::new(), Arc::new(Nothing)));
    let call = permit.pick(0).ok_or("no target")?;
    let usage = Usage { input_fresh: 150, output: 280, ..Usage::default() };
    let pair = || {
        let Ok(entry) = ledger.open(&call, &hold, black_box(&about)) else { return };
        let mut entry = entry.into_inner();
        entry.first_token();
        entry.said(1_100);
        entry.usage(usage);
        entry.settle(End::Done { stop: Some(Stop::EndTurn) });
    };
    let mut group = criterion.benchmark_group("ledger");
    group.throughput(Throughput::Elements(1));
    group.bench_function("opened and settled", |bencher| bencher.iter(pair));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    group.throughput(Throughput::Elements(CARRIED)).sample_size(10);
    group.bench_function("carried to the database", |bencher| {
        bencher.iter_custom(|rounds| (0..rounds).map(|_| carry(&runtime, &shipper, &pair)).sum());
    });
    group.finish();
    let refused = shipper.counts().refused;
    if refused > 0 {
        return Err(format!("{refused} calls were refused, so the numbers say nothing").into());
    }
    Ok(())
}

/// How long the shipping thread takes for so many records; what it took while they were written is not counted.
fn carry(runtime: &Runtime, shipper: &Shipper, pair: &impl Fn()) -> Duration {
    let before = runtime.block_on(shipper.flush());
    (0..CARRIED).for_each(|_| pair());
    let start = Instant::now();
    let after = runtime.block_on(shipper.flush());
    if before.and(after).is_ok() { start.elapsed() } else { Duration::MAX }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    let folder = std::env::temp_dir().join(format!("claw-ledger-bench-{}", Ulid::new()));
    append(&mut criterion, &folder)?;
    std::fs::remove_dir_all(folder)?;
    criterion.final_summary();
    Ok(())
}
