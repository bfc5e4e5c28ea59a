//! The expiry of API tokens.

use serde_json::{Value, json};
use tackboard::model::scopes::Scope;
use tackboard::model::time::Timestamp;

use crate::harness::{App, Client};
use crate::tokens::ask;

/// A client whose token expires later than any that it may create.
fn lasting_client(app: &App) -> Client {
    let ends = Timestamp::now().plus_days(1_000);
    app.client_with(Some(&app.token_until(
        &app.workspace("teams"),
        &Scope::ALL,
        ends,
    )))
}

/// Whether a shown time is this many days after a time between `from` and `to`.
fn is_days_after(shown: &Value, days: i64, from: Timestamp, to: Timestamp) -> bool {
    let shown = Timestamp::parse(shown.as_str().unwrap()).unwrap();
    (from.plus_days(days).plus_millis(-1_000)..=to.plus_days(days)).contains(&shown)
}

#[test]
fn a_token_lives_ninety_days_unless_told_otherwise() {
    let app = App::shared();
    let client = lasting_client(app);
    for (more, days) in [
        (json!({}), 90),
        (json!({ "expiresInDays": 1 }), 1),
        (json!({ "expires_in_days": 365 }), 365),
    ] {
        let before = Timestamp::now();
        let token = ask(&client, more.clone()).expect(201).object();
        assert!(
            is_days_after(&token["expires_at"], days, before, Timestamp::now()),
            "{more} {token}"
        );
    }
}

#[test]
fn an_end_may_be_any_future_second_within_a_year() {
    let app = App::shared();
    let client = lasting_client(app);
    let soon = Timestamp::now().plus_millis(60_000);
    for ends in [soon, Timestamp::now().plus_days(365)] {
        for member in ["expiresAt", "expires_at"] {
            let token = ask(&client, json!({ member: ends.to_string() }))
                .expect(201)
                .object();
            assert_eq!(token["expires_at"], ends.to_string());
        }
    }
    let offset = json!({ "expiresAt": "2026-01-01T02:00:00+02:00" });
    assert_eq!(
        ask(&client, offset)
            .expect_error(400, "invalid_request")
            .field_names(),
        ["expiresAt"]
    );
}

#[test]
fn an_end_that_is_past_too_far_or_given_twice_is_refused() {
    let app = App::shared();
    let client = lasting_client(app);
    let now = Timestamp::now();
    let at = |moment: Timestamp| json!({ "expiresAt": moment.to_string() });
    for (more, field) in [
        (at(now), "expiresAt"),
        (at(now.plus_days(-1)), "expiresAt"),
        (at(now.plus_days(365).plus_millis(60_000)), "expiresAt"),
        (json!({ "expiresAt": "tomorrow" }), "expiresAt"),
        (json!({ "expiresAt": null }), "expiresAt"),
        (json!({ "expiresInDays": 0 }), "expiresInDays"),
        (json!({ "expiresInDays": 366 }), "expiresInDays"),
        (json!({ "expiresInDays": -1 }), "expiresInDays"),
        (json!({ "expiresInDays": 1.5 }), "expiresInDays"),
        (json!({ "expiresInDays": "7" }), "expiresInDays"),
    ] {
        let reply = ask(&client, more.clone()).expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), [field], "{more}");
    }
    let both = json!({ "expiresAt": now.plus_days(7).to_string(), "expiresInDays": 7 });
    ask(&client, both).expect_error(400, "invalid_request");
    assert_eq!(client.rows("/v1/tokens").len(), 1);
}

#[test]
fn a_token_makes_none_that_outlives_it() {
    let app = App::shared();
    let ends = Timestamp::now().plus_days(30);
    let client = app.client_with(Some(&app.token_until(
        &app.workspace("teams"),
        &Scope::ALL,
        ends,
    )));
    let beyond = json!({ "expiresAt": ends.plus_millis(60_000).to_string() });
    assert_eq!(
        ask(&client, beyond)
            .expect_error(400, "invalid_request")
            .field_names(),
        ["expiresAt"]
    );
    let days = ask(&client, json!({ "expiresInDays": 31 })).expect_error(400, "invalid_request");
    assert_eq!(days.field_names(), ["expiresInDays"]);
    for fits in [json!({}), json!({ "expiresAt": ends.to_string() })] {
        assert_eq!(
            ask(&client, fits).expect(201).object()["expires_at"],
            ends.to_string()
        );
    }
}

#[test]
fn an_expired_token_is_told_when_it_ended() {
    let app = App::shared();
    let ended = Timestamp::now().plus_days(-1);
    let client = app.client_with(Some(&app.token_until(
        &app.workspace("teams"),
        &Scope::ALL,
        ended,
    )));
    let refused = client.get("/v1/boards").expect_error(401, "token_expired");
    assert_eq!(
        refused.details(),
        json!({ "expired_at": ended.to_string() })
    );
}
