//! Tests of whole calls against a small server of our own. They brand both proofs with a key of their own.

mod calls;
mod connections;
mod deadlines;
mod errors;
mod keys;
pub(crate) mod server;
mod signed;
mod tls;

use std::sync::Arc;

use bytes::Bytes;
use claw_hub::{
    Call, Dialect, Message, ModelFacts, Part, Permitted, Proof, Raw, Refusal, Request, Role, Target,
};

use super::*;
use server::Server;

/// Stands for the stages that vouch for a call.
struct Key;

type TestProviders = Providers<Key, Key>;

/// A request of a dialect in its own bytes, as an edge would have read it.
fn request(origin: Dialect, stream: bool) -> Request {
    let body = format!(r#"{{"model":"m","stream":{stream},"messages":[{{"role":"user","content":"hi"}}]}}"#);
    let mut request = Request::new(origin, "m");
    request.stream = stream;
    request.messages = vec![Message::new(Role::User, vec![Part::text("hi")])];
    request.sampling.max_tokens = Some(16);
    request.raw = Some(Raw { body: Bytes::from(body), model: Some(9..12), patches: Vec::new() });
    request
}

/// The model `m` at the provider `p`.
fn target(dialect: Dialect) -> Target {
    Target { provider: "p".into(), model: "m".into(), dialect, facts: Arc::new(ModelFacts::default()) }
}

/// The settings of provider `p` at a server.
fn settings(server: &Server, dialect: Dialect) -> Settings {
    Settings::new("p", dialect, server.base.parse().unwrap())
}

fn providers(settings: Settings) -> TestProviders {
    TestProviders::new(vec![settings]).unwrap()
}

/// Makes one call.
async fn open(providers: &TestProviders, request: Request, target: Target) -> Result<Opened, Refusal> {
    let permit = Proof::seal(&Key, Permitted::new(request, vec![target]));
    let call: Proof<Key, Call<'_>> = permit.pick(0).unwrap();
    providers.open(&call, &Proof::seal(&Key, ())).await
}

/// Makes one call in OpenAI's dialect that is not for a stream.
async fn ask(providers: &TestProviders) -> Result<Bytes, Refusal> {
    let request = request(Dialect::OpenaiChat, false);
    match open(providers, request, target(Dialect::OpenaiChat)).await?.reply {
        Reply::Whole(bytes) => Ok(bytes),
        Reply::Stream(_) => panic!("a stream, unasked"),
    }
}

/// Makes one call in OpenAI's dialect for a stream.
async fn ask_stream(providers: &TestProviders) -> Result<Upstream, Refusal> {
    let request = request(Dialect::OpenaiChat, true);
    match open(providers, request, target(Dialect::OpenaiChat)).await?.reply {
        Reply::Whole(_) => panic!("a whole reply, unasked"),
        Reply::Stream(upstream) => Ok(upstream),
    }
}
