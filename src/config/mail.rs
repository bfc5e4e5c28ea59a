//! Mail settings: the mail server and the default sender.

use std::path::Path;
use std::time::Duration;

pub use self::smtp::{Encryption, Smtp};
use super::given::Given;
use super::values::{Secret, Sender};

mod smtp;

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The mail server. Without one, mails are written to files.
    pub smtp: Option<Smtp>,
    /// The sender of cards without a sending address.
    pub from: Sender,
    /// The factor for the delays between attempts: 1, except in tests.
    pub delay_factor: f64,
    /// Timeout for replies of the mail server.
    pub timeout: Duration,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            smtp: None,
            from: Sender::default(),
            delay_factor: 1.0,
            timeout: Duration::from_secs(60),
        }
    }
}

impl MailSettings {
    /// Combines flags and environment with the settings file, and reads the files that they name.
    ///
    /// # Errors
    /// A message that names the invalid setting. It contains no secret.
    pub fn new(flags: &Given, file: &Given) -> Result<Self, String> {
        let url = match url(flags)? {
            Some(url) => Some(url),
            None => url(file)?,
        };
        let from = flags.mail_from.as_ref().or(file.mail_from.as_ref());
        let Some(url) = url else {
            return Ok(Self {
                from: from.cloned().unwrap_or_default(),
                ..Self::default()
            });
        };
        let mut smtp: Smtp = url
            .expose()
            .parse()
            .map_err(|why| format!("the SMTP URL (smtp_url) {why}"))?;
        let ca = flags.smtp_ca.as_ref().or(file.smtp_ca.as_ref());
        smtp.ca = ca.map(|path| certificates(path)).transpose()?;
        let from = from.cloned().ok_or(
            "a mail server is set, but no sender; set one with --mail-from \"Name <a@b>\"",
        )?;
        Ok(Self {
            smtp: Some(smtp),
            from,
            ..Self::default()
        })
    }
}

fn url(given: &Given) -> Result<Option<Secret>, String> {
    match (&given.smtp_url, &given.smtp_url_file) {
        (Some(_), Some(_)) => Err("smtp_url and smtp_url_file are both set; remove one".to_owned()),
        (Some(url), None) => Ok(Some(url.clone())),
        (None, Some(path)) => read("smtp_url_file", path).map(|text| {
            let line = text.expose().trim().to_owned();
            Some(Secret(line))
        }),
        (None, None) => Ok(None),
    }
}

fn certificates(path: &Path) -> Result<Secret, String> {
    let pem = read("smtp_ca", path)?;
    match pem.expose().contains("-----BEGIN CERTIFICATE-----") {
        true => Ok(pem),
        false => Err(format!(
            "smtp_ca: {} contains no PEM certificate",
            path.display()
        )),
    }
}

fn read(setting: &str, path: &Path) -> Result<Secret, String> {
    std::fs::read_to_string(path)
        .map(Secret)
        .map_err(|cause| format!("{setting}: {} cannot be read: {cause}", path.display()))
}

#[cfg(test)]
mod tests;
