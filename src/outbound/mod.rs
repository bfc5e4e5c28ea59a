//! What goes out to the world: mails, from the outbox to the mail server.
//!
//! [`outbox`] drives: it takes what is due, `mail` writes it, and `smtp` hands it to the mail server over a
//! `connection` with or without `tls` or, where there is none, `folder` keeps it as a file.

mod connection;
mod courier;
mod folder;
mod journal;
mod mail;
pub mod outbox;
mod smtp;
mod tls;

use std::sync::Arc;

use tokio::sync::oneshot;

use self::folder::Folder;
use self::mail::Stationery;
use self::smtp::Server;
use crate::config::Settings;
use crate::model::letters::Letter;
use crate::model::mails::Mail;

/// How a try to deliver a mail ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// It was taken.
    Sent,
    /// Not now, and why.
    PutOff(String),
    /// Never, and why.
    Refused(String),
}

/// A mail's text and where it goes.
struct Written {
    envelope: lettre::address::Envelope,
    bytes: Vec<u8>,
}

/// What mails are written on and go out by.
pub struct Post {
    stationery: Arc<Stationery>,
    way: Way,
}

enum Way {
    Smtp(Box<Server>),
    Folder(Folder),
}

impl Post {
    /// Mail as the settings want it, where links begin with this origin.
    ///
    /// # Errors
    /// A sentence that says which setting is wrong.
    pub fn new(settings: &Settings, origin: &str) -> Result<Self, String> {
        let stationery = Stationery::new(origin, &settings.mail.from)?;
        let way = match &settings.mail.smtp {
            Some(smtp) => Way::Smtp(Box::new(Server::new(
                smtp,
                settings.mail.patience,
                stationery.host(),
            )?)),
            None => Way::Folder(Folder::of(&settings.data)),
        };
        Ok(Self {
            stationery: Arc::new(stationery),
            way,
        })
    }

    /// Tries to deliver a mail once.
    async fn deliver(&self, mail: &Mail, letter: Letter) -> Outcome {
        let written = match self.write(mail.clone(), letter).await {
            Ok(written) => written,
            Err(outcome) => return outcome,
        };
        match &self.way {
            Way::Smtp(server) => server.deliver(&written).await,
            Way::Folder(folder) => folder.keep(mail.recipient_id, written.bytes).await,
        }
    }

    /// Writes a mail, which can take long, on a thread of its own. The runtime's blocking threads are waited for when the
    /// program ends, and a stop shall not wait for a heavy card.
    async fn write(&self, mail: Mail, letter: Letter) -> Result<Written, Outcome> {
        let (done, written) = oneshot::channel();
        let stationery = Arc::clone(&self.stationery);
        let write = move || {
            // Where the delivery was cut off, nobody waits any more.
            let _ = done.send(stationery.write(&mail, &letter));
        };
        std::thread::Builder::new()
            .name("mail".to_owned())
            .spawn(write)
            .map_err(|cause| Outcome::PutOff(format!("The mail cannot be written yet: {cause}")))?;
        match written.await {
            Ok(written) => written.map_err(Outcome::Refused),
            // A mail that makes the program panic once does so every time.
            Err(_) => Err(Outcome::Refused("The mail cannot be written".to_owned())),
        }
    }

    fn holds_connections(&self) -> bool {
        match &self.way {
            Way::Smtp(server) => server.holds_connections(),
            Way::Folder(_) => false,
        }
    }

    /// Lets go of what is only held for the next mail.
    async fn rest(&self) {
        if let Way::Smtp(server) = &self.way {
            server.hang_up().await;
        }
    }
}
