//! Tests of parsing settings, and of their precedence.

use super::*;

#[test]
fn sizes_and_times_have_units() {
    assert_eq!("1MiB".parse(), Ok(Size(1_048_576)));
    assert_eq!("4096".parse(), Ok(Size(4096)));
    assert_eq!("500ms".parse(), Ok(Span(Duration::from_millis(500))));
    assert_eq!("30".parse(), Ok(Span(Duration::from_secs(30))));
    for bad in ["", "0", "x", "1 XB", "-1s", "99999999999999999999m"] {
        assert!(
            bad.parse::<Size>().is_err() && bad.parse::<Span>().is_err(),
            "{bad:?}"
        );
    }
}

#[test]
fn a_public_url_is_an_origin() {
    for (text, origin) in [
        ("https://a.example:8443/", "https://a.example:8443"),
        ("HTTPS://A.Example", "https://a.example"),
        ("https://a.example:443", "https://a.example"),
        ("http://a.example:80/", "http://a.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://localhost", "http://localhost"),
    ] {
        let url = text.parse::<PublicUrl>();
        assert_eq!(url.as_ref().map(PublicUrl::as_str), Ok(origin), "{text}");
    }
    for (bad, why) in [
        ("", "relative URL"),
        ("a.example", "relative URL"),
        ("ftp://a", "an origin such as"),
        ("https:a.example", "an origin such as"),
        ("https:///a.example", "an origin such as"),
        ("https://@a.example", "an origin such as"),
        (" https://a.example", "an origin such as"),
        ("https://a.exam\nple", "an origin such as"),
        ("https://", "empty host"),
        ("https://:8080", "empty host"),
        ("https://a b", "invalid international domain name"),
        ("https://[::1", "invalid IPv6 address"),
        ("https://a:99999", "invalid port number"),
        ("https://a:0", "without port 0"),
        ("https://a/b", "without a path"),
        ("https://a//", "without a path"),
        ("https://a?", "without a query"),
        ("https://a/?x=y", "without a query"),
        ("https://a#", "without a fragment"),
        ("https://u@a", "without a user or password"),
        ("https://:p@a/b", "without a user or password"),
    ] {
        let refused = bad.parse::<PublicUrl>().err().unwrap_or_default();
        assert!(refused.contains(why), "{bad:?}: {refused:?}");
    }
}

#[test]
fn a_cors_origin_is_an_origin_or_a_star() {
    let origin = |text: &str| text.parse().map(|Origin(origin)| origin);
    assert_eq!(origin("*").as_deref(), Ok("*"));
    assert_eq!(
        origin("https://Shop.example:443/").as_deref(),
        Ok("https://shop.example")
    );
    for bad in ["", "null", "shop.example", "https://shop.example/path"] {
        assert!(origin(bad).is_err(), "{bad}");
    }
}

#[test]
fn flags_win_over_the_file_and_an_unknown_key_is_named() {
    let file: Given =
        toml::from_str("listen = '0.0.0.0:1'\nbody_limit = '2MiB'").unwrap_or_default();
    let flags = Given {
        listen: Some("127.0.0.1:2".to_owned()),
        ..Given::default()
    };
    let settings = Settings::new(PathBuf::from("x"), flags, file);
    assert_eq!(
        (settings.listen.as_str(), settings.body_limit),
        ("127.0.0.1:2", 2 << 20)
    );
    for wrong in [
        "workers = 0",
        "burst_per_second = 0",
        "keep_days = 0",
        "card_days = 40000",
        "card_days = -1",
        "cors_origin = ['nonsense value']",
    ] {
        assert!(toml::from_str::<Given>(wrong).is_err(), "{wrong}");
    }
    let unknown = toml::from_str::<Given>("lissten = 'x'").map_err(|cause| cause.to_string());
    assert!(unknown.is_err_and(|message| message.contains("lissten")));
}
