//! The calendar, at its corners and day by day.

use super::*;

#[test]
fn known_times_are_written() {
    for (unix_s, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_399, "2000-02-28T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (951_868_800, "2000-03-01T00:00:00Z"),
        (1_700_000_000, "2023-11-14T22:13:20Z"),
        (1_735_689_600, "2025-01-01T00:00:00Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
        (LAST_S, "9999-12-31T23:59:59Z"),
        (u64::MAX, "9999-12-31T23:59:59Z"),
    ] {
        assert_eq!(rfc3339(unix_s), text);
    }
}

#[test]
fn every_day_follows_the_one_before() {
    let mut last = rfc3339(0);
    for day in 1..50_000 {
        let next = rfc3339(day * DAY_S);
        assert!(next > last, "{next} after {last}");
        last = next;
    }
}
