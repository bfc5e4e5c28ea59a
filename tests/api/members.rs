//! Members: roles, who may change whom, and the last owner.

use serde_json::{Value, json};
use tackboard::model::scopes::{Role, Scope};
use tackboard::{app, store};

use crate::harness::{App, Client, Reply, Workspace, at_once, column};

const ROLES: [Role; 4] = [Role::Owner, Role::Admin, Role::Member, Role::Viewer];

fn set_role(client: &Client, user: &str, role: Role) -> Reply {
    let path = format!("/v1/members/{user}");
    client.patch(&path, json!({ "role": role.as_str() }))
}

fn remove(client: &Client, user: &str) -> Reply {
    client.delete(&format!("/v1/members/{user}"))
}

/// A member of a workspace with a browser.
fn person(app: &App, workspace: &Workspace, role: Role) -> (String, Client) {
    let user = app.member(workspace, role);
    let browser = app.browser_with(Some(&app.cookie(&user)));
    (user, browser)
}

#[test]
fn members_are_listed_in_the_order_in_which_they_joined() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let others = [Role::Admin, Role::Member, Role::Viewer].map(|role| app.member(&workspace, role));
    let client = app.client_of(&workspace);
    let all = client.rows("/v1/members");
    assert_eq!(
        all[0],
        json!({ "id": workspace.owner, "name": "Owner", "role": "owner" })
    );
    let ids = column(&all, "id");
    assert_eq!(ids[1..], others);
    let page = client.get("/v1/members?limit=3").expect(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = client.rows(&format!("/v1/members?limit=3&cursor={cursor}"));
    assert_eq!(column(&rest, "id"), [others[2].clone()]);
}

#[test]
fn nobody_grants_changes_or_removes_a_role_above_their_own() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    for own in ROLES {
        let (user, browser) = person(app, &workspace, own);
        let token = app.write(|tx| {
            let ends = tackboard::model::time::Timestamp::now().plus_days(1);
            let scopes = tackboard::model::scopes::Scopes::ALL;
            let id = user.parse().unwrap();
            app::tokens::issue(tx, &workspace.command(), id, "x".to_owned(), scopes, ends)
        });
        let token = app.client_with(Some(token.1.expose()));
        for client in [&browser, &token] {
            for (old, new) in ROLES.iter().flat_map(|old| ROLES.map(|new| (*old, new))) {
                let (target, _) = person(app, &workspace, old);
                let is_allowed = match own {
                    Role::Owner => true,
                    Role::Admin => old != Role::Owner && new != Role::Owner,
                    Role::Member | Role::Viewer => false,
                };
                let what = format!("{own:?} makes {old:?} {new:?}");
                let reply = set_role(client, &target, new);
                match is_allowed {
                    true => assert_eq!(reply.expect(200).object()["role"], new.as_str(), "{what}"),
                    false => drop(reply.expect_error(403, "insufficient_scope")),
                }
                let (target, _) = person(app, &workspace, old);
                let may_remove = is_allowed || (own == Role::Admin && old != Role::Owner);
                let removed = remove(client, &target);
                match may_remove {
                    true => drop(removed.expect(200)),
                    false => drop(removed.expect_error(403, "insufficient_scope")),
                }
            }
        }
    }
    let (_, admin) = person(app, &workspace, Role::Admin);
    let refused = set_role(&admin, &workspace.owner, Role::Member);
    let refused = refused.expect_error(403, "insufficient_scope");
    assert_eq!(
        refused.details(),
        json!({ "required": "owner", "provided": ["admin"] })
    );
}

#[test]
fn the_last_owner_stays() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    for reply in [
        set_role(&client, &workspace.owner, Role::Admin),
        remove(&client, &workspace.owner),
    ] {
        let refused = reply.expect_error(409, "last_owner");
        assert_eq!(refused.details(), json!({ "user_id": workspace.owner }));
    }
    assert_eq!(client.rows("/v1/members")[0]["role"], "owner");
    let second = app.member(&workspace, Role::Owner);
    set_role(&client, &second, Role::Owner).expect(200);
    remove(&client, &workspace.owner).expect(200);
    client.get("/v1/boards").expect_error(401, "invalid_token");
}

#[test]
fn of_two_owners_who_remove_or_demote_each_other_at_once_one_stays() {
    let app = App::shared();
    let demote = |client: &Client, user: &str| set_role(client, user, Role::Viewer);
    for round in 0..20 {
        let workspace = app.workspace("teams");
        let second = app.member(&workspace, Role::Owner);
        let browsers =
            [&second, &workspace.owner].map(|user| app.browser_with(Some(&app.cookie(user))));
        let targets = [workspace.owner.clone(), second];
        at_once(2, |n| match round % 2 {
            0 => remove(&browsers[n], &targets[n]).status,
            _ => demote(&browsers[n], &targets[n]).status,
        });
        let hex = workspace.id.replace('-', "");
        let owners =
            format!("SELECT count(*) FROM member WHERE role = 'owner' AND workspace_id = x'{hex}'");
        assert_eq!(app.number(&owners), 1);
    }
}

#[test]
fn the_database_itself_keeps_the_last_owner() {
    let app = App::start();
    app.workspace("teams");
    let conn = rusqlite::Connection::open(app.database()).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    for sql in [
        "DELETE FROM member",
        "DELETE FROM user",
        "UPDATE member SET role = 'viewer'",
        "UPDATE OR REPLACE member SET role = 'admin'",
    ] {
        let refused = conn.execute_batch(sql).unwrap_err();
        assert_eq!(refused.to_string(), "last_owner:member", "{sql}");
    }
    conn.execute_batch("DELETE FROM workspace").unwrap();
    assert_eq!(app.number("SELECT count(*) FROM member"), 0);
}

#[test]
fn who_is_removed_loses_tokens_and_sessions_on_the_next_request() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let (user, browser) = person(app, &workspace, Role::Admin);
    let secret = browser
        .post("/v1/tokens", json!({ "name": "x", "scopes": ["read"] }))
        .expect(201)
        .object();
    let token = app.client_with(secret["secret"].as_str());
    token.get("/v1/boards").expect(200);
    let link = app.sign_in_code(&user);
    let client = app.client_of(&workspace);
    remove(&client, &user).expect(200);
    token.get("/v1/boards").expect_error(401, "invalid_token");
    browser
        .get("/v1/boards")
        .expect_error(401, "session_expired");
    let path = format!("/sign-in/{link}");
    app.browser()
        .post(&path, json!({}))
        .expect_error(410, "sign_in_link_invalid");
    remove(&client, &user).expect_error(404, "member_not_found");
    let types = column(&client.rows("/v1/events?limit=2"), "type");
    assert_eq!(types, ["member.removed", "token.revoked"]);
}

#[test]
fn who_is_a_member_elsewhere_stays_signed_in_there() {
    let app = App::shared();
    let (one, other) = (app.workspace("teams"), app.workspace("teams"));
    let (user, browser) = person(app, &one, Role::Member);
    app.write(|tx| {
        let user = store::users::get(tx, user.parse().unwrap())?;
        app::members::join(tx, &other.command(), &user, Role::Member)
    });
    remove(&app.client_of(&one), &user).expect(200);
    browser.get("/v1/boards").expect(200);
    browser
        .get(&format!("/v1/boards?workspace={}", one.id))
        .expect_error(404, "workspace_not_found");
}

#[test]
fn a_lower_role_holds_from_the_next_request_on() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let (user, browser) = person(app, &workspace, Role::Admin);
    browser.get("/v1/tokens").expect(200);
    let client = app.client_of(&workspace);
    set_role(&client, &user, Role::Viewer).expect(200);
    browser
        .get("/v1/tokens")
        .expect_error(403, "insufficient_scope");
    browser
        .post("/v1/boards", json!({ "name": "x" }))
        .expect_error(403, "insufficient_scope");
    let event = &client.rows("/v1/events?types=member.*")[0];
    assert_eq!(
        event["changes"],
        json!({ "role": { "from": "admin", "to": "viewer" } })
    );
    assert_eq!(
        event["data"],
        json!({ "id": user, "name": "Member", "role": "viewer" })
    );
    let latest = || client.get("/v1/events").expect(200).json()["latest"].clone();
    let before = latest();
    set_role(&client, &user, Role::Viewer).expect(200);
    assert_eq!(latest(), before, "the same role again is no change");
}

#[test]
fn an_invitation_ends_with_the_right_to_make_it() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let invite = |browser: &Client, role: &str| {
        let email = format!("{}@example.org", uuid::Uuid::now_v7());
        let body = json!({ "email": email, "role": role });
        browser.post("/v1/invitations", body).expect(201).id()
    };
    let (owner, browser) = person(app, &workspace, Role::Owner);
    let (of_owner, of_viewer) = (invite(&browser, "owner"), invite(&browser, "viewer"));
    let left = || column(&client.rows("/v1/invitations"), "id");
    assert_eq!(left(), [of_owner, of_viewer.clone()]);
    set_role(&client, &owner, Role::Admin).expect(200);
    assert_eq!(left(), [of_viewer]);
    set_role(&client, &owner, Role::Member).expect(200);
    assert!(left().is_empty());
    set_role(&client, &owner, Role::Admin).expect(200);
    invite(&browser, "member");
    remove(&client, &owner).expect(200);
    assert!(left().is_empty());
}

#[test]
fn the_plan_limits_members() {
    let app = App::shared();
    let workspace = app.workspace("pro");
    let client = app.client_of(&workspace);
    let resources = &client.show("/v1/usage")["resources"];
    assert_eq!(resources["members"], json!({ "limit": 1, "current": 1 }));
    let body = json!({ "email": "b@example.org", "role": "member" });
    let refused = client
        .post("/v1/invitations", body)
        .expect_error(403, "resource_limit_exceeded");
    assert_eq!(
        refused.details(),
        json!({ "resource": "members", "limit": 1, "current": 1 })
    );
}

#[test]
fn values_of_every_kind_of_nonsense_are_refused() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let path = format!("/v1/members/{}", workspace.owner);
    for body in [
        json!({}),
        json!({ "role": "god" }),
        json!({ "role": null }),
        json!({ "role": ["owner"] }),
    ] {
        let refused = client
            .patch(&path, body)
            .expect_error(400, "invalid_request");
        assert_eq!(refused.field_names(), ["role"]);
    }
    let refused = client
        .delete("/v1/members/x")
        .expect_error(400, "invalid_uuid");
    assert_eq!(refused.details()["field"], json!("userId"));
    let nobody = uuid::Uuid::now_v7().to_string();
    let refused = remove(&client, &nobody).expect_error(404, "member_not_found");
    assert_eq!(refused.details(), json!({ "member_id": nobody }));
    let elsewhere = app.workspace("teams").owner;
    remove(&client, &elsewhere).expect_error(404, "member_not_found");
    let reader = app.client_with(Some(&app.token(&workspace, &[Scope::Read])));
    assert_eq!(reader.rows("/v1/members").len(), 1);
    let _: Value = remove(&reader, &nobody)
        .expect_error(403, "insufficient_scope")
        .json();
}
