//! Renders mails and hands them to the mail server or the folder.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::MailOutcome;
use super::account_message::AccountMessage;
use super::folder::FolderTransport;
use super::message::{EmailMessage, MessageRenderer};
use super::smtp::SmtpTransport;
use crate::config::Settings;
use crate::model::letters::Letter;
use crate::model::mails::{Mail, Notice};

/// Delivers mails as the settings say.
pub struct Mailer {
    renderer: Arc<MessageRenderer>,
    transport: Transport,
}

/// A test mail that the mail server has accepted.
#[derive(Serialize)]
pub struct TestMail {
    /// The id in its `Message-ID`.
    pub id: Uuid,
    /// The address that it comes from.
    pub from: String,
    /// The address that it was sent to.
    pub to: String,
    /// The mail server's reply.
    pub reply: String,
}

/// How mails leave the server.
enum Transport {
    Smtp(Box<SmtpTransport>),
    Folder(FolderTransport),
}

impl Mailer {
    /// Creates a mailer with these settings. Links begin with this origin.
    ///
    /// # Errors
    /// A message that names the invalid setting.
    pub fn new(settings: &Settings, origin: &str) -> Result<Self, String> {
        let renderer = MessageRenderer::new(origin, &settings.mail.from)?;
        let transport = match &settings.mail.smtp {
            Some(smtp) => Transport::Smtp(Box::new(SmtpTransport::new(
                smtp,
                settings.mail.timeout,
                renderer.host(),
            )?)),
            None => Transport::Folder(FolderTransport::new(&settings.data)),
        };
        Ok(Self {
            renderer: Arc::new(renderer),
            transport,
        })
    }

    /// Tries to deliver a card once.
    pub(super) async fn deliver(&self, mail: &Mail, letter: Letter) -> MailOutcome {
        match self.render(mail.clone(), letter).await {
            Ok(message) => self.hand_over(message).await,
            Err(outcome) => outcome,
        }
    }

    /// Tries to deliver a notice once.
    pub(super) async fn deliver_notice(&self, mail: &Mail, notice: &Notice) -> MailOutcome {
        match self.renderer.render_notice(mail, notice) {
            Ok(message) => self.hand_over(message).await,
            Err(reason) => MailOutcome::Failed(reason),
        }
    }

    /// Tries to deliver a mail about an account once.
    pub(super) async fn deliver_account_message(&self, message: &AccountMessage) -> MailOutcome {
        match self.renderer.render_account_message(message) {
            Ok(message) => self.hand_over(message).await,
            Err(reason) => MailOutcome::Failed(reason),
        }
    }

    /// Sends a test mail to an address, once.
    ///
    /// # Errors
    /// Why it was not sent: the reply of the mail server, or another reason.
    pub async fn send_test(&self, to: &str) -> Result<TestMail, String> {
        let Transport::Smtp(smtp) = &self.transport else {
            return Err("no mail server is set".to_owned());
        };
        let message = self.renderer.render_test(to)?;
        let reply = smtp.deliver_alone(&message).await?;
        Ok(TestMail {
            id: message.id,
            from: message.from.to_string(),
            to: message.to.to_string(),
            reply,
        })
    }

    async fn hand_over(&self, message: EmailMessage) -> MailOutcome {
        match &self.transport {
            Transport::Smtp(smtp) => smtp.deliver(&message).await,
            Transport::Folder(folder) => folder.deliver(message).await,
        }
    }

    /// Renders a mail on its own thread, because that can take long. The runtime's blocking threads would delay the end
    /// of the program until it is done.
    async fn render(&self, mail: Mail, letter: Letter) -> Result<EmailMessage, MailOutcome> {
        let (done, message) = oneshot::channel();
        let renderer = Arc::clone(&self.renderer);
        let render = move || {
            // The receiver is gone if the delivery was interrupted by a stop.
            let _ = done.send(renderer.render(&mail, &letter));
        };
        std::thread::Builder::new()
            .name("mail".to_owned())
            .spawn(render)
            .map_err(|cause| {
                MailOutcome::RetryLater(format!("The mail cannot be written yet: {cause}"))
            })?;
        match message.await {
            Ok(message) => message.map_err(MailOutcome::Failed),
            // A mail that makes the program panic once does so every time.
            Err(_) => Err(MailOutcome::Failed("The mail cannot be written".to_owned())),
        }
    }

    /// Whether connections are kept for the next mail.
    pub(super) fn has_idle_connections(&self) -> bool {
        match &self.transport {
            Transport::Smtp(smtp) => smtp.has_idle_connections(),
            Transport::Folder(_) => false,
        }
    }

    /// Closes the connections that are kept for the next mail.
    pub(super) async fn close_idle_connections(&self) {
        if let Transport::Smtp(smtp) = &self.transport {
            smtp.close_idle_connections().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use futures_util::FutureExt as _;

    use super::super::message::tests::{letter, mail_to, renderer};
    use super::*;

    #[test]
    fn a_heavy_card_is_rendered_on_another_thread() {
        let mailer = Mailer {
            renderer: Arc::new(renderer()),
            transport: Transport::Folder(FolderTransport::new(Path::new("nowhere"))),
        };
        let mut letter = letter("Ada", "ada@example.org");
        letter.edition.message = "*a* [b](https://c.example) {{name}}\n\n".repeat(50_000);
        let rendered = mailer.render(mail_to(&letter), letter).now_or_never();
        assert!(rendered.is_none(), "the caller is not blocked");
    }
}
