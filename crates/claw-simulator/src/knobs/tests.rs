//! The grammar of model names.

use super::*;

#[test]
fn every_knob_is_read() {
    let model = "a~latency=1ms~silence=2s~first=3m~gap=4ms~events=5~size=6~think=1~redact=1~refuse=1~pretext=1~calls=7~fail=503~retry=8~cut=9\
        ~error=10~kind=429~stall=11~times=12";
    let (name, knobs) = Knobs::parse(model).unwrap();
    let expected = Knobs {
        latency: Duration::from_millis(1),
        silence: Duration::from_secs(2),
        first: Duration::from_secs(180),
        gap: Duration::from_millis(4),
        events: Some(5),
        size: Some(6),
        think: true,
        redact: true,
        refuse: true,
        pretext: true,
        calls: Some(7),
        fail: Some(503),
        retry: Some(8),
        cut: Some(9),
        error: Some(10),
        kind: Some(429),
        stall: Some(11),
        times: Some(12),
    };
    assert_eq!((name, knobs), ("a", expected));
    assert_eq!(Knobs::parse("a~tps=50").unwrap().1.gap, Duration::from_millis(20));
    assert_eq!(Knobs::parse("us.a-v1:0").unwrap(), ("us.a-v1:0", Knobs::default()));
}

#[test]
fn every_knob_is_documented() {
    for line in KNOBS.lines().filter(|line| line.contains("  ")) {
        let (knob, value) = line.split_once(' ').unwrap().0.split_once('=').unwrap();
        let example = match value {
            "DUR" => "1s",
            "STATUS" => "500",
            _ => "1",
        };
        assert!(Knobs::parse(&format!("a~{knob}={example}")).is_ok(), "{line}");
    }
}

#[test]
fn a_wrong_knob_is_named() {
    for wrong in [
        "speed=1",
        "first=1",
        "first=1h",
        "first=-1s",
        "first=9999m",
        "tps=0",
        "fail=200",
        "events=0",
        "think=2",
    ] {
        let message = Knobs::parse(&format!("a~{wrong}")).unwrap_err();
        assert!(message.contains(wrong.split('=').next().unwrap()), "{message}");
    }
    assert!(Knobs::parse("a~cut").unwrap_err().contains("`cut` has no value"));
}

#[test]
fn the_earliest_trouble_comes() {
    let trouble = |model: &str| Knobs::parse(model).unwrap().1.trouble();
    assert_eq!(trouble("a~cut=5~stall=3"), Some((3, Trouble::Stall)));
    assert_eq!(trouble("a~error=2~kind=429~cut=5"), Some((2, Trouble::Error(Some(429)))));
    assert_eq!(trouble("a~fail=500"), None);
}

#[test]
fn the_tally_heals_after_so_many_calls_and_stays_bounded() {
    let tally = Tally::default();
    let is_healed = |model: &str| {
        let mut knobs = Knobs::parse(model).unwrap().1;
        tally.count(model, &mut knobs);
        knobs.fail.is_none()
    };
    assert_eq!([is_healed("a~fail=500~times=1"), is_healed("a~fail=500~times=1")], [false, true]);
    for number in 0..MAX_NAMES * 2 {
        is_healed(&format!("{number}~fail=500~times=1"));
    }
    assert!(tally.calls.lock().unwrap().len() <= MAX_NAMES);
}
