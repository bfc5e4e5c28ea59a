//! Mail settings: invalid ones are refused at the start, and no password is ever shown.

use crate::harness::{Folder, Run, run};

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
