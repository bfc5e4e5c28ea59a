//! What can be wrong with the way that mails go out.

use std::os::unix::fs::PermissionsExt as _;

use rustix::fs::Access;

use super::finding::{Finding, all_of, wrong};
use crate::cli::common::Common;
use crate::cli::messages::shown;
use crate::config::{Encryption, Given, Settings, Smtp};
use crate::outbound::mail::Mailer;

/// Whether mails can go out as the settings want it. The mail server is not asked.
pub(super) fn settings(common: &Common) -> Finding {
    let Ok(settings) = common.settings(Given::default()) else {
        return Ok("not known while the settings are wrong".to_owned());
    };
    if let Err(why) = Mailer::new(&settings, "http://localhost") {
        return wrong(format!("{why}; correct it before the next start"));
    }
    match &settings.mail.smtp {
        Some(smtp) => server(smtp),
        None => outbox(common, &settings),
    }
}

fn server(smtp: &Smtp) -> Finding {
    let Smtp { host, port, .. } = smtp;
    let local = host == "localhost"
        || host
            .parse()
            .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    match smtp.encryption {
        Encryption::None if smtp.login.is_some() && !local => wrong(format!(
            "the password for {host} goes out in the clear; use smtp://…?tls=required or smtps://"
        )),
        Encryption::None => Ok(format!("to {host}, port {port}, without encryption")),
        Encryption::StartTls | Encryption::Tls => Ok(format!("to {host}, port {port}, encrypted")),
    }
}

fn outbox(common: &Common, settings: &Settings) -> Finding {
    let folder = common.data_dir().outbox();
    let found = format!(
        "no mail server is set, so mails from {} become files in {}",
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
            "{folder_shown} cannot be written by this user: {cause}; change its owner"
        ));
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        problems.push(format!(
            "{folder_shown} is open to every user of this machine (mode {mode:o}); run: chmod 700 {folder_shown}"
        ));
    }
    all_of(problems, || found)
}
