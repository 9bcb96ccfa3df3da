//! E0594: a permitted target is exchanged for another.

use claw_hub::{Permitted, Proof, Target};

fn forge(permitted: &Proof<claw_policy::Key, Permitted>, other: Target) {
    permitted.get().targets()[0] = other;
}

fn main() {}
