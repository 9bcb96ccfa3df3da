//! Tests of taking turns.

use super::*;

const TEN: Duration = Duration::from_secs(10);

#[test]
fn each_has_its_turn() {
    let rotation = Rotation::new(3);
    let taken: Vec<_> = (0..6).map(|_| rotation.next()).collect();
    assert_eq!(taken, [0, 1, 2, 0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn who_rests_is_passed_over_until_the_rest_is_over() {
    let rotation = Rotation::new(2);
    rotation.rest(0, TEN);
    assert!((0..4).all(|_| rotation.next() == 1));
    tokio::time::advance(TEN).await;
    assert!((0..4).any(|_| rotation.next() == 0));
}

#[tokio::test(start_paused = true)]
async fn when_all_rest_the_one_that_is_ready_first_is_taken() {
    let rotation = Rotation::new(2);
    rotation.rest(0, TEN);
    rotation.rest(1, TEN / 2);
    assert!((0..4).all(|_| rotation.next() == 1));
    assert_eq!(rotation.other_than(1), None);
}

#[tokio::test(start_paused = true)]
async fn no_rest_is_longer_than_a_minute() {
    let rotation = Rotation::new(2);
    rotation.rest(0, Duration::from_secs(86_400));
    tokio::time::advance(REST_MAX).await;
    assert!((0..4).any(|_| rotation.next() == 0));
}

#[tokio::test(start_paused = true)]
async fn another_is_never_the_same() {
    assert_eq!(Rotation::new(1).other_than(0), None);
    let rotation = Rotation::new(3);
    assert_eq!(rotation.other_than(2), Some(0));
    rotation.rest(0, TEN);
    assert_eq!(rotation.other_than(2), Some(1));
}
