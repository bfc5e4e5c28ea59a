//! How people get in: links, passwords, invitations.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use clap::Args;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use serde::Serialize;
use serde_json::json;

use crate::app;
use crate::cli::args;
use crate::cli::common::Common;
use crate::config::{Given, PublicUrl};
use crate::error::Error;
use crate::error::failure::{Failure, refuse};
use crate::model::context::Ctx;
use crate::model::invitations::Invitation;
use crate::model::passwords::{MAX_LENGTH, MIN_LENGTH, Password};
use crate::model::scopes::Role;
use crate::model::sign_in_links::LIFE;
use crate::model::time::Timestamp;
use crate::store::{Conn, installation};

#[derive(Args)]
pub(crate) struct Origin {
    /// Origin of the link [default: that of the server that ran last with this data folder]
    #[arg(long, env = "TACKBOARD_PUBLIC_URL", value_name = "URL")]
    public_url: Option<PublicUrl>,
}

impl Origin {
    /// The origin of links: the public URL of the settings, or what the server used last.
    fn find(self, common: &Common, conn: &Conn) -> Result<String, Failure> {
        let settings = common.settings(Given {
            public_url: self.public_url,
            ..Given::default()
        })?;
        if let Some(url) = settings.public_url {
            return Ok(url.as_str().to_owned());
        }
        let last = installation::get(conn)?.origin;
        Ok(last.unwrap_or_else(|| format!("http://{}", settings.listen)))
    }
}

#[derive(Args)]
pub(crate) struct LinkOptions {
    /// Id or email address of the user
    #[arg(long)]
    user: String,
    #[command(flatten)]
    origin: Origin,
}

pub(super) fn link(common: &Common, options: LinkOptions) -> Result<(), Failure> {
    let (user, link, expires_at) = common.write(|tx| {
        let user = args::user(tx, &options.user)?;
        let origin = options.origin.find(common, tx)?;
        let code = app::sign_in_links::create(tx, user.id, LIFE)?;
        let link = format!("{origin}/sign-in/{}", code.expose());
        Ok((user, link, Timestamp::now().plus_millis(LIFE)))
    })?;
    let shown =
        json!({ "id": user.id, "email": user.email, "link": link, "expires_at": expires_at });
    common.show(&shown, || link.clone())
}

#[derive(Args)]
pub(crate) struct InviteOptions {
    /// Email address of the person
    #[arg(long, value_parser = args::email)]
    email: String,
    /// Id or slug of the workspace
    #[arg(long)]
    workspace: String,
    /// Role of the person in the workspace
    #[arg(long, value_enum, default_value = "member")]
    role: Role,
    #[command(flatten)]
    origin: Origin,
}

#[derive(Serialize)]
struct InvitationOutput<'i> {
    #[serde(flatten)]
    invitation: &'i Invitation,
    link: &'i str,
}

pub(super) fn invite(common: &Common, options: InviteOptions) -> Result<(), Failure> {
    let (invitation, link) = common.write(|tx| {
        let workspace = args::workspace(tx, &options.workspace)?;
        let origin = options.origin.find(common, tx)?;
        let ctx = Ctx::command(workspace.id);
        let (email, role) = (options.email.as_str(), options.role);
        let (invitation, code) = app::invitations::issue(tx, &ctx, None, email, role)?;
        let link = format!("{origin}/invitations/{}", code.expose());
        Ok((invitation, link))
    })?;
    let shown = InvitationOutput {
        invitation: &invitation,
        link: &link,
    };
    common.show(&shown, || link.clone())
}

pub(super) fn set_password(common: &Common, user: &str) -> Result<(), Failure> {
    // Before the person types a password for nobody.
    let email = common.read(|conn| Ok(args::user(conn, user)?.email))?;
    let password = Password::new(ask(&email)?).ok_or_else(|| {
        refuse(format!(
            "a password has {MIN_LENGTH} to {MAX_LENGTH} characters; nothing was changed"
        ))
    })?;
    let hash = password
        .hash()
        .map_err(|cause| Error::internal("no hash of a password", cause))?;
    let user = common.write(|tx| {
        let user = args::user(tx, user)?;
        app::accounts::set_password(tx, user.id, &hash, None)?;
        Ok(user)
    })?;
    common.show(&user, || {
        format!(
            "Set the password of {email}. All sessions and sign-in links of {email} have ended."
        )
    })
}

/// Asks for a password twice on a terminal, without showing it; otherwise reads the first line of standard input.
fn ask(email: &str) -> Result<String, Failure> {
    if !std::io::stdin().is_terminal() {
        return read_line();
    }
    let first = ask_once(&format!("New password for {email}: "))?;
    match ask_once("The same password again: ")? == first {
        true => Ok(first),
        false => Err(refuse("the passwords differ; nothing was changed")),
    }
}

fn ask_once(question: &str) -> Result<String, Failure> {
    let unusable = |cause: std::io::Error| refuse(format!("cannot use the terminal: {cause}"));
    let mut terminal = std::io::stderr();
    let asked = write!(terminal, "{question}").and_then(|()| terminal.flush());
    asked.map_err(unusable)?;
    let input = std::io::stdin();
    let shown = tcgetattr(&input).map_err(|cause| unusable(cause.into()))?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&input, OptionalActions::Flush, &hidden).map_err(|cause| unusable(cause.into()))?;
    let line = read_line();
    let restored = tcsetattr(&input, OptionalActions::Now, &shown);
    restored.map_err(|cause| unusable(cause.into()))?;
    let _ = writeln!(terminal);
    line
}

fn read_line() -> Result<String, Failure> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|cause| refuse(format!("cannot read the password: {cause}")))?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
