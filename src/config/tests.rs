//! Settings from text, and which of them wins.

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
    assert!(
        "https://a.example:8443/"
            .parse::<PublicUrl>()
            .is_ok_and(|url| url.as_str() == "https://a.example:8443")
    );
    for bad in [
        "a.example",
        "ftp://a",
        "https://",
        "https://a/b",
        "https://u@a",
    ] {
        assert!(bad.parse::<PublicUrl>().is_err(), "{bad:?}");
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
