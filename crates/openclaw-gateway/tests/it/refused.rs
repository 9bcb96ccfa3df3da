//! Bad input, a table by door: the status, the body in that dialect, a request id; and the server lives.

use std::io::Write as _;
use std::net::SocketAddr;

use crate::client::{self, Response, exchange, post};
use crate::running::{Gateway, KEY, READER, Simulated, configuration};

/// A door: its path, a good body, and where its dialect puts the message of a refusal.
struct Door {
    path: &'static str,
    body: &'static str,
    message: &'static str,
}

const DOORS: [Door; 7] = [
    Door {
        path: "/v1/chat/completions",
        body: r#"{"model":"openai/gpt-sim","messages":[{"role":"user","content":"hello"}]}"#,
        message: "/error/message",
    },
    Door {
        path: "/v1/messages",
        body: r#"{"model":"anthropic/claude-sim","max_tokens":50,"messages":[{"role":"user","content":"hello"}]}"#,
        message: "/error/message",
    },
    Door {
        path: "/api/v1/chat",
        body: r#"{"model":"openai/gpt-sim","message":"hello"}"#,
        message: "/error/message",
    },
    Door {
        path: "/api/openai/v1/chat/completions",
        body: r#"{"model":"gpt-sim","messages":[{"role":"user","content":"hello"}]}"#,
        message: "/error/message",
    },
    Door {
        path: "/api/anthropic/v1/messages",
        body: r#"{"model":"claude-sim","max_tokens":50,"messages":[{"role":"user","content":"hello"}]}"#,
        message: "/error/message",
    },
    Door {
        path: "/api/bedrock/model/claude-sim/converse",
        body: r#"{"messages":[{"role":"user","content":[{"text":"hello"}]}]}"#,
        message: "/message",
    },
    Door {
        path: "/api/ollama/api/chat",
        body: r#"{"model":"llama-sim","stream":false,"messages":[{"role":"user","content":"hello"}]}"#,
        message: "/error",
    },
];

/// What is sent, and the status that it gets.
type Case<'a> = (&'a str, Vec<u8>, u16);

fn cases(door: &Door) -> Vec<Case<'static>> {
    let bearer = format!("Bearer {KEY}");
    let auth: &[(&str, &str)] = &[("authorization", &bearer)];
    let with = |body: &str| post(door.path, auth, body.as_bytes());
    let as_whom = |name: &str, value: &str| post(door.path, &[(name, value)], door.body.as_bytes());
    let is_bedrock = door.path.contains("bedrock");
    let unauthenticated = if is_bedrock { 403 } else { 401 };
    let duplicated = door.body.replacen("\"messages\"", "\"messages\":[],\"messages\"", 1).replacen(
        "\"message\":\"hello\"",
        "\"message\":\"x\",\"message\":\"hello\"",
        1,
    );
    let other_case = door.body.replacen('{', "{\"Messages\":[],\"Message\":\"x\",", 1);
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let bomb = [auth, &[("content-encoding", "gzip")]].concat();
    let mut cases = vec![
        ("broken JSON", with("{\"model\": "), 400),
        ("an empty body", with(""), 400),
        ("not an object", with("[1]"), 400),
        (
            "wrong types",
            with(&door.body.replace("\"hello\"", "[[7]]").replace("[{\"text\":[[7]]}]", "7")),
            400,
        ),
        ("a key twice", with(&duplicated), 400),
        ("a key in other letters", with(&other_case), 400),
        ("no credential", post(door.path, &[], door.body.as_bytes()), unauthenticated),
        ("an expired key", as_whom("authorization", "Bearer oc_expired"), unauthenticated),
        ("a foreign key", as_whom("x-api-key", "sk-ant-somebody-else"), unauthenticated),
        (
            "a foreign token",
            as_whom("authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."),
            unauthenticated,
        ),
        ("a scheme that is not one", as_whom("authorization", "Basic dTpw"), unauthenticated),
        ("an AWS signature", as_whom("authorization", "AWS4-HMAC-SHA256 Credential=AKIA/x"), 403),
        ("a key without the scope", as_whom("authorization", &format!("Bearer {READER}")), 403),
        ("a body too large", with(&format!("{{\"x\":\"{}\"}}", "x".repeat(3_000_000))), 413),
        ("a decompression bomb", post(door.path, &bomb, &gzip(&vec![b' '; 50_000_000])), 413),
        (
            "an unknown encoding",
            post(door.path, &[auth, &[("content-encoding", "rot13")]].concat(), b"{}"),
            400,
        ),
        ("a path below", post(&format!("{}/deeper", door.path), auth, b"{}"), 404),
        (
            "a wrong method",
            [format!("DELETE {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", door.path).into_bytes()]
                .concat(),
            405,
        ),
    ];
    if !is_bedrock {
        let unknown = door.body.replace("\"model\":\"", "\"model\":\"nobody/no-such-missing-");
        cases.push(("an unknown model", with(&unknown), 404));
    }
    cases
}

fn message(door: &Door, response: &Response) -> String {
    response.json().pointer(door.message).and_then(|text| text.as_str()).unwrap_or_default().to_owned()
}

#[test]
fn bad_input_is_refused_in_the_dialect_of_every_door() {
    let simulated = Simulated::start();
    let gateway = Gateway::start(&configuration(simulated.address, "max_body = \"2MiB\"", ""));
    let mut table = String::from("\n| door | sent | status | message |\n|---|---|---|---|\n");
    for door in &DOORS {
        let good = gateway.post(door.path, door.body);
        assert_eq!(good.status, 200, "{}: {}", door.path, good.body);
        simulated.simulator.clear();
        for (what, request, status) in cases(door) {
            let response = exchange(gateway.public, &request);
            let said = message(door, &response);
            table.push_str(&format!("| {} | {what} | {} | {said} |\n", door.path, response.status));
            assert_eq!(response.status, status, "{} {what}: {}", door.path, response.body);
            assert_eq!(response.headers["x-request-id"].len(), 26, "{} {what}", door.path);
            assert!(!said.is_empty(), "{} {what}: {}", door.path, response.body);
        }
        let called: Vec<_> =
            simulated.simulator.log().into_iter().filter(|seen| seen.status != Some(404)).collect();
        assert!(called.is_empty(), "{}: a bad request reached a provider: {called:?}", door.path);
    }
    assert!(gateway.is_well());
    println!("{table}");
}

#[test]
fn an_unknown_path_is_a_404_and_says_so() {
    let simulated = Simulated::start();
    let gateway = Gateway::start(&configuration(simulated.address, "", ""));
    for path in [
        "/",
        "/v1/files",
        "/api/openai/v1/files",
        "/api/nobody/v1/chat/completions",
        "/model/x/converse",
        "/api/pull",
    ] {
        let response = client::get(gateway.public, path, &[]);
        assert_eq!(response.status, 404, "{path}");
        assert!(response.body.contains("there is nothing at"), "{path}: {}", response.body);
    }
}

#[test]
fn a_client_that_never_finishes_its_head_is_let_go() {
    let simulated = Simulated::start();
    let gateway = Gateway::start(&configuration(
        simulated.address,
        "header_deadline = \"1s\"\nbody_deadline = \"1s\"",
        "",
    ));
    let closed_after = |bytes: &[u8]| {
        let mut stream = client::connect(gateway.public);
        stream.write_all(bytes).unwrap();
        let began = std::time::Instant::now();
        let mut answer = Vec::new();
        let _ = std::io::Read::read_to_end(&mut stream, &mut answer);
        assert!(began.elapsed() < std::time::Duration::from_secs(8), "held for {:?}", began.elapsed());
        String::from_utf8_lossy(&answer).into_owned()
    };
    closed_after(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-slow: ");
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: 500\r\n\r\n{{"
    );
    let answer = closed_after(head.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(gateway.is_well());
}

#[test]
fn operators_have_their_own_listener() {
    let simulated = Simulated::start();
    let gateway = Gateway::start(&configuration(simulated.address, "", ""));
    let bearer = |key: &str| format!("Bearer {key}");
    let status = |address: SocketAddr, key: &str| {
        client::get(address, "/admin/v1/status", &[("authorization", &bearer(key))]).status
    };
    assert_eq!(status(gateway.admin, KEY), 200);
    assert_eq!(status(gateway.admin, READER), 403);
    assert_eq!(status(gateway.public, KEY), 404);
    gateway.post("/v1/chat/completions", &client::chat("openai/gpt-sim", false));
    let metrics = client::get(gateway.admin, "/metrics", &[]).body;
    assert!(metrics.contains("openclaw_requests_total{door=\"openai_chat\",outcome=\"ok\"} 1"), "{metrics}");
}
