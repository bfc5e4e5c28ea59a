//! `tackboard mcp`: the Model Context Protocol over standard input and output, one message per line.

use std::io::{BufRead, BufReader, Read as _, stdin};
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::common::Common;
use super::messages::in_a_line;
use super::{args, export, output};
use crate::config::{Given, Settings};
use crate::contract::json;
use crate::error::failure::{Failure, refuse};
use crate::error::{Error, Result};
use crate::mcp::calls::{Agent, Step};
use crate::mcp::protocol::{self, Message, Refusal, Request};
use crate::mcp::server::{self, Answer, ToolCall};
use crate::mcp::tools::Selection;
use crate::model::context::Ctx;
use crate::model::scopes::{Scope, Scopes};
use crate::store::{db, installation, search};

#[derive(Args)]
pub(super) struct Options {
    /// Workspace, by id or slug [default: the only one]
    #[arg(long, value_name = "W")]
    workspace: Option<String>,
    /// What the agent may do, separated by commas; write does not include read, admin includes all
    #[arg(long, value_delimiter = ',', default_value = "read", value_parser = args::scope())]
    scopes: Vec<Scope>,
}

pub(super) fn run(common: &Common, options: &Options) -> Result<(), Failure> {
    let file = Given::from_file(&common.data_dir().settings()).map_err(refuse)?;
    let settings = Settings::new(common.data.clone(), Given::default(), file);
    let database = common.database()?;
    let agent = db::read_once(&database, |conn| {
        let origin = installation::get(conn)?.origin;
        Ok::<_, Failure>(Agent {
            workspace: export::chosen(conn, options.workspace.as_deref())?.id,
            user: None,
            scopes: Scopes::from(options.scopes.clone()),
            origin: origin.unwrap_or_else(|| format!("http://{}", settings.listen)),
            api_calls: None,
        })
    })?;
    let server = Server { database, agent };
    let mut input = BufReader::new(stdin().lock());
    while let Some(line) = next_line(&mut input, settings.body_limit)? {
        if let Some(message) = server.respond(line) {
            output::print(&format!("{message}\n"))?;
        }
    }
    Ok(())
}

/// Reads the next line; `None` at the end. A line that is too long is skipped and empty.
fn next_line(input: &mut impl BufRead, most: usize) -> Result<Option<Vec<u8>>, Failure> {
    let failed = |cause| refuse(format!("cannot read standard input: {cause}"));
    let mut line = Vec::new();
    let mut part = input.by_ref().take(most as u64 + 1);
    if part.read_until(b'\n', &mut line).map_err(failed)? == 0 {
        return Ok(None);
    }
    if line.len() > most && !line.ends_with(b"\n") {
        line.clear();
        input.skip_until(b'\n').map_err(failed)?;
    }
    Ok(Some(line))
}

/// Answers messages about one workspace, with or without a running server.
struct Server {
    database: PathBuf,
    agent: Agent,
}

impl Server {
    /// The response to a message, if it gets one.
    fn respond(&self, line: Vec<u8>) -> Option<Value> {
        let value = match json::parse(&line) {
            Ok(value) => value,
            Err(cause) => return Some(Refusal::not_json(&cause.to_string()).message()),
        };
        match protocol::read(value, None) {
            Ok(Message::Notification) => None,
            Ok(Message::Request(request)) => Some(self.answer(&request)),
            Err(refusal) => Some(refusal.message()),
        }
    }

    fn answer(&self, request: &Request) -> Value {
        let selection = Selection::default();
        let result = match server::answer(request, &selection, self.agent.scopes) {
            Ok(Ok(Answer::Result(result))) => result,
            Ok(Ok(Answer::Call(mut tool))) => {
                let outcome = self.run(&mut tool);
                if let Err(error @ Error::Internal(..)) = &outcome {
                    output::warn(&in_a_line(&Failure::from(error.clone())));
                }
                tool.result(outcome, None)
            }
            Ok(Err(refusal)) => return refusal.of(&request.id).message(),
            Err(error) => {
                return Refusal::internal(&error.to_string())
                    .of(&request.id)
                    .message();
            }
        };
        protocol::response(request, result)
    }

    fn run(&self, tool: &mut ToolCall) -> Result<Value> {
        tool.check(self.agent.scopes)?;
        if tool.searches() {
            db::write_once(&self.database, |tx| {
                search::request_update(tx);
                Ok::<_, Error>(())
            })?;
        }
        let step = db::read_once(&self.database, |conn| tool.run(&self.agent, conn))?;
        let change = match step {
            Step::Done(result) => return Ok(result),
            Step::Change(change) => change,
        };
        let (ctx, scopes) = (Ctx::command(self.agent.workspace), self.agent.scopes);
        if !scopes.allow(change.scope) {
            return Err(Error::InsufficientScope {
                required: change.scope,
                provided: scopes,
            });
        }
        db::write_once(&self.database, |tx| (change.run)(tx, &ctx, scopes))?()
    }
}
