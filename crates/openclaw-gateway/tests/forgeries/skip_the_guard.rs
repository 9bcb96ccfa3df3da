//! E0308: a request goes from routing to policy without the guard.

use claw_hub::{Asked, Proof};
use openclaw_gateway::app::Policy;

fn forge(policy: &Policy, asked: Proof<claw_route::Key, Asked>) {
    let _ = policy.permit(asked);
}

fn main() {}
