//! E0308: a call is recorded, and so made, without anything being held for it.

use claw_hub::{Call, Permitted, Proof};
use claw_ledger::About;
use openclaw_gateway::app::Ledger;

fn forge(ledger: &Ledger, call: &Proof<claw_policy::Key, Call<'_>>, permitted: &Proof<claw_policy::Key, Permitted>, about: &About) {
    let _ = ledger.open(call, permitted, about);
}

fn main() {}
