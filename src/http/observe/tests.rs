//! Tests of handlers that panic.

use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, web};
use serde_json::Value;

use super::observe;
use crate::config::{Given, Settings};
use crate::error::Result;
use crate::http::state::State;
use crate::outbound::mail::{AccountMails, Outbox};
use crate::outbound::webhooks::WebhookSender;
use crate::store::{Db, Durability, migrate};

fn state(folder: &tempfile::TempDir) -> Result<web::Data<State>> {
    let path = folder.path().join("tackboard.db");
    migrate::migrate(&path).unwrap_or_else(|why| unreachable!("{why}"));
    let db = Arc::new(Db::open(&path, Durability::Full, 1)?);
    let settings = Settings::new(folder.path().to_owned(), Given::default(), Given::default());
    let (webhook_sender, _) = WebhookSender::new(&settings)?;
    Ok(web::Data::new(State::new(
        db,
        settings,
        ([127, 0, 0, 1], 0).into(),
        Arc::new(Outbox::new()?),
        webhook_sender,
        AccountMails::new().0,
    )?))
}

async fn panics() -> String {
    let nothing: Option<String> = std::hint::black_box(None);
    nothing.unwrap_or_else(|| std::panic::panic_any("a secret"))
}

#[test]
fn a_panic_is_an_answer_and_the_server_lives_on() {
    actix_web::rt::System::new().block_on(panic_once());
}

async fn panic_once() {
    let folder = tempfile::tempdir().unwrap_or_else(|_| unreachable!());
    let state = state(&folder).unwrap_or_else(|error| unreachable!("{error}"));
    let app = init_service(
        App::new()
            .app_data(state)
            .wrap(from_fn(observe))
            .route("/panic", web::get().to(panics))
            .route("/fine", web::get().to(async || "fine")),
    )
    .await;
    let request = TestRequest::get()
        .uri("/panic")
        .insert_header(("x-request-id", "mine"));
    let error = match actix_web::dev::Service::call(&app, request.to_request()).await {
        Ok(response) => unreachable!("a panic gave {}", response.status()),
        Err(error) => error,
    };
    let response = error.error_response();
    assert_eq!(response.status(), 500);
    assert_eq!(
        response
            .headers()
            .get("x-request-id")
            .map(|id| id.as_bytes()),
        Some(b"mine".as_slice())
    );
    let body = actix_web::body::to_bytes(response.into_body())
        .await
        .unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    assert_eq!(body["error"]["code"], "internal_error");
    assert_eq!(body["error"]["details"]["request_id"], "mine");
    assert!(!body.to_string().contains("secret"));
    let fine =
        actix_web::test::call_service(&app, TestRequest::get().uri("/fine").to_request()).await;
    assert_eq!(fine.status(), 200);
}
