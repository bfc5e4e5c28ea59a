//! What a person changes about the own account.

use serde_json::json;

use crate::harness::App;

const PASSWORD: &str = "correct horse battery";

#[test]
fn a_person_gives_a_name_an_address_and_a_password() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let browser = app.browser_of(&workspace);
    let email = format!("ada-{}@example.org", workspace.id);
    let body = json!({ "name": " Ada ", "email": email.to_uppercase(), "password": PASSWORD });
    let account = browser.patch("/v1/me", body).expect(200).object();
    assert_eq!(
        account,
        json!({ "id": workspace.owner, "name": "Ada", "email": email, "has_password": true })
    );
    let body = json!({ "email": email, "password": PASSWORD });
    app.browser().post("/v1/session", body).expect(200);
    let event = &browser.rows("/v1/events?types=member.updated")[0];
    assert_eq!(
        event["changes"],
        json!({ "name": { "from": "Owner", "to": "Ada" } })
    );
    assert_eq!(
        event["data"],
        json!({ "id": workspace.owner, "name": "Ada", "role": "owner" })
    );
    assert_eq!(event["actor"]["kind"], "session");
}

#[test]
fn nothing_that_did_not_change_leaves_an_event() {
    let app = App::shared();
    let browser = app.browser_of(&app.workspace("teams"));
    let latest = || browser.get("/v1/events").expect(200).json()["latest"].clone();
    let before = latest();
    browser
        .patch("/v1/me", json!({ "name": "Owner" }))
        .expect(200);
    browser
        .patch("/v1/me", json!({ "password": PASSWORD }))
        .expect(200);
    assert_eq!(latest(), before);
}

#[test]
fn an_empty_change_changes_nothing() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let email = app.set_password(&workspace.owner, PASSWORD);
    let browser = app.browser_of(&workspace);
    let latest = || browser.get("/v1/events").expect(200).json()["latest"].clone();
    let before = latest();
    let account = browser.patch("/v1/me", json!({})).expect(200).object();
    assert_eq!(
        account,
        json!({ "id": workspace.owner, "name": "Owner", "email": email, "has_password": true })
    );
    assert_eq!(latest(), before);
    browser
        .patch("/v1/me", json!([]))
        .expect_error(400, "invalid_request");
}

#[test]
fn a_new_name_is_told_to_every_workspace_of_the_person() {
    use tackboard::model::scopes::Role;
    use tackboard::{app, store};
    let server = App::shared();
    let (one, other) = (server.workspace("teams"), server.workspace("teams"));
    server.write(|tx| {
        let owner = store::users::get(tx, one.owner.parse().unwrap())?;
        app::members::join(tx, &other.command(), &owner, Role::Viewer)
    });
    let browser = server.browser_of(&one);
    browser
        .patch("/v1/me", json!({ "name": "Ada" }))
        .expect(200);
    for workspace in [&one, &other] {
        let events = server
            .client_of(workspace)
            .rows("/v1/events?types=member.updated");
        assert_eq!(events[0]["data"]["name"], "Ada");
    }
}

#[test]
fn an_address_and_a_password_need_the_current_password() {
    let app = App::start();
    let workspace = app.workspace("teams");
    app.set_password(&workspace.owner, PASSWORD);
    let browser = app.browser_of(&workspace);
    browser
        .patch("/v1/me", json!({ "name": "Ada" }))
        .expect(200);
    for change in [
        json!({ "email": "new@example.org" }),
        json!({ "password": "another password" }),
    ] {
        let refused = browser.patch("/v1/me", change.clone());
        let refused = refused.expect_error(400, "invalid_request");
        assert_eq!(
            refused.fields(),
            json!({ "currentPassword": "Current password is required" })
        );
        let mut wrong = change.clone();
        wrong["current_password"] = json!("a wrong password");
        browser
            .patch("/v1/me", wrong)
            .expect_error(401, "invalid_credentials");
        let mut right = change;
        right["currentPassword"] = json!(PASSWORD);
        browser.patch("/v1/me", right).expect(200);
    }
    for _ in 0..3 {
        let wrong = json!({ "password": "another password", "currentPassword": PASSWORD });
        browser
            .patch("/v1/me", wrong)
            .expect_error(401, "invalid_credentials");
    }
    let right = json!({ "password": PASSWORD, "currentPassword": "another password" });
    browser
        .patch("/v1/me", right)
        .expect_error(429, "rate_limited");
}

#[test]
fn a_new_password_ends_the_other_sessions_and_the_links() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let (here, there) = (app.browser_of(&workspace), app.browser_of(&workspace));
    let code = app.sign_in_code(&workspace.owner);
    here.patch("/v1/me", json!({ "name": "Ada" })).expect(200);
    there.get("/v1/boards").expect(200);
    here.patch("/v1/me", json!({ "password": PASSWORD }))
        .expect(200);
    here.get("/v1/boards").expect(200);
    there.get("/v1/boards").expect_error(401, "session_expired");
    app.browser()
        .post(&format!("/sign-in/{code}"), json!({}))
        .expect_error(410, "sign_in_link_invalid");
}

#[test]
fn values_of_every_kind_of_nonsense_are_refused() {
    let app = App::shared();
    let browser = app.browser_of(&app.workspace("teams"));
    let taken = format!("{}@example.org", app.workspace("teams").id);
    let conflict = browser
        .patch("/v1/me", json!({ "email": taken }))
        .expect_error(409, "conflict");
    assert_eq!(conflict.details(), json!({ "email": taken }));
    for (body, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "name": "   " }), "name"),
        (json!({ "name": "a\u{0}b" }), "name"),
        (json!({ "name": "a\nb" }), "name"),
        (json!({ "name": "x".repeat(101) }), "name"),
        (json!({ "name": null }), "name"),
        (json!({ "email": "nobody" }), "email"),
        (json!({ "email": "a@b\r\nBcc: c@d" }), "email"),
        (json!({ "password": "short" }), "password"),
        (json!({ "password": "x".repeat(129) }), "password"),
        (json!({ "password": 12_345_678_901_u64 }), "password"),
        (json!({ "role": "owner" }), "role"),
    ] {
        let refused = browser
            .patch("/v1/me", body.clone())
            .expect_error(400, "invalid_request");
        assert_eq!(refused.field_names(), [field], "{body}");
    }
    // Blanks belong to a password.
    browser
        .patch("/v1/me", json!({ "password": "  ten blanks  " }))
        .expect(200);
    let me = browser.show("/v1/session");
    let sign_in = |password: &str| {
        let body = json!({ "email": me["user"]["email"], "password": password });
        app.browser().post("/v1/session", body).status
    };
    assert_eq!(
        (sign_in("ten blanks"), sign_in("  ten blanks  ")),
        (401, 200)
    );
}
