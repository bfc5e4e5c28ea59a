//! Tests of parsing the mail server's URL and the sender.

use super::*;

fn smtp(url: &str) -> Smtp {
    url.parse()
        .unwrap_or_else(|why| unreachable!("{url}: {why}"))
}

#[test]
fn a_url_says_where_and_how() {
    use Encryption::{None as Plain, StartTls, Tls};
    for (url, host, port, encryption) in [
        ("smtp://localhost", "localhost", 25, Plain),
        ("smtp://localhost:2525/", "localhost", 2525, Plain),
        (
            "smtp://mail.example.org?tls=required",
            "mail.example.org",
            587,
            StartTls,
        ),
        (
            "smtp://u:p@mail.example.org",
            "mail.example.org",
            587,
            Plain,
        ),
        ("smtps://u:p@mail.example.org", "mail.example.org", 465, Tls),
        ("smtp://[::1]:1025?tls=required", "::1", 1025, StartTls),
        ("smtps://[2001:db8::1]", "2001:db8::1", 465, Tls),
        ("smtp://192.0.2.1", "192.0.2.1", 25, Plain),
        ("SMTP://Mail.Example.ORG?", "mail.example.org", 25, Plain),
        ("smtp://mail_relay-1", "mail_relay-1", 25, Plain),
        ("smtps://bücher.example", "xn--bcher-kva.example", 465, Tls),
    ] {
        let read = smtp(url);
        assert_eq!(
            (read.host.as_str(), read.port, read.encryption),
            (host, port, encryption),
            "{url}"
        );
    }
}

#[test]
fn user_and_password_are_percent_encoded() {
    let read = smtp("smtp://ann%40example.org:p%3Aa%2Fs%C3%A9%25@mail.example.org");
    let (user, password) = read.login.unwrap_or_default();
    assert_eq!(
        (user.as_str(), password.expose()),
        ("ann@example.org", "p:a/sé%")
    );
    for (login, user, password) in [
        ("ann@example.org:p:q", "ann@example.org", "p:q"),
        ("ann:p^{|}\"é+%2B", "ann", "p^{|}\"é++"),
    ] {
        let read = smtp(&format!("smtp://{login}@mail.example.org"));
        let read = read.login.unwrap_or_default();
        assert_eq!((read.0.as_str(), read.1.expose()), (user, password));
    }
}

#[test]
fn what_is_no_url_is_refused_and_never_shown() {
    for url in [
        "",
        "hunter2",
        "http://u:hunter2@host",
        "smtp://",
        "smtp://u:hunter2@",
        "smtp://u:hunter2@host:0",
        "smtp://u:hunter2@host:65536",
        "smtp://u:hunter2@host:port",
        "smtp://u:hunter2@::1",
        "smtp://u:hunter2@[::1",
        "smtp://u:hunter2@[host]",
        "smtp://u:hunter2@[::1]25",
        "smtp://u:hunter2@ho st",
        "smtp://u:hunter2@host/path",
        "smtp://u:hunter2@host#x",
        "smtp://u:25/hunter2@host",
        "smtp://u:25?hunter2@host",
        "smtp://u:25#hunter2@host",
        "smtp://u:hunter2/@host",
        "smtp:u:hunter2@host",
        "smtp:/u:hunter2@host",
        "lmtp://u:hunter2@host",
        "smtp://u:hunter2@1.2.3.4.5",
        "smtp://u:hunter2@host?tls=no",
        "smtp://u:hunter2@host?tls=required&timeout=5",
        "smtp://u:hunter2@host?starttls=required",
        "smtps://u:hunter2@host?tls=required",
        "smtp://@host",
        "smtp://:@host",
        "smtp://u:hunter2\n3@host",
        "smtp://hunter2@host",
        "smtp://:hunter2@host",
        "smtp://u:@host",
        "smtp://u:hunter2%zz@host",
        "smtp://u:hunter2%+1@host",
        "smtp://u:hunter2%ff@host",
        "smtp://u:hunter2%0d%0a@host",
        "smtp://u:hunter2%2@host",
    ] {
        let why = url.parse::<Smtp>().err().unwrap_or_default();
        assert!(!why.is_empty(), "{url:?} was taken");
        assert!(!why.contains("hunter2"), "{url:?}: {why}");
    }
    let shown = format!("{:?}", smtp("smtp://u:hunter2@host"));
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_sender_has_a_name_and_an_address() {
    for (text, name, address) in [
        ("Cards <Cards@Example.org>", "Cards", "cards@example.org"),
        ("\"Ann, Ltd\" <a@b>", "Ann, Ltd", "a@b"),
        (" a@b ", "", "a@b"),
        ("<a@b>", "", "a@b"),
    ] {
        let sender = text.parse::<Sender>();
        let wanted = Sender {
            name: name.to_owned(),
            address: address.to_owned(),
        };
        assert_eq!(sender, Ok(wanted), "{text}");
    }
    for bad in [
        "",
        "Ann",
        "Ann <a>",
        "Ann <a@b",
        "a@b\r\nBcc: c@d",
        "A\nB <a@b>",
        "A <x> <a@b>",
        "a@b, c@d",
    ] {
        assert!(bad.parse::<Sender>().is_err(), "{bad:?}");
    }
}

fn given(toml: &str) -> Given {
    toml::from_str(toml).unwrap_or_else(|why| unreachable!("{why}"))
}

#[test]
fn flags_win_over_the_file_and_a_server_needs_a_sender() {
    let file = given("smtp_url = 'smtp://file.example.org'\nmail_from = 'File <f@example.org>'");
    let flags = given("smtp_url = 'smtp://flag.example.org'");
    let mail = MailSettings::new(&flags, &file).unwrap_or_default();
    assert_eq!(
        mail.smtp.map(|smtp| smtp.host).as_deref(),
        Some("flag.example.org")
    );
    assert_eq!(mail.from.name, "File");

    let none = MailSettings::new(&Given::default(), &Given::default());
    assert!(none.is_ok_and(|mail| mail.smtp.is_none() && mail.from == Sender::default()));
    let unsent = MailSettings::new(&flags, &Given::default())
        .err()
        .unwrap_or_default();
    assert!(unsent.contains("--mail-from"), "{unsent}");
}

#[test]
fn a_url_can_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap_or_else(|why| unreachable!("{why}"));
    let path = folder.path().join("url");
    let file = given(&format!(
        "smtp_url_file = '{}'\nmail_from = 'a@b'",
        path.display()
    ));
    let missing = MailSettings::new(&Given::default(), &file)
        .err()
        .unwrap_or_default();
    assert!(
        missing.contains("smtp_url_file") && missing.contains("cannot be read"),
        "{missing}"
    );
    assert!(std::fs::write(&path, "smtp://in.example.org\n").is_ok());
    let mail = MailSettings::new(&Given::default(), &file).unwrap_or_default();
    assert_eq!(
        mail.smtp.map(|smtp| smtp.host).as_deref(),
        Some("in.example.org")
    );
    let both = Given {
        smtp_url: Some(Secret("smtp://x".to_owned())),
        ..file
    };
    assert!(MailSettings::new(&both, &Given::default()).is_err());
}

#[test]
fn a_file_of_certificates_must_hold_one() {
    let folder = tempfile::tempdir().unwrap_or_else(|why| unreachable!("{why}"));
    let path = folder.path().join("ca.pem");
    assert!(std::fs::write(&path, "not one").is_ok());
    let file = given(&format!(
        "smtp_url = 'smtps://h'\nsmtp_ca = '{}'\nmail_from = 'a@b'",
        path.display()
    ));
    let why = MailSettings::new(&Given::default(), &file)
        .err()
        .unwrap_or_default();
    assert!(why.contains("contains no PEM certificate"), "{why}");
}

#[test]
fn a_broken_settings_file_does_not_show_its_password() {
    let folder = tempfile::tempdir().unwrap_or_else(|why| unreachable!("{why}"));
    let path = folder.path().join("tackboard.toml");
    for broken in [
        "workers = 2\nsmtp_url = smtp://u:hunter2@h\n",
        "workers = 2\nsmtp_url = 'smtp://u:hunter2@h\n",
        "workers = 2\nsmtp_url = ['smtp://u:hunter2@h']\n",
        "workers = 2\nsmtp_ulr = 'smtp://u:hunter2@h'\n",
    ] {
        assert!(std::fs::write(&path, broken).is_ok());
        let why = Given::from_file(&path).err().unwrap_or_default();
        assert!(why.contains("line 2") && !why.contains("hunter2"), "{why}");
    }
}
