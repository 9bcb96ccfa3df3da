//! What is counted is written out, and nothing else makes a series.

use claw_hub::Kind;

use super::*;

#[test]
fn counts_are_written_for_prometheus() {
    let metrics = Metrics::default();
    metrics.request("models", "ok");
    metrics.request("models", "ok");
    metrics.tokens(Tokens { input: 3, cache_read: 0, cache_write: 0, output: 5 });
    let text = metrics.render(&[Gauge { name: "openclaw_x_bytes", help: "X.", kind: "gauge", value: 7 }]);
    assert!(text.contains("openclaw_requests_total{door=\"models\",outcome=\"ok\"} 2\n"), "{text}");
    assert!(text.contains("openclaw_tokens_total{kind=\"output\"} 5\n"));
    assert!(text.contains("# TYPE openclaw_x_bytes gauge\nopenclaw_x_bytes 7\n"));
}

#[test]
fn an_unknown_word_is_counted_as_other() {
    let metrics = Metrics::default();
    metrics.request("made\"up", "made up");
    assert!(metrics.render(&[]).contains("{door=\"other\",outcome=\"other\"} 1"));
}

#[test]
fn every_kind_of_refusal_has_an_outcome() {
    let kinds = [
        Kind::Malformed,
        Kind::Unsupported,
        Kind::TooLarge,
        Kind::ContextTooLong,
        Kind::Unauthenticated,
        Kind::Forbidden,
        Kind::NoSuchPath,
        Kind::MethodNotAllowed,
        Kind::NoSuchModel,
        Kind::RateLimited,
        Kind::Billing,
        Kind::SlowRequest,
        Kind::Overloaded,
        Kind::ProviderFailed,
        Kind::ProviderUnreachable,
        Kind::Deadline,
        Kind::ProviderCredential,
        Kind::Draining,
        Kind::Internal,
    ];
    for kind in kinds {
        let metrics = Metrics::default();
        metrics.request("models", kind.label());
        assert!(metrics.render(&[]).contains(&format!("outcome=\"{}\"", kind.label())), "{kind:?}");
    }
}
