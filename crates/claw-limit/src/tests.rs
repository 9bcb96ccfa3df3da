//! What is taken is given back, and no more is taken than there is.

use claw_hub::{Credential, Dialect, Request};

use super::*;

struct Mine;

fn caller(user: &str) -> Proof<Mine, Arc<Caller>> {
    let caller = Caller {
        user: user.into(),
        tenant: "t".into(),
        groups: vec![],
        scopes: vec![],
        credential: Credential::ApiKey,
        credential_id: "k".into(),
    };
    Proof::seal(&Mine, Arc::new(caller))
}

fn limit(each: u32, all: u32) -> Limit<Mine, Mine> {
    Limit::new(Settings { concurrency_per_caller: each, requests_in_flight_max: all }, Arc::default())
}

#[test]
fn a_caller_is_refused_above_its_limit_and_let_in_again_after() {
    let limit = limit(2, 10);
    let first = limit.admit(caller("a")).unwrap();
    let _second = limit.admit(caller("a")).unwrap();
    let refusal = limit.admit(caller("a")).err().unwrap();
    assert_eq!((refusal.kind, refusal.retry), (Kind::RateLimited, Retry::After(RETRY_AFTER)));
    assert!(limit.admit(caller("b")).is_ok(), "another caller is not held up");
    drop(first);
    assert!(limit.admit(caller("a")).is_ok());
}

#[test]
fn calls_of_all_callers_are_bounded() {
    let limit = limit(9, 1);
    let permitted = Proof::seal(&Mine, Permitted::new(Request::new(Dialect::OpenaiChat, "m"), vec![]));
    let held = limit.hold(&permitted).ok().unwrap();
    assert_eq!(limit.hold(&permitted).err().unwrap().kind, Kind::Overloaded);
    assert_eq!(limit.gauges.calls_in_flight(), 1);
    drop(held);
    assert_eq!(limit.gauges.calls_in_flight(), 0);
}

#[test]
fn callers_with_nothing_in_flight_are_forgotten() {
    let limit = limit(1, 1);
    let _kept = limit.admit(caller("kept")).unwrap();
    for n in 0..CALLERS_MAX + 5 {
        drop(limit.admit(caller(&n.to_string())).unwrap());
    }
    assert!(limit.gauges.callers.read().unwrap().len() <= CALLERS_MAX);
    assert!(limit.admit(caller("kept")).is_err(), "what is in flight is not forgotten");
}
