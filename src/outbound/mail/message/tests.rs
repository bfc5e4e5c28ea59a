//! Tests of rendered mails: their contents, and that no letter can break them.

use super::*;
use crate::model::cards::{Cover, Edition};
use crate::model::ids::{RecipientId, WorkspaceId};
use crate::model::mails::MailContent;
use crate::model::merge_tags::Values;
use crate::model::recipients::Delivery;
use crate::model::time::Timestamp;

pub(crate) fn renderer() -> MessageRenderer {
    let sender = "Cards <cards@example.org>".parse().unwrap_or_default();
    MessageRenderer::new("https://cards.example.org:8443", &sender)
        .unwrap_or_else(|why| unreachable!("{why}"))
}

pub(crate) fn letter(name: &str, email: &str) -> Letter {
    Letter {
        recipient_id: RecipientId::random().unwrap_or_else(|why| unreachable!("{why}")),
        workspace_id: WorkspaceId::new(),
        email: email.to_owned(),
        name: name.to_owned(),
        values: Values::from([("name".to_owned(), name.to_owned())]),
        edition: Edition {
            title: "For {{name}}".to_owned(),
            message: "Hi **{{name}}**, <b>look</b>".to_owned(),
            cover: Some(Cover::Elsewhere("https://img.example.org/a.png".to_owned())),
            accent_color: "#2563eb".to_owned(),
            subject: None,
            sender_name: None,
        },
        status: Delivery::Queued,
        unsubscribed_at: None,
    }
}

pub(crate) fn mail_to(letter: &Letter) -> Mail {
    Mail {
        seq: 1,
        workspace_id: letter.workspace_id,
        content: MailContent::Card(letter.recipient_id),
        from_address: None,
        from_name: None,
        attempts: 0,
        created_at: Timestamp::from_millis(1_705_314_600_000),
        request_id: None,
    }
}

fn rendered(letter: &Letter) -> String {
    let message = renderer().render(&mail_to(letter), letter);
    let message = message.unwrap_or_else(|why| unreachable!("{why}"));
    String::from_utf8(message.bytes).unwrap_or_default()
}

/// The lines of a header, unfolded.
fn header(text: &str, name: &str) -> Vec<String> {
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let start = format!("{}: ", name.to_lowercase());
    head.split("\r\n")
        .filter(|line| line.to_lowercase().starts_with(&start))
        .map(|line| line[start.len()..].to_owned())
        .collect()
}

#[test]
fn a_mail_has_its_headers_and_links() {
    let letter = letter("Ada", "ada@example.org");
    let (text, id) = (rendered(&letter), letter.recipient_id);
    for (name, value) in [
        ("From", "Cards <cards@example.org>".to_owned()),
        ("To", "Ada <ada@example.org>".to_owned()),
        ("Subject", "For Ada".to_owned()),
        ("Date", "Mon, 15 Jan 2024 10:30:00 +0000".to_owned()),
        ("Message-ID", format!("<{id}@cards.example.org>")),
        (
            "List-Unsubscribe",
            format!("<https://cards.example.org:8443/unsubscribe/{id}>"),
        ),
        (
            "List-Unsubscribe-Post",
            "List-Unsubscribe=One-Click".to_owned(),
        ),
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("MIME-Version", "1.0".to_owned()),
    ] {
        assert_eq!(header(&text, name), [value], "{name}");
    }
    let unbroken = text.replace("=\r\n", "").replace("=3D", "=");
    for link in ["view", "api/analytics/fetchImage", "unsubscribe"] {
        let link = format!("https://cards.example.org:8443/{link}/{id}");
        assert!(unbroken.contains(&link), "{link}");
    }
    assert!(unbroken.contains("src=\"https://img.example.org/a.png\""));
    assert!(unbroken.contains("Ada</bdi></strong>") && unbroken.contains("&lt;b&gt;look"));
}

#[test]
fn nothing_in_a_letter_breaks_a_mail() {
    let long = "x".repeat(10_000);
    let wide = "Ž".repeat(10_000);
    for hostile in [
        "a\r\nBcc: eve@example.org",
        "a\nBcc: eve@example.org\n\nbody",
        "\0\u{1}\u{7f}\u{9b}\u{2028}\u{202e}\u{feff}",
        "\" <eve@example.org>, \"",
        "=?utf-8?q?=0D=0ABcc=3A_eve?=",
        "山田 太郎, (Ω) שלום 👩‍👧",
        "a\\b\"c",
        "--boundary\r\n.\r\nQUIT",
        "\r.\r",
        "",
        &long,
        &wide,
    ] {
        let mut letter = letter(hostile, "ada@example.org");
        letter.edition.sender_name = Some(hostile.to_owned());
        letter.edition.subject = Some("{{name}}".to_owned());
        let text = rendered(&letter);
        assert!(header(&text, "bcc").is_empty(), "{hostile:?}");
        for name in ["From", "To", "Subject"] {
            assert_eq!(header(&text, name).len(), 1, "{name} of {hostile:?}");
        }
        let to = header(&text, "To").concat();
        assert!(
            to.ends_with("<ada@example.org>") || to == "ada@example.org",
            "{to}"
        );
        assert!(text.is_ascii(), "{hostile:?}");
        assert!(
            !text.replace("\r\n", "").contains(['\r', '\n', '\0']),
            "{hostile:?}"
        );
        for line in text.split("\r\n") {
            assert!(line.len() <= 998, "{hostile:?}: a line of {}", line.len());
        }
        let subject = header(&text, "Subject").concat();
        assert!(!subject.starts_with("=?utf-8?q?=0D"), "{subject}");
    }
}

#[test]
fn a_name_is_quoted_unless_it_is_an_atom() {
    let long = "a.".repeat(50);
    let quoted = format!("\"{long}\"");
    for (name, phrase) in [
        ("Ada", "Ada"),
        ("Ada-Zo_3", "Ada-Zo_3"),
        ("Ada Byron", "\"Ada Byron\""),
        ("Booking.com", "\"Booking.com\""),
        ("Dr. Who", "\"Dr. Who\""),
        (".", "\".\""),
        (".Dot", "\".Dot\""),
        ("a..b", "\"a..b\""),
        ("a.\\\"", "\"a.\\\\\\\"\""),
        ("Zoë.com", "=?utf-8?b?Wm/Dqy5jb20=?="),
        (&long, &quoted),
    ] {
        let mut letter = letter(name, "ada@example.org");
        letter.edition.sender_name = Some(name.to_owned());
        let text = rendered(&letter);
        for (header_name, address) in [("From", "cards@example.org"), ("To", "ada@example.org")] {
            let wanted = format!("{phrase} <{address}>");
            assert_eq!(header(&text, header_name), [wanted], "{name}");
        }
    }
}

#[test]
fn an_account_and_a_sender_say_whom_it_is_from() {
    let mut letter = letter("Ada", "ada@example.org");
    let mut mail = mail_to(&letter);
    let from = |mail: &Mail, letter: &Letter| {
        let message = renderer()
            .render(mail, letter)
            .unwrap_or_else(|why| unreachable!("{why}"));
        (
            header(&String::from_utf8_lossy(&message.bytes), "From").concat(),
            message.from.to_string(),
        )
    };
    mail.from_address = Some("shop@example.net".to_owned());
    let shop = "shop@example.net".to_owned();
    assert_eq!(from(&mail, &letter), (shop.clone(), shop.clone()));
    mail.from_name = Some("The Shop".to_owned());
    assert_eq!(
        from(&mail, &letter),
        ("\"The Shop\" <shop@example.net>".to_owned(), shop.clone())
    );
    letter.edition.sender_name = Some("Grace".to_owned());
    assert_eq!(
        from(&mail, &letter),
        ("Grace <shop@example.net>".to_owned(), shop)
    );
    mail.from_address = None;
    assert_eq!(from(&mail, &letter).0, "Grace <cards@example.org>");
}

#[test]
fn an_address_that_cannot_be_one_is_a_reason() {
    for (email, to) in [
        ("ada@bücher.example", Some("ada@xn--bcher-kva.example")),
        ("ädä@example.org", Some("ädä@example.org")),
        ("ada@[192.0.2.1]", Some("ada@[192.0.2.1]")),
        ("ada@-", None),
        ("a\"b@example.org", None),
        ("ada@exa mple.org", None),
        ("ada@example.org>\r\nrset", None),
        ("@", None),
        ("", None),
    ] {
        let letter = letter("Ada", email);
        let message = renderer().render(&mail_to(&letter), &letter);
        let address = message.map(|message| message.to.to_string());
        match to {
            Some(to) => assert_eq!(address.as_deref(), Ok(to)),
            None => assert!(
                address.is_err_and(|why| why.contains("cannot be a mail address")),
                "{email}"
            ),
        }
    }
}

#[test]
fn a_cover_cannot_leave_its_attribute() {
    let mut letter = letter("Ada", "ada@example.org");
    let url = "https://img.example.org/\"><script>?a=1&b='2'";
    letter.edition.cover = Some(Cover::Elsewhere(url.to_owned()));
    let text = rendered(&letter).replace("=\r\n", "").replace("=3D", "=");
    assert!(
        text.contains("src=\"https://img.example.org/&quot;&gt;&lt;script&gt;?a=1&amp;b='2'\"")
    );
}

#[test]
fn the_ink_can_be_read_on_the_button() {
    for (color, ink) in [
        ("#000000", "#ffffff"),
        ("#ffffff", "#000000"),
        ("#2563eb", "#ffffff"),
        ("#facc15", "#000000"),
        ("", "#ffffff"),
    ] {
        assert_eq!(ink_on(color), ink, "{color}");
    }
}

#[test]
fn the_host_is_without_a_port() {
    for (origin, host) in [
        ("https://a.example", "a.example"),
        ("http://127.0.0.1:8080", "127.0.0.1"),
        ("http://[::1]:8080", "[::1]"),
        ("http://[::1]", "[::1]"),
    ] {
        let renderer = MessageRenderer::new(origin, &Sender::default());
        assert!(renderer.is_ok_and(|s| s.host() == host), "{origin}");
    }
}
