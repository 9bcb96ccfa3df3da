//! Quantities with a unit: durations such as `"250ms"` and sizes such as `"32MiB"`.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::problem::Fault;

/// Milliseconds of each unit of time, smallest first.
const TIMES: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// Bytes of each unit of size, smallest first.
const SIZES: [(&str, u64); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// Reads a duration that must lie in the range.
pub(crate) fn duration(text: &str, range: &RangeInclusive<Duration>) -> Result<Duration, Fault> {
    let (number, unit) = split(text);
    let factor = TIMES.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
    let millis = number.zip(factor).and_then(|(number, factor)| number.checked_mul(factor));
    let Some(millis) = millis else {
        return Err(Fault::new("is not a duration")
            .hint("write a whole number and one of the units ms, s, m, h, as \"250ms\" or \"10s\""));
    };
    let duration = Duration::from_millis(millis);
    if range.contains(&duration) {
        return Ok(duration);
    }
    Err(Fault::new(format!("must lie between {} and {}", show_time(range.start()), show_time(range.end()))))
}

/// Reads a size in bytes; that it fits the range is for the caller to check, who may hold an integer.
pub(crate) fn size(text: &str) -> Result<u64, Fault> {
    let (number, unit) = split(text);
    let factor = SIZES.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
    let bytes = number.zip(factor).and_then(|(number, factor)| number.checked_mul(factor));
    bytes.ok_or_else(|| {
        Fault::new("is not a size").hint(
            "write a whole number and one of the units B, KiB, MiB, GiB, as \"32MiB\", or a number of bytes",
        )
    })
}

/// Tells that a size lies outside its range.
pub(crate) fn size_out_of_range(range: &RangeInclusive<u64>) -> Fault {
    Fault::new(format!(
        "must lie between {} and {}",
        show(*range.start(), &SIZES),
        show(*range.end(), &SIZES)
    ))
}

fn split(text: &str) -> (Option<u64>, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    (number.parse().ok(), unit.trim_start())
}

fn show_time(duration: &Duration) -> String {
    show(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX), &TIMES)
}

/// Writes an amount in the largest unit that loses nothing.
fn show(amount: u64, units: &[(&str, u64)]) -> String {
    let fitting = units.iter().rev().find(|(_, factor)| amount >= *factor && amount.is_multiple_of(*factor));
    match fitting {
        Some((name, factor)) => format!("{}{name}", amount / factor),
        None => amount.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{duration, size};
    use std::time::Duration;

    const DAY: std::ops::RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(86_400);

    #[test]
    fn durations_are_read_in_every_unit() {
        let millis = |text| duration(text, &DAY).map(|time| time.as_millis()).ok();
        assert_eq!(millis("250ms"), Some(250));
        assert_eq!(millis("10s"), Some(10_000));
        assert_eq!(millis("5m"), Some(300_000));
        assert_eq!(millis("2h"), Some(7_200_000));
    }

    #[test]
    fn a_duration_needs_a_unit_a_whole_number_and_its_range() {
        for bad in
            ["", "10", "s", "1.5s", "-1s", "10 seconds", "99999999999999999999s", "18446744073709551615h"]
        {
            assert!(duration(bad, &DAY).is_err(), "{bad}");
        }
        let fault = duration("25h", &DAY).unwrap_err();
        assert_eq!(fault.message, "must lie between 1ms and 24h");
        assert!(duration("0s", &DAY).is_err());
    }

    #[test]
    fn sizes_are_read_in_every_unit() {
        assert_eq!(size("17B").ok(), Some(17));
        assert_eq!(size("64KiB").ok(), Some(65_536));
        assert_eq!(size("32 MiB").ok(), Some(33_554_432));
        assert_eq!(size("1GiB").ok(), Some(1_073_741_824));
        for bad in ["", "32", "32MB", "MiB", "1e3B", "99999999999GiB"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
