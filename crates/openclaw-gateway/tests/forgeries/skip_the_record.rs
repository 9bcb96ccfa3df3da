//! E0308: a provider is called without an open record.

use claw_hub::{Call, Hold, Proof};
use openclaw_gateway::app::Providers;

async fn forge(providers: &Providers, call: &Proof<claw_policy::Key, Call<'_>>, hold: &Proof<claw_limit::Key, Hold>) {
    let _ = providers.open(call, hold).await;
}

fn main() {}
