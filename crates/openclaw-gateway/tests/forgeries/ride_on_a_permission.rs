//! E0451: another request rides on the permission of the one that was judged.

use claw_hub::{Call, Request, Target};

fn forge<'a>(request: &'a Request, target: &'a Target) -> Call<'a> {
    Call { request, target }
}

fn main() {}
