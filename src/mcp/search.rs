//! `find`

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::calls::{Agent, Step, arguments};
use super::places::Places;
use crate::error::Result;
use crate::model::page::PageRequest;
use crate::model::search::{DEFAULT_HITS, Hit, HitKind, Search};
use crate::model::task_list::Archived;
use crate::store::{Conn, cards, search};

/// How many results are searched if only some types are wanted.
const MAX_HITS: u32 = 1_000;

#[derive(Deserialize)]
struct Arguments {
    query: String,
    types: Option<Vec<Type>>,
    limit: Option<u32>,
    #[serde(default)]
    archived: Archived,
}

#[derive(Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    Task,
    Project,
    Board,
    Card,
}

#[derive(Serialize)]
struct Found {
    #[serde(rename = "type")]
    kind: Type,
    id: Uuid,
    title: String,
    snippet: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    board: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
}

/// Searches everything in the workspace. Cards are found by their titles.
pub(super) fn find(agent: &Agent, conn: &Conn, given: Value) -> Result<Step> {
    let Arguments {
        query,
        types,
        limit,
        archived,
    } = arguments(given)?;
    let limit = limit.unwrap_or(DEFAULT_HITS);
    let is_wanted = |kind| types.as_ref().is_none_or(|types| types.contains(&kind));
    let mut results = Vec::new();
    if let Some(words) = Search::of(&query) {
        if is_wanted(Type::Card) {
            results.extend(find_cards(agent, conn, &words)?);
        }
        let most = types.as_ref().map_or(limit, |_| MAX_HITS);
        let places = Places::new(conn, agent.workspace);
        for hit in search::find(conn, agent.workspace, &words, archived, most)? {
            if is_wanted(type_of(&hit)) && results.len() < limit as usize {
                results.push(found(&places, hit)?);
            }
        }
    }
    results.truncate(limit as usize);
    Ok(Step::Done(json!({ "results": results })))
}

fn type_of(hit: &Hit) -> Type {
    match hit.kind {
        HitKind::Task => Type::Task,
        HitKind::Project => Type::Project,
        HitKind::Board => Type::Board,
    }
}

fn found(places: &Places<'_>, hit: Hit) -> Result<Found> {
    let project = hit.project_id.map(|id| places.project(id)).transpose()?;
    Ok(Found {
        kind: type_of(&hit),
        id: hit.id,
        title: hit.title,
        snippet: hit.snippet,
        board: places.board(hit.board_id)?,
        project: project.flatten().map(|(name, _)| name),
    })
}

fn find_cards(agent: &Agent, conn: &Conn, words: &Search) -> Result<Vec<Found>> {
    let all = cards::list(conn, agent.workspace, &PageRequest::ALL, &agent.origin)?.rows;
    let matching = all.into_iter().filter(|card| words.is_in(&card.title));
    let card = matching.map(|card| Found {
        kind: Type::Card,
        id: card.id.uuid(),
        snippet: card.title.clone(),
        title: card.title,
        board: None,
        project: None,
    });
    Ok(card.collect())
}
