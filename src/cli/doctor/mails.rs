//! Checks of the mail settings.

use std::os::unix::fs::PermissionsExt as _;

use rustix::fs::Access;

use super::finding::{Finding, all_of, wrong};
use super::installation::Installation;
use crate::cli::messages::shown;
use crate::config::{Encryption, Settings, Smtp};
use crate::outbound::mail::Mailer;

/// Checks the mail settings. Does not connect to the mail server.
pub(super) fn settings(installation: &Installation<'_>) -> Finding {
    let Ok(settings) = &installation.settings else {
        return Ok("not checked, because the settings are invalid".to_owned());
    };
    if let Err(why) = Mailer::new(settings, "http://localhost") {
        return wrong(format!("{why}; fix it before the next start"));
    }
    match &settings.mail.smtp {
        Some(smtp) => server(smtp),
        None => outbox(installation, settings),
    }
}

fn server(smtp: &Smtp) -> Finding {
    let Smtp { host, port, .. } = smtp;
    match smtp.encryption {
        Encryption::None if smtp.exposes_login() => wrong(format!(
            "the password for {host} is sent unencrypted; use smtp://…?tls=required or smtps://"
        )),
        Encryption::None => Ok(format!("to {host}, port {port}, without encryption")),
        Encryption::StartTls | Encryption::Tls => Ok(format!("to {host}, port {port}, encrypted")),
    }
}

fn outbox(installation: &Installation<'_>, settings: &Settings) -> Finding {
    let folder = installation.common.data_dir().outbox();
    let found = format!(
        "no mail server is set; mails from {} are written to {}",
        settings.mail.from.address,
        shown(&folder)
    );
    let Ok(metadata) = folder.metadata() else {
        return Ok(found);
    };
    let folder_shown = shown(&folder);
    if !metadata.is_dir() {
        return wrong(format!("{folder_shown} is not a folder; move it away"));
    }
    let mut problems = Vec::new();
    if let Err(cause) = rustix::fs::access(&folder, Access::WRITE_OK | Access::EXEC_OK) {
        problems.push(format!(
            "this user cannot write to {folder_shown}: {cause}; change its owner"
        ));
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        problems.push(format!(
            "{folder_shown} is accessible to every user of this machine (mode {mode:o}); run: chmod 700 {folder_shown}"
        ));
    }
    all_of(problems, || found)
}
