//! E0603: a stage's key is made by another.

fn main() {
    let _key = claw_policy::Key(());
}
