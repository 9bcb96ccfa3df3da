//! E0382: one inspection is used for two permissions.

use claw_hub::{Inspected, Proof};
use openclaw_gateway::app::Policy;

fn forge(policy: &Policy, inspected: Proof<claw_guard::Key, Inspected>) {
    let _ = policy.permit(inspected);
    let _ = policy.permit(inspected);
}

fn main() {}
