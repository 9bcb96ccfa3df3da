//! E0308: a proof is sealed with a key of one's own and shown to the providers.

use claw_hub::{Call, Proof};
use openclaw_gateway::app::Providers;

struct Mine;

async fn forge(providers: &Providers, call: &Proof<Mine, Call<'_>>, entry: &Proof<claw_ledger::Key, ()>) {
    let _ = providers.open(call, entry).await;
}

fn main() {}
