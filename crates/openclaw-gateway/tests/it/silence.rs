//! A provider that is silent for five minutes, on a clock that is paused: gateway and provider share one runtime over in-memory streams, so no
//! second passes that nobody waits for.

use std::sync::Arc;
use std::time::{Duration, Instant as Wall};

use claw_edge::{PhaseWatch, Surface, phases, serve_connection};
use claw_simulator::{Options, Simulator};
use openclaw_gateway::app::{App, Ledger, Providers, Shared};
use openclaw_gateway::gateway::Gateway;
use openclaw_gateway::settings;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tokio::time::Instant;

use crate::client;
use crate::running::{Folder, KEY, configuration};

/// A gateway whose providers are simulated in this runtime.
fn gateway(folder: &Folder) -> Arc<Gateway> {
    let text = configuration("127.0.0.1:9".parse().unwrap(), "", "");
    let options =
        claw_config::LoadOptions { env: Arc::new(|_| Some("simulated".into())), ..Default::default() };
    let config = claw_config::parse(&text, folder.path(), options).unwrap().config;
    let simulator = Simulator::new(Options::default());
    let dial = move |_| {
        let (near, far) = duplex(64 * 1024);
        let simulator = simulator.clone();
        tokio::spawn(async move { simulator.serve_connection(far).await });
        Box::pin(async move { Ok(Box::new(near) as Box<dyn claw_provider::Wire>) }) as claw_provider::Dialling
    };
    let provider_settings = settings::provider_settings(&config).unwrap();
    let (spools, shipper) = claw_ledger::start(&claw_ledger::Settings::new(folder.path(), "test")).unwrap();
    let shared = Shared {
        metrics: Default::default(),
        gauges: Default::default(),
        phase: running(),
        shipper: Arc::new(shipper),
        started: Wall::now(),
    };
    let app = App {
        stages: Arc::new(settings::stages(&config, Default::default()).unwrap()),
        ledger: Arc::new(Ledger::new(spools.into_iter().next().unwrap())),
        providers: Providers::with_connector(provider_settings, Arc::new(dial)).unwrap(),
        shared: Arc::new(shared),
    };
    Arc::new(Gateway::new(Arc::new(app)))
}

/// A process that runs for as long as the test does.
fn running() -> PhaseWatch {
    let (sender, watch) = phases();
    tokio::spawn(async move { sender.closed().await });
    watch
}

/// Asks and notes when bytes came, in simulated time.
async fn ask(gateway: Arc<Gateway>, path: &str, body: &str) -> (Vec<Duration>, String) {
    let (mut near, far) = duplex(64 * 1024);
    let phase = gateway.app().shared.phase.clone();
    tokio::spawn(serve_connection(gateway, Surface::Public, far, phase));
    let request = client::post(path, &[("authorization", &format!("Bearer {KEY}"))], body.as_bytes());
    near.write_all(&request).await.unwrap();
    let (began, mut times, mut bytes) = (Instant::now(), Vec::new(), Vec::new());
    let mut piece = vec![0; 16 * 1024];
    loop {
        let read = near.read(&mut piece).await.unwrap();
        if read == 0 {
            return (times, String::from_utf8_lossy(&bytes).into_owned());
        }
        times.push(began.elapsed());
        bytes.extend_from_slice(&piece[..read]);
    }
}

#[tokio::test(start_paused = true)]
async fn five_silent_minutes_are_kept_alive_in_every_dialect() {
    let messages = r#""messages":[{"role":"user","content":"hello"}]"#;
    let bedrock = r#"{"messages":[{"role":"user","content":[{"text":"hello"}]}]}"#.to_owned();
    let chat = |model: &str, rest: &str| format!(r#"{{"model":"{model}","stream":true,{rest}{messages}}}"#);
    // The provider says nothing before its head, or nothing after it.
    for knob in ["silence=290s", "first=110s"] {
        let cases = [
            ("/v1/chat/completions", chat(&format!("openai/gpt-sim~{knob}"), ""), ": keep-alive", "[DONE]"),
            (
                "/v1/chat/completions",
                chat(&format!("bedrock/claude-sim~{knob}"), ""),
                ": keep-alive",
                "[DONE]",
            ),
            (
                "/v1/messages",
                chat(&format!("anthropic/claude-sim~{knob}"), "\"max_tokens\":50,"),
                "event: ping",
                "message_stop",
            ),
            ("/api/v1/chat", chat(&format!("ollama/llama-sim~{knob}"), ""), ": keep-alive", "event: end"),
            (
                "/api/ollama/api/chat",
                chat(&format!("llama-sim~{knob}"), ""),
                "\"content\":\"\"",
                "\"done\":true",
            ),
            (
                &format!("/api/bedrock/model/claude-sim~{knob}/converse-stream"),
                bedrock.clone(),
                "keepAlive",
                "messageStop",
            ),
        ];
        for (path, body, keep_alive, end) in cases {
            let folder = Folder::new();
            let (times, text) = ask(gateway(&folder), path, &body).await;
            let last = *times.last().unwrap();
            let gap =
                times.windows(2).map(|two| two[1] - two[0]).chain(times.first().copied()).max().unwrap();
            println!(
                "{path} {knob}: {} keep-alives, longest gap {gap:?}, ended after {last:?}",
                text.matches(keep_alive).count()
            );
            assert!(text.starts_with("HTTP/1.1 200"), "{path} {knob}: {text}");
            assert!(text.contains(keep_alive) && text.contains(end), "{path} {knob}: {text}");
            assert!(gap <= Duration::from_millis(15_100), "{path} {knob}: a gap of {gap:?}");
            assert!(last >= Duration::from_secs(110), "{path} {knob}: it was not silent");
        }
    }
}
