//! Mail settings: invalid ones are refused at the start, and no password is ever shown. `tackboard mail test`.

use serde_json::json;

use crate::harness::{Folder, Run, Server, run};
use crate::smtp::{MailServer, Reaction};

const URL: &str = "smtp://u:hunter2@127.0.0.1:9";
const FROM: &str = "Cards <cards@example.org>";

/// Starts a server that must refuse to start, and returns the message.
fn refused(folder: &Folder, args: &[&str], env: &[(&str, &str)]) -> String {
    let data = folder.path().to_str().unwrap();
    let all = [&["--data", data, "--listen", "127.0.0.1:0"], args].concat();
    let run: Run = run(&all, env);
    assert!(!format!("{run:?}").contains("hunter2"), "{run:?}");
    run.refused()
}

#[test]
fn settings_that_cannot_work_are_refused_before_anything_is_made() {
    let folder = Folder::empty();
    let missing = folder.path().join("missing");
    let missing = missing.to_str().unwrap();
    let broken = folder.path().join("broken.pem");
    std::fs::write(
        &broken,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    let broken = broken.to_str().unwrap();
    let smtps = "smtps://u:hunter2@127.0.0.1:9";
    for (args, why) in [
        (vec!["--smtp-url", URL], "--mail-from"),
        (vec!["--smtp-url", "smtp://u:hunter2@"], "the SMTP URL"),
        (
            vec!["--smtp-url", "https://u:hunter2@h", "--mail-from", FROM],
            "must look like smtp://",
        ),
        (vec!["--smtp-url-file", missing], "cannot be read"),
        (
            vec!["--smtp-url", URL, "--smtp-url-file", missing],
            "both set",
        ),
        (
            vec![
                "--smtp-url",
                smtps,
                "--mail-from",
                FROM,
                "--smtp-ca",
                missing,
            ],
            "smtp_ca",
        ),
        (
            vec![
                "--smtp-url",
                smtps,
                "--mail-from",
                FROM,
                "--smtp-ca",
                broken,
            ],
            "smtp_ca",
        ),
    ] {
        let line = refused(&folder, &args, &[]);
        assert!(line.contains(why), "{args:?}: {line}");
        assert!(!folder.database().exists() || folder.database().metadata().unwrap().len() == 0);
    }
    let env = [("TACKBOARD_SMTP_URL", URL)];
    assert!(refused(&folder, &[], &env).contains("--mail-from"));
    let wrong = run(&["--mail-from", "nobody"], &[]);
    assert!(wrong.misused().contains("must be an address"));
}

#[test]
fn help_shows_no_password() {
    let env = [("TACKBOARD_SMTP_URL", URL), ("TACKBOARD_MAIL_FROM", FROM)];
    let help = run(&["serve", "--help"], &env).ok();
    assert!(help.contains("--smtp-url") && help.contains(FROM), "{help}");
    assert!(!help.contains("hunter2"), "{help}");
}

const TEST: [&str; 4] = ["mail", "test", "--to", "ada@example.org"];

/// Runs `mail test` with the settings in the environment.
fn test_mail(folder: &Folder, server: &MailServer, args: &[&str]) -> Run {
    let url = format!("smtp://u:hunter2@127.0.0.1:{}", server.port);
    let env = [("TACKBOARD_SMTP_URL", &*url), ("TACKBOARD_MAIL_FROM", FROM)];
    let data = folder.path().to_str().unwrap();
    let run = run(&[&["--data", data], &TEST[..], args].concat(), &env);
    assert!(!format!("{run:?}").contains("hunter2"), "{run:?}");
    run
}

#[test]
fn a_test_mail_is_sent_and_the_reply_is_shown() {
    let folder = Folder::new();
    let server = MailServer::start(|what, _| match what {
        "TEXT" => Reaction::Say("250 2.0.0 queued as 4711"),
        _ => Reaction::Usual,
    });
    let place = format!("127.0.0.1:{}", server.port);
    let out = test_mail(&folder, &server, &[]).ok();
    assert_eq!(
        out,
        format!(
            "{place} accepted a mail from cards@example.org to ada@example.org. Its reply: 250 2.0.0 queued as 4711\n"
        )
    );
    let mails = server.mails();
    let [mail] = mails.as_slice() else {
        panic!("{mails:?}");
    };
    assert_eq!(
        (mail.from.as_str(), mail.to.as_str()),
        ("cards@example.org", "ada@example.org")
    );
    assert_eq!(mail.header("From"), "Cards <cards@example.org>");
    assert_eq!(mail.header("Subject"), "Test mail of Tackboard");
    assert_eq!((server.count("AUTH"), server.count("QUIT")), (1, 1));
    let told = test_mail(&folder, &server, &["--json"]).json();
    let id = told["id"].as_str().unwrap();
    assert!(server.mails()[1].header("Message-ID").contains(id));
    assert_eq!(
        told,
        json!({
            "id": id, "from": "cards@example.org", "to": "ada@example.org", "server": place,
            "reply": "250 2.0.0 queued as 4711",
        })
    );
}

#[test]
fn a_test_mail_takes_the_settings_of_the_server_from_everywhere() {
    let folder = Folder::empty();
    let (server, other) = (MailServer::usual(), MailServer::usual());
    let settings = format!(
        "smtp_url = \"smtp://127.0.0.1:{}\"\nmail_from = \"file@example.org\"\n",
        server.port
    );
    std::fs::write(folder.path().join("tackboard.toml"), settings).unwrap();
    folder.run("mail test --to ada@example.org").ok();
    assert_eq!(server.mails()[0].from, "file@example.org");
    let flag = format!("smtp://127.0.0.1:{}", other.port);
    let before = format!("--smtp-url {flag} mail test --to ada@example.org");
    let after = format!("mail test --to ada@example.org --smtp-url {flag}");
    folder.run(&before).ok();
    folder.run(&after).ok();
    assert_eq!((server.mails().len(), other.mails().len()), (1, 2));
}

#[test]
fn a_test_mail_works_while_the_server_runs() {
    let folder = Folder::new();
    let running = Server::start(&folder);
    let server = MailServer::usual();
    test_mail(&folder, &server, &[]).ok();
    let text = server.mails()[0].text.replace("=\r\n", "");
    assert!(text.contains(running.origin()), "{text}");
}

#[test]
fn a_test_mail_that_is_not_accepted_is_a_failure() {
    let folder = Folder::new();
    let none = folder.run("mail test --to ada@example.org").refused();
    assert!(none.starts_with("no mail server is set"), "{none}");
    for (at, say) in [
        ("CONNECT", "554 5.3.2 no service"),
        ("AUTH", "535 5.7.8 wrong login"),
        ("RCPT", "550 5.1.1 unknown user"),
        ("TEXT", "451 4.7.1 try later"),
    ] {
        let server = MailServer::start(move |what, _| match what == at {
            true => Reaction::Say(say),
            false => Reaction::Usual,
        });
        let line = test_mail(&folder, &server, &[]).refused();
        assert!(
            line.contains(say) && line.contains("did not accept"),
            "{line}"
        );
    }
    let gone = MailServer::start(|_, _| Reaction::HangUp);
    let line = test_mail(&folder, &gone, &["--json"]).refused();
    assert!(line.contains("closed the connection"), "{line}");
    folder.run("mail test").misused();
    folder.run("mail test --to nobody").misused();
    folder.run("mail").misused();
    let wrong = ["--smtp-url", "smtp://h"];
    let data = folder.path().to_str().unwrap();
    let line = run(&[&["--data", data], &TEST[..], &wrong].concat(), &[]).refused();
    assert!(line.contains("--mail-from"), "{line}");
}
