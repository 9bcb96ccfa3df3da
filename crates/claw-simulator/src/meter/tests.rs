//! Counting and caching.

use serde_json::json;

use super::*;

#[test]
fn json_counts_as_it_is_written_without_spaces() {
    for value in [json!(null), json!([1, "ab", true]), json!({ "a": { "b": [] }, "c": -1.5 }), json!({})] {
        let mut meter = Meter::new("m");
        meter.json(&value);
        assert_eq!(meter.bytes, value.to_string().len() as u64, "{value}");
    }
}

/// A meter that read these texts, marked after each of them.
fn marked(model: &str, texts: &[&str]) -> Meter {
    let mut meter = Meter::new(model);
    for text in texts {
        meter.text(text);
        meter.mark(FIVE_MINUTES);
    }
    meter
}

#[tokio::test(start_paused = true)]
async fn the_longest_known_prefix_is_read_and_the_rest_written() {
    let cache = PromptCache::default();
    let (long, longer) = ("x".repeat(400), "y".repeat(40));
    let first = cache.charge(&marked("m", &[&long]));
    assert_eq!(first, Usage { cache_write_5m: 100, ..Usage::default() });
    let second = cache.charge(&marked("m", &[&long, &longer]));
    assert_eq!(second, Usage { cache_read: 100, cache_write_5m: 10, ..Usage::default() });
    let other_model = cache.charge(&marked("n", &[&long]));
    assert_eq!(other_model.cache_read, 0);
    let other_cut = cache.charge(&marked("m", &[&format!("{long}{longer}")]));
    assert_eq!(other_cut.cache_read, 0, "the same letters in other blocks are another prefix");
    cache.clear();
    assert_eq!(cache.charge(&marked("m", &[&long])).cache_read, 0);
}

#[tokio::test(start_paused = true)]
async fn a_prefix_lives_as_long_as_its_mark_says() {
    let cache = PromptCache::default();
    let hour = || {
        let mut meter = Meter::new("m");
        meter.text(&"x".repeat(400));
        meter.mark(ONE_HOUR);
        meter
    };
    assert_eq!(cache.charge(&hour()).cache_write_1h, 100);
    tokio::time::advance(Duration::from_mins(59)).await;
    assert_eq!(cache.charge(&hour()).cache_read, 100);
    tokio::time::advance(Duration::from_mins(61)).await;
    assert_eq!(cache.charge(&hour()).cache_write_1h, 100);
}

#[tokio::test(start_paused = true)]
async fn the_cache_stays_bounded() {
    let cache = PromptCache::default();
    for number in 0..MAX_PREFIXES * 2 {
        cache.charge(&marked("m", &[&number.to_string()]));
    }
    assert!(cache.prefixes().len() <= MAX_PREFIXES);
}
