//! `/api/integration`: automations list and send cards here. Names, formats and messages are those of the original card
//! product, because its clients parse them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::auth::{Auth, CardDelete, CardRead, CardWrite};
use super::body::Valid;
use super::call::Call;
use super::params::{CheckedQuery, Id, Query};
use super::response::JsonResponse;
use crate::app;
use crate::app::idempotency::PostResponse;
use crate::app::integration::{CreatedRecipient, SendMethod, SentCard};
use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::credentials::Caller;
use crate::model::ids::{CardId, IntegrationId, WorkspaceId};
use crate::model::integration::{Config, ConfigCreate, SendRequest};
use crate::store::Tx;
use crate::store::{Conn, email_accounts, integration};

#[derive(Clone, Deserialize)]
pub(super) struct CardsQuery {
    workspace: WorkspaceId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfigQuery {
    integration_id: IntegrationId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfigByCardQuery {
    card_id: CardId,
}

#[derive(Deserialize)]
pub(super) struct SendQuery {
    strict: Option<StrictParam>,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum StrictParam {
    True,
    False,
}

/// A request body without fields that matter.
#[derive(Deserialize)]
pub(super) struct EmptyBody {}

/// Messages in responses.
const CONFIG_CREATED: &str = "Integration configuration created";
const CONFIG_RETRIEVED: &str = "Integration configuration retrieved";

pub(super) async fn validate(auth: Auth<CardRead>) -> Result<JsonResponse> {
    JsonResponse::of(&json!({
        "success": true,
        "message": "Bearer token authentication successful",
        "user_id": auth.caller.user_id,
    }))
}

pub(super) async fn workspaces(auth: Auth<CardRead>, call: Call) -> Result<JsonResponse> {
    let db = &call.state().db;
    let workspaces = db.read(|conn| integration::workspaces(conn, &auth.caller))?;
    let choice = |id, name| json!({ "key": id, "label": "Workspace Id", "value": name, "id": id, "name": name });
    let choices = workspaces.iter().map(|one| choice(one.id, &one.name));
    JsonResponse::of(&json!([{ "key": "workspace", "choices": choices.collect::<Vec<_>>() }]))
}

/// Lists cards by POST with an empty body, as the product's clients expect. It changes nothing, so an Idempotency-Key has
/// no effect.
pub(super) async fn cards(
    auth: Auth<CardRead>,
    query: Query<CardsQuery>,
    _body: Valid<EmptyBody>,
    call: Call,
) -> Result<JsonResponse> {
    let wanted = query.workspace;
    call.read_slowly(move |conn| {
        let workspace = integration::workspace(conn, &auth.caller, wanted)?;
        card_choices(conn, workspace.id)
    })
    .await
}

fn card_choices(conn: &Conn, workspace: WorkspaceId) -> Result<Value> {
    let choice = |(id, title)| json!({ "key": id, "label": "Card Id", "value": id, "id": id, "title": title, "name": title });
    let cards = integration::cards(conn, workspace)?;
    let choices: Vec<Value> = cards.into_iter().map(choice).collect();
    Ok(json!([{ "key": "card", "choices": choices }]))
}

pub(super) async fn email_accounts(auth: Auth<CardRead>, call: Call) -> Result<JsonResponse> {
    let choices = call.state().db.read(|conn| {
        let mut choices = Vec::new();
        for workspace in integration::workspaces(conn, &auth.caller)? {
            choices.extend(account_choices(conn, workspace.id)?);
        }
        Ok(choices)
    })?;
    JsonResponse::of(&json!([{ "key": "email-account", "choices": choices }]))
}

fn account_choices(conn: &Conn, workspace: WorkspaceId) -> Result<Vec<Value>> {
    let accounts = email_accounts::all(conn, workspace)?;
    let choice = |id, address| json!({ "key": id, "value": address, "label": "Email account", "id": id, "name": address });
    Ok(accounts
        .iter()
        .map(|account| choice(account.id, &account.address))
        .collect())
}

pub(super) async fn card_details(
    auth: Auth<CardRead>,
    Id(card): Id<CardId>,
    call: Call,
) -> Result<JsonResponse> {
    let details = call.state().db.read(|conn| {
        let workspace = integration::workspace_of_card(conn, &auth.caller, card)?;
        integration::details(conn, workspace.id, card)
    })?;
    let data = details.into_response(&call.state().origin);
    JsonResponse::of(&json!({ "data": data, "message": "Card details retrieved" }))
}

pub(super) async fn workflow_cards(auth: Auth<CardRead>, call: Call) -> Result<JsonResponse> {
    let origin = call.state().origin.clone();
    call.read_slowly(move |conn| {
        let cards = app::integration::workflow_cards(conn, &auth.caller)?;
        let data: Vec<_> = cards
            .into_iter()
            .map(|card| card.into_response(&origin))
            .collect();
        Ok(json!({ "data": data, "message": "Workflow cards retrieved" }))
    })
    .await
}

/// A configuration's fields, both under `data` and next to it, because clients read `._id` and `.data._id`.
#[derive(Serialize)]
struct ConfigResponse<'c> {
    data: &'c Config,
    #[serde(flatten)]
    beside: &'c Config,
    message: &'static str,
}

impl<'c> ConfigResponse<'c> {
    fn of(config: &'c Config, message: &'static str) -> Self {
        Self {
            data: config,
            beside: config,
            message,
        }
    }
}

pub(super) async fn create_config(
    auth: Auth<CardWrite>,
    body: Valid<ConfigCreate>,
    call: Call,
) -> Result<JsonResponse> {
    let render = |config| PostResponse::of(201, &ConfigResponse::of(&config, CONFIG_CREATED));
    let response = call.post(auth, body, app::integration::create, render);
    Ok(JsonResponse::from_post(response.await?, false))
}

pub(super) async fn get_config(
    auth: Auth<CardRead>,
    query: Query<ConfigQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let (id, origin) = (query.integration_id, &call.state().origin);
    let response = call.state().db.read(|conn| {
        let workspace = integration::workspace_of_config(conn, &auth.caller, id)?;
        let config = integration::get(conn, workspace.id, id)?;
        let card = integration::details(conn, workspace.id, config.card_id)?;
        // A card is never sent without a name and an address, whichever merge tags its text has.
        let required = |tag: &str| ["name", "email"].contains(&tag);
        let tags = card.merge_tags.iter();
        let tags: Vec<_> = tags
            .map(|tag| json!({ "key": tag, "required": required(tag) }))
            .collect();
        Ok(json!({
            "data": config,
            "key": config.id,
            "card": card.into_response(origin),
            "emailAccount": account_choices(conn, workspace.id)?,
            "mergeTags": tags,
            "message": CONFIG_RETRIEVED,
        }))
    })?;
    JsonResponse::of(&response)
}

pub(super) async fn config_by_card(
    auth: Auth<CardRead>,
    query: CheckedQuery<ConfigByCardQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let card = query.valid_or_uuid(&call.0, "cardId")?.card_id;
    let config = call.state().db.read(|conn| {
        let workspace = integration::workspace_of_card(conn, &auth.caller, card)?;
        integration::by_card(conn, workspace.id, card)
    })?;
    JsonResponse::of(&ConfigResponse::of(&config, CONFIG_RETRIEVED))
}

pub(super) async fn delete_config(
    auth: Auth<CardDelete>,
    Id(id): Id<IntegrationId>,
    call: Call,
) -> Result<JsonResponse> {
    call.write_as(auth, move |tx, caller, ctx| {
        app::integration::delete(tx, caller, ctx, id)
    })
    .await?;
    JsonResponse::of(
        &json!({ "data": { "_id": id }, "message": "Integration configuration deleted" }),
    )
}

pub(super) async fn send_card(
    auth: Auth<CardWrite>,
    query: Query<SendQuery>,
    body: Valid<SendRequest>,
    call: Call,
) -> Result<JsonResponse> {
    create_recipients(auth, &query, body, &call, SendMethod::Mail, sent_card).await
}

pub(super) async fn card_url(
    auth: Auth<CardWrite>,
    query: Query<SendQuery>,
    body: Valid<SendRequest>,
    call: Call,
) -> Result<JsonResponse> {
    create_recipients(auth, &query, body, &call, SendMethod::Link, links).await
}

/// Creates recipients of a card, and responds with what `describe` returns for them and the origin of their links.
async fn create_recipients(
    auth: Auth<CardWrite>,
    query: &SendQuery,
    body: Valid<SendRequest>,
    call: &Call,
    method: SendMethod,
    describe: fn(&SentCard, &str) -> Value,
) -> Result<JsonResponse> {
    let strict = query.strict == Some(StrictParam::True);
    let origin = call.state().origin.clone();
    let send = move |tx: &Tx<'_>, caller: &Caller, ctx: &Ctx, request: SendRequest| {
        app::integration::send(tx, caller, ctx, &request, strict, method)
    };
    let render = move |sent| PostResponse::of(201, &describe(&sent, &origin));
    let response = call.post(auth, body, send, render);
    Ok(JsonResponse::from_post(response.await?, false))
}

/// Describes the first recipient. With several recipients, `recipients` lists all of them.
fn sent_card(sent: &SentCard, origin: &str) -> Value {
    let recipients = &sent.recipients;
    let tracking_url =
        |to: &CreatedRecipient| format!("{origin}/api/analytics/fetchImage/{}", to.id);
    let first = &recipients[0];
    let mut response = json!({
        "message": format!("Card successfully sent to recipient: {}", first.email.as_str()),
        "status": true,
        "recipient_id": first.id,
        "tracking_url": tracking_url(first),
    });
    if recipients.len() > 1 {
        let one = |to: &CreatedRecipient| json!({ "recipient_id": to.id, "email": to.email.as_str(), "tracking_url": tracking_url(to) });
        response["recipients"] = recipients.iter().map(one).collect();
    }
    response
}

fn links(sent: &SentCard, origin: &str) -> Value {
    let view = |to: &CreatedRecipient| format!("{origin}/view/{}", to.id);
    let unsubscribe = |to: &CreatedRecipient| format!("{origin}/unsubscribe/{}", to.id);
    let first = &sent.recipients[0];
    let mut response = json!({
        "view_card_url": view(first),
        "white_label_app_name": sent.workspace.name,
        "card_cover": sent.card.cover.as_ref().map(|cover| cover.url(origin)),
        "unsubscribe_link_url": unsubscribe(first),
    });
    if sent.recipients.len() > 1 {
        let one = |to: &CreatedRecipient| {
            json!({
                "recipient_id": to.id,
                "email": to.email.as_str(),
                "view_card_url": view(to),
                "unsubscribe_link_url": unsubscribe(to),
            })
        };
        response["recipients"] = sent.recipients.iter().map(one).collect();
    }
    response
}
