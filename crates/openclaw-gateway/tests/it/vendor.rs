//! A vendor that nobody wrote code for, and how few connections many requests need.

use std::io::{Read as _, Write as _};

use crate::client::{self, connect};
use crate::running::{Gateway, KEY, Simulated, configuration};

#[test]
fn a_fifth_vendor_is_a_few_lines_of_configuration() {
    let simulated = Simulated::start();
    let lines = format!(
        "[providers.groq]\ndialect = \"openai_chat\"\nbase_url = \"http://{}\"\napi_keys = [\"env:SIMULATED_KEY\"]\n",
        simulated.address
    );
    let plain = configuration(simulated.address, "", "");
    let before = Gateway::start(&plain);
    assert_eq!(before.post("/v1/chat/completions", &client::chat("groq/llama-sim", false)).status, 404);
    let allowed = plain.replace("\"openai/*\", ", "\"openai/*\", \"groq/*\", ");
    let after = Gateway::start(&allowed.replace("[ledger]", &format!("{lines}\n[ledger]")));
    let response = after.post("/v1/chat/completions", &client::chat("groq/llama-sim", false));
    assert_eq!(response.status, 200, "{}", response.body);
    assert_eq!(response.headers["x-openclaw-provider"], "groq");
    let own_route = after.post("/api/groq/v1/chat/completions", &client::chat("llama-sim", false));
    assert_eq!(own_route.status, 200, "{}", own_route.body);
    println!("{lines}\n{}", response.body);
}

#[test]
fn ten_thousand_requests_need_few_connections() {
    let simulated = Simulated::start();
    let gateway = Gateway::start(&configuration(simulated.address, "", ""));
    let body = client::chat("openai/gpt-sim", false);
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (request, address) = (request.clone(), gateway.public);
            std::thread::spawn(move || {
                let mut stream = connect(address);
                for _ in 0..1_250 {
                    stream.write_all(request.as_bytes()).unwrap();
                    read_one(&mut stream);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let opened = simulated.simulator.connections_opened();
    println!("connections opened to the provider during 10,000 requests over 8 client connections: {opened}");
    assert!(opened <= 16, "{opened}");
}

/// Reads one response of known length off a connection that stays open.
fn read_one(stream: &mut std::net::TcpStream) {
    let mut bytes = Vec::new();
    let mut piece = [0; 8192];
    loop {
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0);
        bytes.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        assert!(head.starts_with("HTTP/1.1 200"), "{text}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() >= length.parse().unwrap() {
            return;
        }
    }
}
