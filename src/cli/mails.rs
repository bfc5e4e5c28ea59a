//! `tackboard mail …`

use clap::{Args, Subcommand};
use serde::Serialize;

use super::args;
use super::common::Common;
use crate::config::{Given, Settings};
use crate::error::failure::{Failure, refuse};
use crate::outbound::mail::{Mailer, TestMail};
use crate::store::{db, installation};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Send one test mail with the settings of the server, and print the reply of the mail server
    Test(Box<Test>),
}

#[derive(Args)]
pub(super) struct Test {
    /// Address that the mail is sent to
    #[arg(long, value_parser = args::email, value_name = "ADDRESS")]
    to: String,
    #[command(flatten)]
    _given: Given,
}

/// A test mail, and the mail server that has accepted it.
#[derive(Serialize)]
struct Sent {
    #[serde(flatten)]
    mail: TestMail,
    server: String,
}

pub(super) fn test(common: &Common, options: &Test, given: Given) -> Result<(), Failure> {
    let settings = common.settings(given)?;
    let Some(smtp) = &settings.mail.smtp else {
        return Err(refuse(
            "no mail server is set, so mails are written to outbox/; set one with --smtp-url or TACKBOARD_SMTP_URL",
        ));
    };
    let server = format!("{}:{}", smtp.host, smtp.port);
    let mailer = Mailer::new(&settings, &origin(common, &settings)).map_err(refuse)?;
    let sent = actix_web::rt::System::new().block_on(mailer.send_test(&options.to));
    let mail = sent.map_err(|why| {
        refuse(format!(
            "{server} did not accept the mail to {}: {why}; check the address and the mail settings",
            options.to
        ))
    })?;
    let sent = Sent { mail, server };
    common.show(&sent, || {
        let TestMail {
            from, to, reply, ..
        } = &sent.mail;
        let server = &sent.server;
        format!("{server} accepted a mail from {from} to {to}. Its reply: {reply}")
    })
}

/// The origin of links, as far as it is known: of the settings, or of the last start of the server.
fn origin(common: &Common, settings: &Settings) -> String {
    if let Some(url) = &settings.public_url {
        return url.as_str().to_owned();
    }
    let known = common.database().ok().and_then(|database| {
        let installation = db::read_once(&database, installation::get);
        installation.ok()?.origin
    });
    known.unwrap_or_else(|| format!("http://{}", settings.listen))
}
