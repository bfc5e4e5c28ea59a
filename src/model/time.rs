//! Timestamps and months, in UTC.

use std::fmt;
use std::time::SystemTime;

use serde::{Serialize, Serializer};

/// A point in time: milliseconds since 1970-01-01 UTC. Shown with second precision, for example `2024-01-15T10:30:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The latest current time: the end of the year 9997, so that a time one year later still has a four-digit year.
const LATEST: i64 = 253_339_228_799_999;

/// Milliseconds per day.
const DAY: i64 = 86_400_000;

impl Timestamp {
    /// Later than every other time.
    pub const NEVER: Timestamp = Timestamp(i64::MAX);

    /// The current time of the system clock, or the nearest time that the database and the API can hold.
    pub fn now() -> Self {
        Self::of_clock(SystemTime::now())
    }

    fn of_clock(clock: SystemTime) -> Self {
        let since_1970 = clock.duration_since(SystemTime::UNIX_EPOCH);
        let millis = since_1970.map_or(0, |since| since.as_millis());
        Self(i64::try_from(millis).unwrap_or(LATEST).min(LATEST))
    }

    /// Creates a timestamp from its stored number.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Parses an RFC 3339 time with any offset.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>()
            .ok()
            .map(|t| Self(t.as_millisecond()))
    }

    /// The time this many days later.
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(DAY)))
    }

    /// The time this many milliseconds later.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The time rounded down to the minute.
    pub const fn to_minute(self) -> Self {
        Self(self.0 - self.0.rem_euclid(60_000))
    }

    /// The text with millisecond precision, for example `2023-07-20T10:30:00.000Z`, as the card integration API shows
    /// times.
    pub fn with_millis(self) -> String {
        let instant = jiff::Timestamp::from_millisecond(self.0).unwrap_or_default();
        format!("{instant:.3}")
    }

    /// Whole seconds until a later time, rounded up; 0 if it is past.
    pub const fn seconds_until(self, later: Timestamp) -> u64 {
        let millis = later.0.saturating_sub(self.0);
        if millis <= 0 {
            0
        } else {
            (millis as u64).div_ceil(1000)
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Text::of(*self).as_str())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Text::of(*self).as_str())
    }
}

/// A time as text. Every object that is shown has two of them, and a `Formatter` costs several times as much.
struct Text([u8; 20]);

impl Text {
    fn of(time: Timestamp) -> Self {
        let instant = jiff::Timestamp::from_second(time.0.div_euclid(1000)).unwrap_or_default();
        let civil = jiff::tz::Offset::UTC.to_datetime(instant);
        // RFC 3339 has no years before 0.
        let year = civil.year().unsigned_abs();
        let mut text = *b"0000-00-00T00:00:00Z";
        two_digits(&mut text, 0, year / 100);
        two_digits(&mut text, 2, year % 100);
        for (at, number) in [
            (5, civil.month()),
            (8, civil.day()),
            (11, civil.hour()),
            (14, civil.minute()),
            (17, civil.second()),
        ] {
            two_digits(&mut text, at, number.unsigned_abs().into());
        }
        Self(text)
    }

    fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

fn two_digits(text: &mut [u8; 20], at: usize, number: u16) {
    text[at] = b'0' + (number / 10) as u8;
    text[at + 1] = b'0' + (number % 10) as u8;
}

/// A calendar month in UTC: the period of every quota. 202401 is January 2024.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Month(i32);

impl Month {
    /// The month that contains a time.
    pub fn of(moment: Timestamp) -> Self {
        let civil = date(moment);
        Self(i32::from(civil.year()) * 100 + i32::from(civil.month()))
    }

    /// The month as a number, for example 202401.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The start of the next month: the first day at 00:00 UTC.
    pub fn end(self) -> Timestamp {
        let (year, month) = (self.0 / 100, self.0 % 100);
        let (year, month) = if month == 12 {
            (year + 1, 1)
        } else {
            (year, month + 1)
        };
        jiff::civil::Date::new(year as i16, month as i8, 1)
            .and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC))
            .map_or(Timestamp(i64::MAX), |day| {
                Timestamp(day.timestamp().as_millisecond())
            })
    }
}

fn date(moment: Timestamp) -> jiff::civil::Date {
    let instant = jiff::Timestamp::from_millisecond(moment.0).unwrap_or_default();
    jiff::tz::Offset::UTC.to_datetime(instant).date()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{Month, Timestamp};
    use proptest::prelude::*;

    #[test]
    fn times_are_shown_with_second_precision() {
        assert_eq!(
            Timestamp::from_millis(1_705_314_600_999).to_string(),
            "2024-01-15T10:30:00Z"
        );
        assert_eq!(
            Timestamp::parse("2024-01-15T11:30:00+01:00"),
            Some(Timestamp::from_millis(1_705_314_600_000))
        );
        assert_eq!(Timestamp::parse("yesterday"), None);
    }

    #[test]
    fn a_clock_that_is_far_off_has_a_moment_and_a_month() {
        let year = Duration::from_secs(366 * 86_400);
        let epoch = SystemTime::UNIX_EPOCH;
        for (clock, shown, month) in [
            (epoch - 100 * year, "1970-01-01T00:00:00Z", 197_001),
            (epoch + 8_100 * year, "9997-12-31T23:59:59Z", 999_712),
            (epoch + 1_000_000 * year, "9997-12-31T23:59:59Z", 999_712),
        ] {
            let now = Timestamp::of_clock(clock);
            assert_eq!(
                (now.to_string().as_str(), Month::of(now).number()),
                (shown, month)
            );
            assert!(Month::of(now).end() > now);
            assert!(now.plus_days(365).to_string() > now.to_string());
        }
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let december =
            Month::of(Timestamp::parse("2023-12-31T23:59:59Z").unwrap_or_else(|| unreachable!()));
        assert_eq!(december.number(), 202_312);
        assert_eq!(december.end().to_string(), "2024-01-01T00:00:00Z");
    }

    proptest! {
        #[test]
        fn every_moment_lies_in_its_month(millis in 0_i64..4_102_444_800_000) {
            let now = Timestamp::from_millis(millis);
            let month = Month::of(now);
            prop_assert!(now < month.end());
            prop_assert_eq!(Month::of(month.end().plus_millis(-1)), month);
            prop_assert_ne!(Month::of(month.end()), month);
        }
    }
}
