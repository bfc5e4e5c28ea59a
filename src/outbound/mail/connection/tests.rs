//! Tests with servers that send any kind of reply.

use super::*;
use tokio::io::duplex;

/// The result of a command after this reply.
fn result_of(answer: &[u8]) -> Result<SmtpReply, ConnectionError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.unwrap_or_else(|why| unreachable!("{why}"));
    runtime.block_on(async {
        let (mut server, client) = duplex(answer.len() + 100);
        server.write_all(answer).await?;
        server.shutdown().await?;
        let mut connection = SmtpConnection::new(client);
        connection.command("NOOP", Expected::Completion).await
    })
}

#[test]
fn only_the_digits_of_a_reply_count() {
    let long = [b"250 ".as_slice(), &b"x".repeat(60_000), b"\r\n"].concat();
    for taken in [
        b"250 ok\r\n".as_slice(),
        b"250\r\n",
        b"250 \n",
        b"250 angenommen f\xfcr Zustellung\r\n",
        b"250-\xff\xfe\r\n250 ok\r\n",
        b"299-more\r\n250 the last line counts\r\n",
        &long,
    ] {
        let reply = result_of(taken);
        assert!(reply.is_ok(), "{:?}", String::from_utf8_lossy(taken));
    }
}

#[test]
fn a_rejection_may_have_any_text() {
    let long = [b"550 ".as_slice(), &b"x".repeat(60_000), b"\r\n"].concat();
    for (answer, code) in [
        (b"550 no\r\n".as_slice(), 550),
        (b"450\n", 450),
        (b"599 unbekannter Empf\xe4nger\r\n", 599),
        (&long, 550),
    ] {
        let reply = result_of(answer);
        assert!(matches!(reply, Err(ConnectionError::Rejected(reply)) if reply.code == code));
    }
}

#[test]
fn an_unreadable_reply_differs_from_none() {
    let endless = b"2".repeat(100_000);
    let lines = b"250-more\r\n".repeat(10_000);
    for nonsense in [
        b"\r\n".as_slice(),
        b"OK\r\n",
        b"25\r\n",
        b"+25 ok\r\n",
        b"2500 ok\r\n",
        b"\xff\xff\xff\r\n",
        b"150 wait\r\n",
        b"354 go on\r\n",
        b"000 no\r\n",
        &endless,
        &lines,
    ] {
        let reply = result_of(nonsense);
        let start = &nonsense[..nonsense.len().min(9)];
        assert!(
            matches!(reply, Err(ConnectionError::Unreadable)),
            "{start:?}"
        );
    }
    for none in [b"".as_slice(), b"25", b"250 o", b"250-more\r\n"] {
        assert!(
            matches!(result_of(none), Err(ConnectionError::Lost(_))),
            "{none:?}"
        );
    }
}

#[test]
fn a_reply_is_shown_in_one_line() {
    for (answer, told) in [
        (b"550 no\r\n".as_slice(), "550 no"),
        (b"550\r\n", "550 "),
        (
            b"550-5.1.1 no such\r\n550 5.1.1 user\r\n",
            "550 5.1.1 no such user",
        ),
        (b"550-no\r\n550 no\r\n", "550 no no"),
        (b"550-5.7.2 a\r\n550 5.7.25 b\r\n", "550 5.7.2 a 5.7.25 b"),
        (b"550 f\xfcr\r\n", "550 f\u{fffd}r"),
    ] {
        match result_of(answer) {
            Err(ConnectionError::Rejected(reply)) => assert_eq!(reply.to_string(), told),
            other => unreachable!("{other:?}"),
        }
    }
}

#[test]
fn no_line_of_a_message_ends_it() {
    for (text, sent) in [
        ("a\r\n", "a\r\n.\r\n"),
        ("a", "a\r\n.\r\n"),
        ("", "\r\n.\r\n"),
        (".\r\n..b\r\nc.\r\n", "..\r\n...b\r\nc.\r\n.\r\n"),
        ("a\r\n.", "a\r\n..\r\n.\r\n"),
    ] {
        let sent_now = dot_stuffed(text.as_bytes());
        assert_eq!(String::from_utf8_lossy(&sent_now), sent, "{text:?}");
    }
}

#[test]
fn an_extension_is_found_by_its_whole_name() {
    let (client, _server) = duplex(1);
    let mut connection = SmtpConnection::new(client);
    connection.extensions = [
        "mail.example",
        "SIZE 1000",
        "auth=plain LOGIN",
        "SMTPUTF8X",
        "é",
    ]
    .map(str::to_owned)
    .to_vec();
    for (name, rest) in [
        ("SIZE", Some(" 1000")),
        ("AUTH", Some("=plain LOGIN")),
        ("SMTPUTF8", None),
        ("STARTTLS", None),
    ] {
        assert_eq!(connection.extension(name), rest, "{name}");
    }
}
