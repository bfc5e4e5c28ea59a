//! Delivery of mails: from a sent card to a mail server, or to a file.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::json;
use tackboard::config::{Encryption, Sender, Settings};
use tackboard::outbound::mail::MAX_ATTEMPTS;
use tempfile::TempDir;

use crate::harness::{App, Client, wait_for};
use crate::smtp::MailServer;
use crate::smtp::Reaction::{HangUp, Say, SayBytes, Silence, Usual};

/// The delay factor of tests that wait for retries.
const FAST: f64 = 0.001;
/// The delay factor of tests in which nothing must be retried.
const NEVER: f64 = 1_000.0;

/// A server that sends its mails to this mail server.
fn app(server: &MailServer) -> App {
    App::with(mailing(server, FAST))
}

fn mailing(server: &MailServer, delay_factor: f64) -> impl FnOnce(&mut Settings) + use<> {
    let smtp = server.settings();
    move |settings| {
        settings.mail.smtp = Some(smtp);
        settings.mail.from = "Cards <cards@example.org>".parse().unwrap();
        settings.mail.delay_factor = delay_factor;
    }
}

/// A mail server that delays the first mail.
fn delaying_server() -> MailServer {
    MailServer::start(|asked, nth| match (asked, nth) {
        ("RCPT", 0) => Say("451 later"),
        _ => Usual,
    })
}

/// A card that can be sent.
struct Card {
    client: Client,
    order: serde_json::Value,
}

impl Card {
    fn new(app: &App) -> Self {
        let workspace = app.workspace("teams");
        let client = app.client_of(&workspace);
        let card = json!({ "title": "For {{name}}", "message": "Hello *{{name}}*" });
        let card = client.post("/v1/cards", card).expect(201).id();
        let config =
            json!({ "userId": workspace.owner, "workspaceId": workspace.id, "cardId": card });
        let config = client
            .post("/api/integration/config", config)
            .expect(201)
            .json();
        let order = json!({ "card": card, "integrationId": config["_id"] });
        Self { client, order }
    }

    /// Sends the card and returns the recipient's id.
    fn send(&self, email: &str) -> String {
        let mut order = self.order.clone();
        order["mergeTags"] = json!([{ "name": "Ada", "email": email }]);
        let sent = self.client.post("/api/integration/send-card", order);
        let sent = sent.expect(201).json();
        sent["recipient_id"].as_str().unwrap().to_owned()
    }

    fn send_to(&self, count: usize) -> Vec<String> {
        (0..count)
            .map(|n| self.send(&format!("ada{n}@example.org")))
            .collect()
    }
}

/// A recipient's status and reply, and the number of attempts.
fn state(app: &App, recipient: &str) -> (String, Option<String>, usize) {
    let conn = rusqlite::Connection::open(app.database()).unwrap();
    let sql = "SELECT status, reply, attempts FROM recipient r
                 JOIN mail m ON m.workspace_id = r.workspace_id AND m.recipient_id = r.id WHERE r.id = ?1";
    let id: uuid::Uuid = recipient.parse().unwrap();
    conn.query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
}

fn wait_for_status(app: &App, recipient: &str, status: &str) -> (Option<String>, usize) {
    wait_for(&format!("status {status}"), || {
        let (found, reply, attempts) = state(app, recipient);
        (found == status).then_some((reply, attempts))
    })
}

/// Waits until a mail is delayed, and returns the reply.
fn wait_for_reply(app: &App, recipient: &str) -> String {
    wait_for("a reply", || {
        let (status, reply, _) = state(app, recipient);
        assert_eq!(status, "queued");
        reply
    })
}

fn metric(app: &App, name: &str) -> u64 {
    let text = app.client_with(None).get("/metrics").expect(200).text;
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_card_is_mailed() {
    let server = MailServer::usual();
    let app = app(&server);
    let recipient = Card::new(&app).send(" Ada@Example.org ");
    assert_eq!(wait_for_status(&app, &recipient, "sent"), (None, 1));
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(
        (mail.from.as_str(), mail.to.as_str()),
        ("cards@example.org", "ada@example.org")
    );
    assert_eq!(mail.header("Subject"), "For Ada");
    assert_eq!(
        mail.header("Message-ID"),
        format!("<{recipient}@127.0.0.1>")
    );
    for (name, count) in [("sent", 1), ("failed", 0), ("retried", 0)] {
        assert_eq!(
            metric(&app, &format!("tackboard_mails_{name}_total")),
            count
        );
    }
    assert_eq!(metric(&app, "tackboard_mails_queued"), 0);
}

#[test]
fn without_a_mail_server_a_mail_is_a_file() {
    let app = App::start();
    let recipient = Card::new(&app).send("ada@example.org");
    assert_eq!(wait_for_status(&app, &recipient, "sent"), (None, 1));
    let folder = app.data.path().join("outbox");
    let file = folder.join(format!("{recipient}.eml"));
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    let text = std::fs::read_to_string(file).unwrap();
    assert!(
        text.contains("From: Tackboard <cards@localhost>\r\n"),
        "{text}"
    );
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
}

#[test]
fn a_folder_that_cannot_be_written_puts_a_mail_off() {
    let data = TempDir::new().unwrap();
    std::fs::write(data.path().join("outbox"), "a file").unwrap();
    let app = App::on(data, |settings| settings.mail.delay_factor = FAST);
    let recipient = Card::new(&app).send("ada@example.org");
    let reply = wait_for_reply(&app, &recipient);
    assert!(reply.starts_with("The mail cannot be written"), "{reply}");
    std::fs::remove_file(app.data.path().join("outbox")).unwrap();
    wait_for_status(&app, &recipient, "sent");
}

#[test]
fn a_mail_that_is_put_off_is_tried_again() {
    for command in ["MAIL", "RCPT", "DATA", "TEXT"] {
        let server = MailServer::start(move |asked, nth| match asked == command && nth == 0 {
            true => Say("451 4.7.1 come back later"),
            false => Usual,
        });
        let app = app(&server);
        let recipient = Card::new(&app).send("ada@example.org");
        let (reply, attempts) = wait_for_status(&app, &recipient, "sent");
        assert_eq!((reply, attempts), (None, 2), "{command}");
        assert_eq!(server.count("CONNECT"), 1, "{command}");
        assert_eq!(metric(&app, "tackboard_mails_retried_total"), 1);
    }
}

#[test]
fn a_refused_mail_fails_with_what_the_server_said() {
    for command in ["MAIL", "RCPT", "DATA", "TEXT"] {
        let server = MailServer::start(move |asked, nth| match asked == command && nth == 0 {
            true => Say("550-5.1.1 no\tsuch\u{202e} user\r\n550 5.1.1 \u{1b}[31mhere"),
            false => Usual,
        });
        let app = app(&server);
        let card = Card::new(&app);
        let refused = card.send("ada@example.org");
        let (reply, attempts) = wait_for_status(&app, &refused, "failed");
        let wanted = Some("550 5.1.1 no such user [31mhere".to_owned());
        assert_eq!((reply, attempts), (wanted, 1), "{command}");
        wait_for_status(&app, &card.send("bob@example.org"), "sent");
        assert_eq!(
            server.count("CONNECT"),
            1,
            "{command}: the connection goes on"
        );
        assert_eq!(metric(&app, "tackboard_mails_failed_total"), 1);
    }
}

#[test]
fn a_mail_that_is_taken_in_other_words_goes_out_once() {
    let long = [b"250 ".as_slice(), &b"x".repeat(1_500)].concat();
    for taken in [b"250 angenommen f\xfcr Zustellung".to_vec(), long] {
        let server = MailServer::start(move |asked, _| match asked {
            "CONNECT" => SayBytes(b"220 gr\xfc\xdfe".to_vec()),
            "RCPT" | "TEXT" => SayBytes(taken.clone()),
            _ => Usual,
        });
        let app = app(&server);
        let recipient = Card::new(&app).send("ada@example.org");
        assert_eq!(wait_for_status(&app, &recipient, "sent"), (None, 1));
        assert_eq!(server.mails().len(), 1);
    }
}

#[test]
fn a_mail_that_is_refused_in_other_words_is_refused() {
    let long = [b"550 ".as_slice(), &b"x".repeat(1_500)].concat();
    for refused in [b"550 Empf\xe4nger unbekannt".to_vec(), long] {
        let server = MailServer::start(move |asked, _| match asked {
            "RCPT" => SayBytes(refused.clone()),
            _ => Usual,
        });
        let app = app(&server);
        let recipient = Card::new(&app).send("ada@example.org");
        let (reply, attempts) = wait_for_status(&app, &recipient, "failed");
        assert_eq!(attempts, 1);
        assert!(
            reply.is_some_and(|reply| reply.starts_with("550 ") && reply.chars().count() <= 500)
        );
    }
}

#[test]
fn nonsense_puts_a_mail_off_unless_the_server_has_it() {
    let endless = b"2".repeat(10_000_000);
    for nonsense in [b"OK".to_vec(), endless] {
        for (command, status) in [("RCPT", "queued"), ("TEXT", "failed")] {
            let nonsense = nonsense.clone();
            let server = MailServer::start(move |asked, _| match asked == command {
                true => SayBytes(nonsense.clone()),
                false => Usual,
            });
            let app = App::with(mailing(&server, NEVER));
            let recipient = Card::new(&app).send("ada@example.org");
            let reply = wait_for("a reply", || state(&app, &recipient).1);
            assert_eq!(state(&app, &recipient).0, status, "{reply}");
            assert!(reply.starts_with("The mail server"), "{reply}");
        }
    }
}

#[test]
fn a_mail_is_given_up_after_its_last_try() {
    let server = MailServer::start(|asked, _| match asked {
        "RCPT" => Say("450 mailbox busy"),
        _ => Usual,
    });
    let app = App::with(mailing(&server, 0.0));
    let recipient = Card::new(&app).send("ada@example.org");
    let (reply, attempts) = wait_for_status(&app, &recipient, "failed");
    assert_eq!(reply.as_deref(), Some("450 mailbox busy"));
    assert_eq!(attempts, MAX_ATTEMPTS as usize);
    assert_eq!(server.count("RCPT"), MAX_ATTEMPTS as usize);
}

#[test]
fn a_lost_connection_is_no_answer() {
    for command in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "TEXT"] {
        let server = MailServer::start(move |asked, nth| match asked == command && nth == 0 {
            true => HangUp,
            false => Usual,
        });
        let app = app(&server);
        let recipient = Card::new(&app).send("ada@example.org");
        assert_eq!(
            wait_for_status(&app, &recipient, "sent"),
            (None, 2),
            "{command}"
        );
        // A text whose acceptance was lost arrives twice. Mail programs recognize that it is the same.
        let texts = if command == "TEXT" { 2 } else { 1 };
        let mails = server.mails();
        assert_eq!(mails.len(), texts, "{command}");
        for mail in mails {
            assert!(mail.header("Message-ID").contains(&recipient));
        }
    }
}

#[test]
fn a_silent_server_is_not_waited_for_for_ever() {
    for command in ["CONNECT", "MAIL"] {
        let server = MailServer::start(move |asked, nth| match asked == command && nth == 0 {
            true => Silence,
            false => Usual,
        });
        let app = App::with(|settings| {
            mailing(&server, NEVER)(settings);
            settings.mail.timeout = Duration::from_secs(1);
        });
        let card = Card::new(&app);
        let recipient = card.send("ada@example.org");
        let reply = wait_for_reply(&app, &recipient);
        let end = "The mail server gave no answer in time";
        assert!(reply.ends_with(end), "{reply}");
        app.sql("UPDATE mail SET due_at = 1");
        card.send("bob@example.org");
        assert_eq!(wait_for_status(&app, &recipient, "sent"), (None, 2));
    }
}

#[test]
fn nothing_is_sent_in_the_clear_where_encryption_is_wanted() {
    for encryption in [Encryption::StartTls, Encryption::Tls] {
        let server = MailServer::usual();
        let app = App::with(|settings| {
            mailing(&server, NEVER)(settings);
            let smtp = settings.mail.smtp.as_mut().unwrap();
            smtp.encryption = encryption;
            smtp.login = Some(("ann".to_owned(), "hunter2".parse().unwrap()));
        });
        let recipient = Card::new(&app).send("ada@example.org");
        let reply = wait_for_reply(&app, &recipient);
        assert!(
            reply.starts_with("The mail server is not available: "),
            "{reply}"
        );
        assert_eq!(
            server.count("AUTH") + server.count("MAIL"),
            0,
            "{encryption:?}"
        );
    }
}

#[test]
fn a_server_may_ask_for_name_and_password_one_by_one() {
    let server = MailServer::start(|asked, _| match asked {
        "EHLO" => Say("250-mail.example\r\n250 AUTH LOGIN"),
        "AUTH" => Say("334 VXNlcm5hbWU6"),
        // The test server sees "ann" and "hunter2" as commands: in base64, and in capital letters.
        "YW5U" => Say("334 UGFzc3dvcmQ6"),
        "AHVUDGVYMG==" => Say("235 welcome"),
        _ => Usual,
    });
    let app = App::with(|settings| {
        mailing(&server, FAST)(settings);
        let login = ("ann".to_owned(), "hunter2".parse().unwrap());
        settings.mail.smtp.as_mut().unwrap().login = Some(login);
    });
    let recipient = Card::new(&app).send("ada@example.org");
    assert_eq!(wait_for_status(&app, &recipient, "sent"), (None, 1));
    assert_eq!(server.count("AHVUDGVYMG=="), 1);
}

#[test]
fn a_wrong_password_loses_no_mail() {
    let server = MailServer::start(|asked, nth| match (asked, nth) {
        ("AUTH", 0..3) => Say("535 5.7.8 wrong password"),
        _ => Usual,
    });
    let app = App::with(|settings| {
        mailing(&server, FAST)(settings);
        let login = ("ann".to_owned(), "hunter2".parse().unwrap());
        settings.mail.smtp.as_mut().unwrap().login = Some(login);
    });
    let recipient = Card::new(&app).send("ada@example.org");
    let (_, attempts) = wait_for_status(&app, &recipient, "sent");
    assert_eq!((attempts, server.count("MAIL")), (4, 1));
}

#[test]
fn a_server_that_wants_a_login_first_loses_no_mail() {
    let server = MailServer::start(|asked, nth| match (asked, nth) {
        ("MAIL", 0) => Say("530 5.7.0 Authentication required"),
        _ => Usual,
    });
    let app = app(&server);
    let recipient = Card::new(&app).send("ada@example.org");
    assert_eq!(wait_for_status(&app, &recipient, "sent"), (None, 2));
}

#[test]
fn a_server_that_is_away_is_waited_for() {
    // No other test listens on this address, so the port stays free.
    let host = "127.0.0.77";
    let listener = TcpListener::bind((host, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let app = App::with(|settings| {
        mailing(&MailServer::usual(), FAST)(settings);
        let smtp = settings.mail.smtp.as_mut().unwrap();
        (smtp.host, smtp.port) = (host.to_owned(), port);
    });
    let recipient = Card::new(&app).send("ada@example.org");
    let reply = wait_for_reply(&app, &recipient);
    let start = "The mail server is not available: ";
    assert!(reply.starts_with(start), "{reply}");
    let server = MailServer::on(TcpListener::bind((host, port)).unwrap(), |_, _| Usual);
    wait_for_status(&app, &recipient, "sent");
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn a_connection_that_was_closed_meanwhile_costs_no_try() {
    let server = MailServer::start(|asked, nth| match (asked, nth) {
        ("MAIL", 1) => HangUp,
        ("MAIL", 3) => Say("421 too many mails in one connection"),
        _ => Usual,
    });
    let app = app(&server);
    let card = Card::new(&app);
    for email in ["a@example.org", "b@example.org", "c@example.org"] {
        assert_eq!(wait_for_status(&app, &card.send(email), "sent"), (None, 1));
    }
    assert_eq!((server.count("CONNECT"), server.mails().len()), (3, 3));
}

#[test]
fn an_address_beyond_ascii_needs_a_server_that_takes_it() {
    for (extension, status) in [
        ("250 SIZE 1000", "failed"),
        ("250-SMTPUTF8\r\n250 8BITMIME", "sent"),
    ] {
        let (data, [recipient]) = held(["ädä@example.org"]);
        let server = MailServer::start(move |asked, _| match asked {
            "EHLO" => Say(extension),
            _ => Usual,
        });
        let app = App::on(data, mailing(&server, FAST));
        let (reply, _) = wait_for_status(&app, &recipient, status);
        let told = reply.is_some_and(|reply| reply.contains("SMTPUTF8"));
        assert_eq!(told, status == "failed");
    }
}

#[test]
fn a_sender_beyond_ascii_is_told_to_use_another_address() {
    for (sender, recipient, told) in [
        ("cärds@example.org", "ada@example.org", "an ASCII address"),
        ("cards@example.org", "ädä@example.org", "the recipient's"),
        ("cärds@example.org", "ädä@example.org", "the recipient's"),
    ] {
        let (data, [recipient]) = held([recipient]);
        let server = MailServer::usual();
        let app = App::on(data, |settings| {
            mailing(&server, FAST)(settings);
            settings.mail.from.address = sender.to_owned();
        });
        let (reply, attempts) = wait_for_status(&app, &recipient, "failed");
        assert!(reply.is_some_and(|reply| reply.contains(told)), "{sender}");
        assert_eq!((attempts, server.count("MAIL")), (2, 0));
    }
}

/// A folder with mails to any addresses, which are due at the next start.
fn held<const N: usize>(addresses: [&str; N]) -> (TempDir, [String; N]) {
    let app = App::with(mailing(&MailServer::start(|_, _| HangUp), NEVER));
    let card = Card::new(&app);
    let recipients = std::array::from_fn(|n| card.send(&format!("ada{n}@example.org")));
    for recipient in &recipients {
        wait_for_reply(&app, recipient);
    }
    for (n, address) in addresses.iter().enumerate() {
        app.sql(&format!(
            "UPDATE recipient SET email = '{address}' WHERE email = 'ada{n}@example.org'"
        ));
    }
    app.sql("UPDATE mail SET due_at = 1");
    (app.stop(), recipients)
}

/// Holds mails at the end of their text until it is opened.
#[derive(Default)]
struct Gate {
    state: Mutex<(bool, usize, usize)>,
    changed: Condvar,
}

impl Gate {
    fn server(self: &Arc<Self>) -> MailServer {
        let gate = Arc::clone(self);
        MailServer::start(move |asked, _| {
            if asked == "TEXT" {
                gate.pass();
            }
            Usual
        })
    }

    fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.1 += 1;
        state.2 = state.2.max(state.1);
        self.changed.notify_all();
        state = self.changed.wait_while(state, |state| !state.0).unwrap();
        state.1 -= 1;
    }

    fn open(&self) {
        self.state.lock().unwrap().0 = true;
        self.changed.notify_all();
    }

    /// Waits until this many mails are held.
    fn wait_for(&self, count: usize) {
        wait_for("mails at the gate", || {
            (self.state.lock().unwrap().1 >= count).then_some(())
        });
    }

    /// The maximum number of mails held at once.
    fn most(&self) -> usize {
        self.state.lock().unwrap().2
    }
}

#[test]
fn eight_mails_go_out_at_once_over_connections_that_are_used_again() {
    let gate = Arc::new(Gate::default());
    let server = gate.server();
    let app = app(&server);
    let recipients = Card::new(&app).send_to(30);
    gate.wait_for(8);
    assert_eq!(metric(&app, "tackboard_mails_queued"), 30);
    gate.open();
    for recipient in &recipients {
        assert_eq!(wait_for_status(&app, recipient, "sent"), (None, 1));
    }
    assert_eq!((gate.most(), server.mails().len()), (8, 30));
    assert!(server.count("CONNECT") <= 8, "{}", server.count("CONNECT"));
}

/// Adds copies of a card's queued recipients and their mails, all due at once.
fn add_backlog(app: &App, count: usize) {
    app.sql(&format!(
        "CREATE TEMP TABLE copy AS
           WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})
           SELECT n, randomblob(16) AS id FROM n;
         INSERT INTO recipient (workspace_id, id, card_id, revision, email, email_digest, name, merge_tags, status, created_at)
           SELECT r.workspace_id, copy.id, card_id, revision, 'copy' || n || '@example.org', randomblob(32), name,
                  merge_tags, status, created_at
             FROM copy, (SELECT * FROM recipient WHERE status = 'queued' LIMIT 1) r;
         INSERT INTO mail (workspace_id, recipient_id, due_at, created_at)
           SELECT workspace_id, id, 1, created_at FROM recipient WHERE email LIKE 'copy%'"
    ));
}

#[test]
fn a_large_backlog_of_one_workspace_does_not_hold_up_another() {
    let gate = Arc::new(Gate::default());
    let server = gate.server();
    let app = app(&server);
    let large = Card::new(&app);
    large.send_to(8);
    gate.wait_for(8);
    add_backlog(&app, 1_000);
    let small = Card::new(&app).send("eve@example.org");
    gate.open();
    assert_eq!(wait_for_status(&app, &small, "sent"), (None, 1));
    let mails = server.mails();
    let position = mails.iter().position(|mail| mail.to == "eve@example.org");
    assert!(position.unwrap() < 24, "{position:?} of {}", mails.len());
    let last = large.send("bob@example.org");
    // On a busy machine, the backlog takes longer than a test waits for one thing.
    for sent in (0..=1_000).step_by(100) {
        wait_for("more mails", || {
            (metric(&app, "tackboard_mails_sent_total") >= sent).then_some(())
        });
    }
    wait_for_status(&app, &last, "sent");
}

#[test]
fn a_stop_finishes_what_runs_and_begins_nothing() {
    let gate = Arc::new(Gate::default());
    let server = gate.server();
    let app = app(&server);
    let recipients = Card::new(&app).send_to(20);
    gate.wait_for(8);
    app.begin_stop();
    gate.open();
    let data = app.stop();
    assert_eq!(server.mails().len(), 8);
    let app = App::on(data, mailing(&server, FAST));
    for recipient in &recipients {
        assert_eq!(wait_for_status(&app, recipient, "sent"), (None, 1));
    }
    let mut ids: Vec<_> = server
        .mails()
        .iter()
        .map(|mail| mail.header("Message-ID").to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), server.mails().len()), (20, 20));
}

#[test]
fn a_mail_whose_recipient_goes_meanwhile_ends_there() {
    let gate = Arc::new(Gate::default());
    let server = gate.server();
    let app = app(&server);
    let card = Card::new(&app);
    let erased = card.send("ada@example.org");
    let unsubscribed = card.send("bob@example.org");
    gate.wait_for(2);
    let blob = |id: &str| format!("x'{}'", id.replace('-', ""));
    app.sql(&format!(
        "DELETE FROM recipient WHERE id = {}",
        blob(&erased)
    ));
    app.sql(&format!(
        "INSERT INTO suppression SELECT workspace_id, email_digest, 1 FROM recipient WHERE id = {}",
        blob(&unsubscribed)
    ));
    gate.open();
    wait_for_status(&app, &card.send("eve@example.org"), "sent");
    wait_for("both results", || {
        (metric(&app, "tackboard_mails_sent_total") == 3).then_some(())
    });
    let (status, reply, _) = state(&app, &unsubscribed);
    assert_eq!(
        (status.as_str(), reply.as_deref()),
        ("failed", Some("The recipient has unsubscribed"))
    );
    assert_eq!(app.number("SELECT count(*) FROM mail"), 2);
}

#[test]
fn a_mail_that_was_taken_before_a_death_goes_out_no_second_time() {
    let (data, [taken, waiting]) = held(["ada@example.org", "eve@example.org"]);
    let id: uuid::Uuid = taken.parse().unwrap();
    let journal = data.path().join("outbox.journal");
    std::fs::write(&journal, id.as_bytes()).unwrap();
    let server = MailServer::usual();
    let app = App::on(data, mailing(&server, FAST));
    for recipient in [&taken, &waiting] {
        wait_for_status(&app, recipient, "sent");
    }
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].header("To"), "Ada <eve@example.org>");
    wait_for("an empty journal", || {
        (std::fs::metadata(&journal).unwrap().len() == 0).then_some(())
    });
}

#[test]
fn a_clock_that_was_set_back_holds_no_mail() {
    let server = delaying_server();
    let app = App::with(mailing(&server, NEVER));
    let card = Card::new(&app);
    let waiting = card.send("ada@example.org");
    wait_for_reply(&app, &waiting);
    // A thousand days: longer than any delay, even with the largest factor.
    app.sql("UPDATE mail SET due_at = due_at + 86400000000 WHERE due_at IS NOT NULL");
    card.send("bob@example.org");
    assert_eq!(wait_for_status(&app, &waiting, "sent"), (None, 2));
}

#[test]
fn a_mail_whose_values_cannot_be_read_is_not_sent_with_blanks() {
    let server = delaying_server();
    let app = App::with(mailing(&server, NEVER));
    let card = Card::new(&app);
    let broken = card.send("ada@example.org");
    wait_for_reply(&app, &broken);
    app.sql("UPDATE recipient SET merge_tags = '{\"name\": 1}'; UPDATE mail SET due_at = 1");
    wait_for_status(&app, &card.send("bob@example.org"), "sent");
    wait_for("a second attempt", || {
        let (status, reply, attempts) = state(&app, &broken);
        assert_eq!(status, "queued", "{reply:?}");
        (attempts == 2).then_some(())
    });
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn a_mail_that_cannot_be_written_holds_no_other_up() {
    let (data, [bad, good]) = held(["a b@-", "bob@example.org"]);
    let app = App::on(data, mailing(&MailServer::usual(), FAST));
    wait_for_status(&app, &good, "sent");
    let (reply, _) = wait_for_status(&app, &bad, "failed");
    assert_eq!(reply.as_deref(), Some("a b@- cannot be a mail address"));
}

#[test]
fn a_sender_with_a_hostile_name_is_one_header() {
    let server = MailServer::usual();
    let app = App::with(|settings| {
        mailing(&server, FAST)(settings);
        settings.mail.from = Sender {
            name: "Ann \"the\" 💌, <x@y>".to_owned(),
            address: "ann@example.org".to_owned(),
        };
    });
    wait_for_status(&app, &Card::new(&app).send("ada@example.org"), "sent");
    let mail = &server.mails()[0];
    assert!(
        mail.header("From").ends_with(" <ann@example.org>"),
        "{}",
        mail.header("From")
    );
    assert_eq!(mail.from, "ann@example.org");
}
