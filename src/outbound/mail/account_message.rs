//! Renders mails about accounts: sign-in links and invitations.

use lettre::message::MultiPart;
use minijinja::context;
use uuid::Uuid;

use super::message::{ACCOUNT, EmailMessage, MessageRenderer, assemble, ink_on, mailbox, url};
use crate::model::cards::DEFAULT_ACCENT_COLOR;
use crate::model::clean;
use crate::model::ids;
use crate::model::scopes::Role;
use crate::model::secrets::Secret;
use crate::model::time::Timestamp;

/// Maximum characters of a name in a mail.
const MAX_NAME_LENGTH: usize = 100;

/// A mail about an account, with one link.
pub(super) struct AccountMessage {
    /// The id in its `Message-ID`, the same at each attempt.
    id: Uuid,
    created_at: Timestamp,
    email: String,
    name: String,
    subject: String,
    text: String,
    button: &'static str,
    /// The path of the link on this server.
    path: String,
    note: &'static str,
}

impl AccountMessage {
    /// A mail with a link that signs a person in.
    pub(super) fn sign_in(email: String, name: &str, code: &Secret) -> Self {
        Self {
            id: ids::time_ordered(),
            created_at: Timestamp::now(),
            email,
            name: name.to_owned(),
            subject: "Sign in to Tackboard".to_owned(),
            text: "Open this link to sign in. It works once, for one hour.".to_owned(),
            button: "Sign in",
            path: format!("/sign-in/{}", code.expose()),
            note: "You did not request this? Then ignore this mail. Nobody can sign in without the link.",
        }
    }

    /// A mail with an invitation to a workspace.
    pub(super) fn invitation(
        email: String,
        workspace: &str,
        inviter: &str,
        role: Role,
        code: &Secret,
    ) -> Self {
        let workspace = clean::line(workspace, MAX_NAME_LENGTH);
        let inviter = clean::line(inviter, MAX_NAME_LENGTH);
        Self {
            id: ids::time_ordered(),
            created_at: Timestamp::now(),
            email,
            name: String::new(),
            subject: format!("Invitation to {workspace}"),
            text: format!(
                "{inviter} invites you to the workspace {workspace} as {}. The link works once, within 7 days.",
                role.as_str()
            ),
            button: "View the invitation",
            path: format!("/invitations/{}", code.expose()),
            note: "You do not know what this is about? Then ignore this mail. Nothing happens without you.",
        }
    }
}

impl MessageRenderer {
    /// Renders a mail about an account.
    ///
    /// # Errors
    /// Why the mail can never be rendered, for example an invalid address.
    pub(super) fn render_account_message(
        &self,
        mail: &AccountMessage,
    ) -> Result<EmailMessage, String> {
        let from = mailbox(&self.sender.name, &self.sender.address)?;
        let to = mailbox(&mail.name, &mail.email)?;
        let link = format!("{}{}", self.origin, mail.path);
        let html = self.templates.get_template(ACCOUNT).and_then(|template| {
            template.render(context! {
                subject => &mail.subject,
                text => &mail.text,
                button => mail.button,
                note => mail.note,
                link => url(&link),
                address => url(&self.origin),
                accent => DEFAULT_ACCENT_COLOR,
                ink => ink_on(DEFAULT_ACCENT_COLOR),
            })
        });
        let html = html.map_err(|cause| format!("The mail's HTML cannot be written: {cause}"))?;
        let text = format!(
            "{}\n\n{link}\n\n{}\n\nTackboard at {}\n",
            mail.text, mail.note, self.origin
        );
        let parts = MultiPart::alternative_plain_html(clean::text(&text), clean::text(&html));
        let headers = self.same_headers(mail.created_at, mail.id, &mail.subject)?;
        assemble(mail.id, headers, from, to, |headers| {
            headers.multipart(parts)
        })
    }
}
