//! Invitations: who may invite whom, and accepting once.

use serde_json::{Value, json};
use tackboard::model::scopes::Role;

use crate::harness::{App, Client, Reply, at_once, column, text};

fn invite(client: &Client, email: &str, role: &str) -> Reply {
    client.post("/v1/invitations", json!({ "email": email, "role": role }))
}

fn code(invited: &Reply) -> String {
    text(&invited.object(), "link")
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned()
}

fn accept(client: &Client, code: &str, body: Value) -> Reply {
    client.post(&format!("/invitations/{code}"), body)
}

fn address() -> String {
    format!("{}@example.org", uuid::Uuid::now_v7())
}

#[test]
fn a_new_person_accepts_and_is_signed_in() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let email = address();
    let invited = invite(&client, &format!(" {} ", email.to_uppercase()), "member").expect(201);
    assert_eq!(invited.header("cache-control"), "no-store");
    let shown = invited.object();
    assert_eq!(
        (&shown["email"], &shown["role"]),
        (&json!(email), &json!("member"))
    );
    assert!(text(&shown, "link").starts_with(&format!("{}/invitations/", app.origin)));
    let listed = client.rows("/v1/invitations");
    assert!(listed[0]["link"].is_null() && listed[0]["id"] == shown["id"]);
    let body = json!({ "name": "Grace", "password": "correct horse battery" });
    let accepted = accept(&app.browser(), &code(&invited), body).expect(200);
    let session = accepted.object();
    assert_eq!(session["user"]["email"], json!(email));
    assert_eq!(session["workspaces"][0]["role"], "member");
    let cookie = accepted.header("set-cookie").split(';').next().unwrap();
    app.browser_with(Some(cookie)).new_board();
    assert_eq!(client.rows("/v1/invitations"), [json!(null); 0]);
    let body = json!({ "email": email, "password": "correct horse battery" });
    app.browser().post("/v1/session", body).expect(200);
    let events = client.rows("/v1/events?types=member.*,invitation.*&limit=10");
    let types = column(&events, "type");
    assert_eq!(
        types[..3],
        ["invitation.deleted", "member.added", "invitation.created"]
    );
    assert_eq!(events[1]["actor"]["name"], "Grace");
    assert!(
        !events
            .iter()
            .any(|event| event.to_string().contains(&code(&invited)))
    );
}

#[test]
fn an_invitation_is_accepted_once_also_by_two_at_once() {
    let app = App::shared();
    let client = app.client();
    for _ in 0..10 {
        let code = code(&invite(&client, &address(), "viewer").expect(201));
        let body = json!({ "name": "Grace" });
        let mut statuses = at_once(4, |_| accept(&app.browser(), &code, body.clone()).status);
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 410, 410, 410]);
    }
    assert_eq!(client.rows("/v1/members").len(), 11);
}

#[test]
fn an_invitation_never_signs_in_a_user_who_exists() {
    let app = App::shared();
    let client = app.client();
    let other = app.workspace("teams");
    let email = format!("{}@example.org", other.id);
    let code = code(&invite(&client, &email, "admin").expect(201));
    let body = || json!({ "name": "Mallory", "password": "correct horse battery" });
    let stranger = app.browser_of(&app.workspace("teams"));
    for browser in [app.browser(), stranger] {
        let refused = accept(&browser, &code, body()).expect_error(409, "conflict");
        assert_eq!(refused.details(), json!({ "email": email }));
        assert_eq!(refused.header("set-cookie"), "");
    }
    let browser = app.browser_of(&other);
    let accepted = accept(&browser, &code, body()).expect(200);
    assert_eq!(accepted.header("set-cookie"), "", "the session stays");
    let session = accepted.object();
    assert_eq!(
        (&session["user"]["name"], &session["user"]["has_password"]),
        (&json!("Owner"), &json!(false))
    );
    assert_eq!(session["workspaces"].as_array().unwrap().len(), 2);
    accept(&browser, &code, json!({})).expect_error(410, "sign_in_link_invalid");
}

#[test]
fn a_new_person_needs_a_name() {
    let app = App::shared();
    let code = code(&invite(&app.client(), &address(), "viewer").expect(201));
    let browser = app.browser();
    for body in [json!({}), json!({ "password": "correct horse battery" })] {
        let refused = accept(&browser, &code, body).expect_error(400, "invalid_request");
        assert_eq!(refused.fields(), json!({ "name": "Name is required" }));
    }
    for body in [
        json!({ "name": "Grace", "password": "short" }),
        json!({ "name": "a\u{0}b" }),
        json!({ "name": "Grace", "role": "owner" }),
        json!([]),
    ] {
        accept(&browser, &code, body).expect_error(400, "invalid_request");
    }
    let form = [(
        "content-type",
        "application/x-www-form-urlencoded; charset=utf-8",
    )];
    let path = format!("/invitations/{code}");
    let sent = browser.call(
        "POST",
        &path,
        &form,
        Some(b"name=Gr%C3%A4ce&password=".to_vec()),
    );
    let sent = sent.expect(303);
    assert_eq!(sent.header("location"), "/app");
    let cookie = sent.header("set-cookie").split(';').next().unwrap();
    let session = app.browser_with(Some(cookie)).show("/v1/session");
    assert_eq!(session["user"]["name"], "Gr\u{e4}ce");
}

#[test]
fn a_program_that_follows_the_link_does_not_use_it_up() {
    let app = App::shared();
    let code = code(&invite(&app.client(), &address(), "viewer").expect(201));
    let path = format!("/invitations/{code}");
    for method in ["GET", "HEAD", "OPTIONS"] {
        app.client_with(None).call(method, &path, &[], None);
    }
    accept(&app.browser(), &code, json!({ "name": "Grace" })).expect(200);
}

#[test]
fn nobody_invites_above_the_own_role() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let owner = app.client_of(&workspace);
    for (own, allowed) in [
        (Role::Owner, 4),
        (Role::Admin, 3),
        (Role::Member, 0),
        (Role::Viewer, 0),
    ] {
        let browser = app.browser_with(Some(&app.cookie(&app.member(&workspace, own))));
        let roles = ["viewer", "member", "admin", "owner"];
        let invited = roles.map(|role| invite(&browser, &address(), role));
        for (n, reply) in invited.into_iter().enumerate() {
            match n < allowed {
                true => drop(reply.expect(201)),
                false => drop(reply.expect_error(403, "insufficient_scope")),
            }
        }
        // Not by replacing or deleting an owner's invitation either.
        let email = address();
        let of_owner = invite(&owner, &email, "owner").expect(201).id();
        let replaced = invite(&browser, &email, "viewer");
        let ended = browser.delete(&format!("/v1/invitations/{of_owner}"));
        if own != Role::Owner {
            replaced.expect_error(403, "insufficient_scope");
            ended.expect_error(403, "insufficient_scope");
        }
    }
}

#[test]
fn a_new_invitation_replaces_the_earlier_one() {
    let app = App::shared();
    let client = app.client();
    let email = address();
    let first = code(&invite(&client, &email, "viewer").expect(201));
    let second = code(&invite(&client, &email, "admin").expect(201));
    assert_eq!(client.rows("/v1/invitations").len(), 1);
    let body = json!({ "name": "Grace" });
    accept(&app.browser(), &first, body.clone()).expect_error(410, "sign_in_link_invalid");
    let session = accept(&app.browser(), &second, body).expect(200).object();
    assert_eq!(session["workspaces"][0]["role"], "admin");
    let refused = invite(&client, &email, "viewer").expect_error(409, "conflict");
    assert_eq!(refused.details(), json!({ "email": email }));
}

#[test]
fn a_deleted_and_an_expired_invitation_are_no_more() {
    let app = App::start();
    let client = app.client();
    let invited = invite(&client, &address(), "viewer").expect(201);
    let path = format!("/v1/invitations/{}", invited.id());
    client.delete(&path).expect(200);
    client
        .delete(&path)
        .expect_error(404, "invitation_not_found");
    let body = json!({ "name": "Grace" });
    accept(&app.browser(), &code(&invited), body.clone()).expect_error(410, "sign_in_link_invalid");
    let invited = invite(&client, &address(), "viewer").expect(201);
    app.sql("UPDATE invitation SET expires_at = 1000");
    accept(&app.browser(), &code(&invited), body).expect_error(410, "sign_in_link_invalid");
}

#[test]
fn invitations_are_for_admins() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    invite(&app.client_of(&workspace), &address(), "viewer").expect(201);
    let member = app.browser_with(Some(&app.cookie(&app.member(&workspace, Role::Member))));
    member
        .get("/v1/invitations")
        .expect_error(403, "insufficient_scope");
    let seen = member
        .get("/v1/events?types=invitation.*")
        .expect(200)
        .json();
    assert_eq!(seen["events"], json!([]));
    let admin = app.browser_with(Some(&app.cookie(&app.member(&workspace, Role::Admin))));
    assert_eq!(admin.rows("/v1/events?types=invitation.*").len(), 1);
}

#[test]
fn a_workspace_has_at_most_two_hundred_open_invitations() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    app.sql(
        "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 200)
         INSERT INTO invitation (id, workspace_id, email, role, digest, created_at, expires_at)
         SELECT randomblob(16), w.id, n || '@example.org', 'viewer', randomblob(32), 1, 9999999999999
           FROM workspace w, number",
    );
    let refused =
        invite(&client, &address(), "viewer").expect_error(403, "resource_limit_exceeded");
    assert_eq!(
        refused.details(),
        json!({ "resource": "invitations", "limit": 200, "current": 200 })
    );
}

#[test]
fn a_replayed_answer_has_no_link() {
    let app = App::shared();
    let client = app.client();
    let (email, key) = (address(), [("idempotency-key", "once")]);
    let send = || {
        let body = json!({ "email": email, "role": "viewer" });
        client
            .json("POST", "/v1/invitations", &key, body)
            .expect(201)
            .object()
    };
    let (first, second) = (send(), send());
    assert!(first["link"].is_string() && second["link"].is_null());
    assert_eq!(first["id"], second["id"]);
}

#[test]
fn values_of_every_kind_of_nonsense_are_refused() {
    let app = App::shared();
    let client = app.client();
    for (body, field) in [
        (json!({ "email": "nobody", "role": "viewer" }), "email"),
        (
            json!({ "email": "a@b\r\nBcc: c@d", "role": "viewer" }),
            "email",
        ),
        (json!({ "email": "a@b, c@d", "role": "viewer" }), "email"),
        (
            json!({ "email": "x".repeat(300), "role": "viewer" }),
            "email",
        ),
        (json!({ "email": "a@example.org", "role": "god" }), "role"),
        (json!({ "email": "a@example.org" }), "role"),
        (
            json!({ "email": "a@example.org", "role": "viewer", "workspaceId": "x" }),
            "workspaceId",
        ),
    ] {
        let refused = client
            .post("/v1/invitations", body.clone())
            .expect_error(400, "invalid_request");
        assert_eq!(refused.field_names(), [field], "{body}");
    }
}
