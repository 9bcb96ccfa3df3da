//! E0451: a proof is written as a struct literal.

use std::marker::PhantomData;

use claw_hub::{Permitted, Proof};

fn forge(permitted: Permitted) -> Proof<claw_policy::Key, Permitted> {
    Proof { value: permitted, by: PhantomData }
}

fn main() {}
