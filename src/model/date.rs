//! Calendar dates without a time zone.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::fmt::temporal::Pieces;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day of the calendar, for example `2024-02-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// Parses `YYYY-MM-DD`; `None` if there is no such day.
    pub fn parse(text: &str) -> Option<Self> {
        // The parser also accepts other forms, which are longer or shorter.
        let date = (text.len() == 10).then(|| text.parse().ok())?.map(Self)?;
        (date.to_string() == text).then_some(date)
    }

    /// The day of an RFC 3339 time in UTC, and whether the time is the start of that day. A [`Timestamp`] does not reach to
    /// the end of the year 9999.
    ///
    /// [`Timestamp`]: super::time::Timestamp
    pub fn of_time(text: &str) -> Option<(Self, bool)> {
        let pieces = Pieces::parse(text).ok()?;
        let offset = pieces.to_numeric_offset()?;
        let written = pieces.date().to_datetime(pieces.time()?);
        let offset = SignedDuration::from_secs(offset.seconds().into());
        // In UTC, the last hours of the year 9999 can be in the year 10000.
        let utc = written.checked_sub(offset).unwrap_or(written);
        let date = Self::parse(&Self(utc.date()).to_string())?;
        Some((date, utc.time() == Time::midnight()))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = (self.0.year(), self.0.month(), self.0.day());
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("a date such as 2024-02-01"))
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn only_days_that_exist_are_dates() {
        for day in ["2024-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(
                Date::parse(day).map(|day| day.to_string()),
                Some(day.to_owned())
            );
        }
        for bad in [
            "",
            "2026-02-30",
            "2026-13-01",
            "2023-02-29",
            "20260201",
            "2026-2-1",
            "2026-02-01T00:00:00Z",
            "202600000000-01-01",
            "+002026-02-01",
            "-002026-02",
            "2026-02-0１",
            " 2026-02-01",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn every_time_has_a_day_in_utc() {
        for (time, day, is_start) in [
            ("2024-02-01T00:00:00Z", "2024-02-01", true),
            ("2024-02-01T00:30:00.5+01:00", "2024-01-31", false),
            ("0001-01-01T00:00:00Z", "0001-01-01", true),
            ("1969-12-31T23:59:59Z", "1969-12-31", false),
            ("9999-12-31T23:59:59Z", "9999-12-31", false),
            ("9999-12-31T23:59:59-12:00", "9999-12-31", false),
        ] {
            let found = Date::of_time(time).map(|(day, is_start)| (day.to_string(), is_start));
            assert_eq!(found, Some((day.to_owned(), is_start)), "{time}");
        }
        for bad in [
            "",
            "2024-02-01",
            "2024-02-01T00:00:00",
            "yesterday",
            "-000001-12-31T00:00:00Z",
        ] {
            assert_eq!(Date::of_time(bad), None, "{bad:?}");
        }
    }
}
