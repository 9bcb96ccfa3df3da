//! Seconds since 1970 as a time that people and clients read: `2023-11-14T22:13:20Z`, <https://www.rfc-editor.org/rfc/rfc3339>.
//! There is no clock here.

const DAY_S: u64 = 86_400;
/// Days from the first of March of year 0 to the first of January of 1970, in the Gregorian calendar without end.
const EPOCH_DAYS: u64 = 719_468;
/// Days of 400 years, after which the calendar repeats.
const ERA_DAYS: u64 = 146_097;
/// The last second of year 9999, after which the form has no more room.
const LAST_S: u64 = 253_402_300_799;

/// Writes a time. Years begin with March here, so that the day that some of them have more comes last.
pub(crate) fn rfc3339(unix_s: u64) -> String {
    let unix_s = unix_s.min(LAST_S);
    let (days, second) = (unix_s / DAY_S + EPOCH_DAYS, unix_s % DAY_S);
    let (era, day_of_era) = (days / ERA_DAYS, days % ERA_DAYS);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / (ERA_DAYS - 1)) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // March to January have 153 days in every five months.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = 400 * era + year_of_era + u64::from(month <= 2);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z", second % 60)
}

#[cfg(test)]
mod tests;
