//! "Did you mean": which of the known words is closest to what was written.

/// Words longer than this are not compared: nobody mistypes that much by accident, and the cost is quadratic.
const LONGEST_COMPARED: usize = 64;

/// The candidate that `written` was probably meant to be, if one is close enough to be worth saying.
pub(crate) fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if written.len() > LONGEST_COMPARED {
        return None;
    }
    let folded = fold(written);
    // A third of the letters may differ: `listne` is `listen`, but `port` is not `proxy`.
    let tolerance = (folded.len() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST_COMPARED)
        .map(|candidate| (distance(&folded, &fold(candidate)), candidate))
        .filter(|(distance, _)| *distance <= tolerance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Case and the choice of separator are no mistakes of spelling.
fn fold(word: &str) -> Vec<char> {
    word.chars().flat_map(char::to_lowercase).map(|c| if c == '-' { '_' } else { c }).collect()
}

/// Insertions, deletions, substitutions and swaps of neighbours that make one word of the other.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before_previous = vec![0; right.len() + 1];
    let mut previous: Vec<usize> = (0..=right.len()).collect();
    for (row, &a) in left.iter().enumerate() {
        let mut current = vec![row + 1; right.len() + 1];
        for (column, &b) in right.iter().enumerate() {
            let substituted = previous[column] + usize::from(a != b);
            let mut best = substituted.min(previous[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && a == right[column - 1] && left[row - 1] == b {
                best = best.min(before_previous[column - 1] + 1);
            }
            current[column + 1] = best;
        }
        before_previous = std::mem::replace(&mut previous, current);
    }
    previous[right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const WORDS: [&str; 4] = ["listen", "admin_listen", "workers", "proxy"];

    #[test]
    fn a_swap_an_omission_and_a_wrong_separator_are_recognised() {
        assert_eq!(nearest("listne", WORDS), Some("listen"));
        assert_eq!(nearest("worker", WORDS), Some("workers"));
        assert_eq!(nearest("Admin-Listen", WORDS), Some("admin_listen"));
    }

    #[test]
    fn a_different_word_is_not_guessed_at() {
        assert_eq!(nearest("port", WORDS), None);
        assert_eq!(nearest("", WORDS), None);
        assert_eq!(nearest(&"l".repeat(10_000), WORDS), None);
    }
}
