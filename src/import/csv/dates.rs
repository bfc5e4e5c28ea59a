//! Dates as products write them into tables.

use super::super::receiver::Warnings;
use super::super::text;
use crate::model::date::Date;
use crate::model::time::Timestamp;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// The day in a cell. `None` with a warning, if it is not clear.
pub(super) fn day(cell: &str, path: &str, warnings: &mut Warnings<'_>) -> Option<Date> {
    if cell.is_empty() {
        return None;
    }
    if Date::of_time(cell).is_some() && !text::is_no_date(cell) {
        return text::day(cell, path, warnings);
    }
    let found = clear(cell);
    if found.is_none() {
        let message = format!("{cell:?} is not a clear date, so it is kept in the description");
        warnings.add(path, &message);
    } else if of_day(cell).is_some_and(|time| time != (0, 0, 0)) {
        warnings.add(path, &format!("Only the date of {cell:?} is kept"));
    }
    found
}

/// The time in a cell: at midnight, if it contains only a day. Times without a zone are taken as UTC.
pub(super) fn time(cell: &str, path: &str, warnings: &mut Warnings<'_>) -> Option<Timestamp> {
    if Timestamp::parse(cell).is_some() {
        return text::time(cell, path, warnings);
    }
    let Some(day) = clear(cell) else {
        if !cell.is_empty() {
            warnings.add(
                path,
                &format!("{cell:?} is not a clear time, so it is left out"),
            );
        }
        return None;
    };
    let (hour, minute, second) = of_day(cell).unwrap_or_default();
    let time = format!("{day}T{hour:02}:{minute:02}:{second:02}Z");
    text::time(&time, path, warnings)
}

/// Hour, minute and second in a cell such as `15/Jan/24 10:30 PM`.
fn of_day(cell: &str) -> Option<(u32, u32, u32)> {
    let is_time = |word: &&str| word.contains(':');
    let mut parts = cell.split([' ', 'T']).find(is_time)?.splitn(3, ':');
    let mut next = || {
        parts
            .next()
            .map(|part| part.trim_end_matches(|c: char| !c.is_ascii_digit()))
    };
    let hour: u32 = next()?.parse().ok()?;
    let minute: u32 = next()?.parse().ok()?;
    let second: u32 = next().map_or(Some(0), |part| part.get(..2)?.parse().ok())?;
    let lower = cell.to_lowercase();
    let hour = match (lower.ends_with("am"), lower.ends_with("pm")) {
        (true, _) => hour % 12,
        (_, true) => hour % 12 + 12,
        _ => hour,
    };
    (hour < 24 && minute < 60 && second < 60).then_some((hour, minute, second))
}

/// A date whose parts can only mean one day.
fn clear(cell: &str) -> Option<Date> {
    let parts: Vec<String> = cell
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .take(3)
        .map(str::to_lowercase)
        .collect();
    let [first, second, third] = parts.as_slice() else {
        return None;
    };
    let number = |part: &str| part.parse::<u32>().ok();
    let month = |part: &str| {
        MONTHS
            .iter()
            .position(|month| part.starts_with(month))
            .map(|at| at as u32 + 1)
    };
    let (year, month, day) = match (number(first), number(second), number(third)) {
        (Some(year), Some(month), Some(day)) if first.len() == 4 => (year, month, day),
        // 31.12.2024 and 31/12/2024, or 12/31/2024.
        (Some(day), Some(month), Some(year)) if cell.contains('.') || day > 12 => {
            (year, month, day)
        }
        (Some(month), Some(day), Some(year)) if day > 12 || month == day => (year, month, day),
        // 31/Dec/24, 31 Dec 2024.
        (Some(day), None, Some(year)) => (year, month(second)?, day),
        // Dec 31, 2024.
        (None, Some(day), Some(year)) => (year, month(first)?, day),
        _ => return None,
    };
    let has_whole_year = [first, second, third]
        .into_iter()
        .any(|part| part.len() == 4);
    let year = if year < 100 && !has_whole_year {
        year + 2000
    } else {
        year
    };
    let date = format!("{year:04}-{month:02}-{day:02}");
    Date::parse(&date).filter(|_| !text::is_no_date(&date))
}

#[cfg(test)]
mod tests {
    use super::{clear, of_day};

    #[test]
    fn times_of_day_are_read() {
        for (cell, time) in [
            ("15/Jan/24 10:30 AM", Some((10, 30, 0))),
            ("15/Jan/24 12:05 AM", Some((0, 5, 0))),
            ("15/Jan/24 1:30 PM", Some((13, 30, 0))),
            ("2024-01-15 23:59:58", Some((23, 59, 58))),
            ("2024-01-15", None),
            ("15/Jan/24 25:30", None),
            ("a:b", None),
            (":::", None),
        ] {
            assert_eq!(of_day(cell), time, "{cell}");
        }
    }

    #[test]
    fn only_clear_dates_are_read() {
        for (cell, day) in [
            ("2024-02-01", Some("2024-02-01")),
            ("2024/02/01", Some("2024-02-01")),
            ("2024-02-01 10:30", Some("2024-02-01")),
            ("31.12.2024", Some("2024-12-31")),
            ("12/31/2024", Some("2024-12-31")),
            ("31/12/2024", Some("2024-12-31")),
            ("15/Jan/24 10:30 AM", Some("2024-01-15")),
            ("Dec 31, 2024", Some("2024-12-31")),
            ("1/2/2024", None),
            ("every day", None),
            ("2024-13-01", None),
            ("0001-01-01", None),
            ("0001-01-02", Some("0001-01-02")),
            ("31.12.9999", Some("9999-12-31")),
        ] {
            assert_eq!(
                clear(cell).map(|day| day.to_string()).as_deref(),
                day,
                "{cell}"
            );
        }
    }
}
