//! Headers, and what is kept of a response.

use super::*;

fn delay(value: &str) -> Option<u64> {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(RETRY_AFTER, value);
    }
    retry_after(&headers).map(|delay| delay.as_secs())
}

#[test]
fn retry_after_is_seconds_or_a_date_and_at_most_a_day() {
    for (value, seconds) in [
        ("120", Some(120)),
        (" 7 ", Some(7)),
        ("0", None),
        ("1", Some(1)),
        ("86400", Some(86_400)),
        ("86401", Some(86_400)),
        ("99999999999999999999", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
        ("Wed, 21 Oct 2099 07:28:00 GMT", Some(86_400)),
    ] {
        assert_eq!(delay(value), seconds, "{value}");
    }
    assert_eq!(retry_after(&HeaderMap::new()), None);
    let in_an_hour = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let date = jiff::fmt::rfc2822::to_string(&in_an_hour.to_zoned(jiff::tz::TimeZone::UTC));
    let seconds = delay(&date.unwrap_or_default()).unwrap_or_default();
    assert!((3_598..=3_600).contains(&seconds), "{seconds}");
}

#[test]
fn an_excerpt_is_short_and_safe_to_show() {
    assert_eq!(excerpt(b"ok\r\n\x1b[31mred\x00"), "ok\n[31mred");
    assert_eq!(excerpt(&[b'x'; MAX_EXCERPT]).len(), MAX_EXCERPT);
    let not_text = excerpt(&[0xff; MAX_EXCERPT]);
    assert!(not_text.len() <= MAX_EXCERPT && not_text.starts_with('\u{fffd}'));
    let umlauts = excerpt(&"ü".repeat(MAX_EXCERPT).into_bytes()[..MAX_EXCERPT]);
    assert_eq!(umlauts.len(), MAX_EXCERPT);
}

#[test]
fn a_request_keeps_path_query_and_host_of_its_url() {
    for (url, target, host) in [
        ("https://a.example", "/", "a.example"),
        ("https://a.example:443/x", "/x", "a.example"),
        (
            "https://A.example:8443/x/y?a=b&c#d",
            "/x/y?a=b&c",
            "a.example:8443",
        ),
        ("http://[::1]:3000/?q={`|^}", "/?q={`|^}", "[::1]:3000"),
        (
            "https://bücher.example/ä b",
            "/%C3%A4%20b",
            "xn--bcher-kva.example",
        ),
    ] {
        let url = Url::parse(url).unwrap_or_else(|why| unreachable!("{why}"));
        let made = request(&url, &HeaderMap::new(), &Bytes::new());
        let made = made.map(|made| {
            let host = made.headers().get(HOST).and_then(|host| host.to_str().ok());
            (made.uri().to_string(), host.map(str::to_owned))
        });
        assert_eq!(made, Ok((target.to_owned(), Some(host.to_owned()))));
    }
}
