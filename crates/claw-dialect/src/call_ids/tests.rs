//! Tests of ids that fit.

use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const PATTERN: Pattern = Pattern { allows: is_word_byte, max_bytes: 20 };

#[test]
fn what_fits_stays_and_what_does_not_is_told_apart() {
    assert_eq!(fit("call_1-A", PATTERN), "call_1-A");
    let odd = [fit("a.b", PATTERN), fit("a:b", PATTERN), fit("a_b", PATTERN), fit("ä", PATTERN)];
    let different: HashSet<&str> = odd.iter().map(AsRef::as_ref).collect();
    assert_eq!(different.len(), odd.len());
    let long = "x".repeat(21);
    assert_eq!(fit(&long, PATTERN).len(), 20);
    assert_eq!(fit(&long, PATTERN), fit(&long, PATTERN));
}

#[test]
fn results_without_ids_go_to_the_call_of_their_name_or_to_the_first() {
    let mut ids = CallIds::new(PATTERN);
    let (a, b, c) = (ids.call("", "a"), ids.call("", "b"), ids.call("", "a"));
    assert_eq!(ids.result("", Some("b")), b);
    assert_eq!(ids.result("", Some("a")), a);
    assert_eq!(ids.result("", None), c);
    assert_eq!(ids.result("nobody", None), "nobody");
}

proptest! {
    #[test]
    fn no_two_calls_get_one_id(calls in vec(("[a-c.:]{0,3}|[a-z]{18,24}", 0..3_usize), 0..24)) {
        let mut ids = CallIds::new(PATTERN);
        let mut seen: HashMap<String, String> = HashMap::new();
        for (id, results) in &calls {
            let wire = ids.call(id, "f");
            prop_assert!(!wire.is_empty() && wire.len() <= 20 && wire.bytes().all(is_word_byte), "{}", wire);
            prop_assert!(seen.insert(wire, id.clone()).is_none());
            for _ in 0..*results {
                let answered = ids.result(id, None);
                prop_assert_eq!(seen.get(&answered), Some(id));
            }
        }
    }
}
