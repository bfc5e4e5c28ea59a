//! Sessions: signing in with a password, the cookie, the workspace of a call, and how sessions end.

use serde_json::{Value, json};
use tackboard::model::scopes::Role;
use tackboard::{app, store};

use crate::errors::Case;
use crate::harness::{App, Client, Reply, Workspace, at_once, text, wait_for};
use crate::raw::Raw;

const PASSWORD: &str = "correct horse battery";

fn sign_in(client: &Client, email: &str, password: &str) -> Reply {
    client.post(
        "/v1/session",
        json!({ "email": email, "password": password }),
    )
}

/// The errors of people, for the test of the catalog.
pub fn errors() -> Vec<Case> {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let (client, browser) = (app.client_of(&workspace), app.browser_of(&workspace));
    let id = uuid::Uuid::now_v7().to_string();
    let missing = |noun: &str, reply: Reply| {
        let code = format!("{noun}_not_found");
        let capital = noun[..1].to_uppercase() + &noun[1..];
        let message = format!("{capital} not found or access denied");
        let details = json!({ format!("{noun}_id"): id });
        (
            reply,
            404,
            json!({ "code": code, "message": message, "details": details }),
        )
    };
    let plain = |reply: Reply, status: u16, code: &str, message: &str| {
        (reply, status, json!({ "code": code, "message": message }))
    };
    let with = |reply: Reply, status: u16, code: &str, message: &str, details: Value| {
        (
            reply,
            status,
            json!({ "code": code, "message": message, "details": details }),
        )
    };
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ];
    let post = |path: &str| app.browser().post(path, json!({}));
    vec![
        missing("member", client.delete(&format!("/v1/members/{id}"))),
        missing(
            "invitation",
            client.delete(&format!("/v1/invitations/{id}")),
        ),
        missing("session", browser.delete(&format!("/v1/sessions/{id}"))),
        plain(
            sign_in(
                &app.browser(),
                "nobody-at-all@example.org",
                "a wrong password",
            ),
            401,
            "invalid_credentials",
            "E-mail or password is wrong",
        ),
        plain(
            app.browser().get("/v1/session"),
            401,
            "session_expired",
            "The session has ended",
        ),
        plain(
            post(&format!("/sign-in/{}", "x".repeat(43))),
            410,
            "sign_in_link_invalid",
            "The link was used or has expired",
        ),
        with(
            app.client_with(None)
                .json("POST", "/v1/session", &foreign, json!({})),
            403,
            "cross_origin_refused",
            "The request came from another site",
            json!({ "origin": "https://evil.example" }),
        ),
        with(
            client.delete(&format!("/v1/members/{}", workspace.owner)),
            409,
            "last_owner",
            "A workspace needs an owner",
            json!({ "user_id": workspace.owner }),
        ),
    ]
}

/// The cookie that a response sets, as a request sends it back.
fn cookie(reply: &Reply) -> String {
    reply
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned()
}

/// A workspace whose owner has a password, and the owner's address.
fn with_password(app: &App) -> (Workspace, String) {
    let workspace = app.workspace("teams");
    let email = app.set_password(&workspace.owner, PASSWORD);
    (workspace, email)
}

#[test]
fn a_person_signs_in_works_and_signs_out() {
    let app = App::shared();
    let (workspace, email) = with_password(app);
    let reply = sign_in(
        &app.browser(),
        &format!(" {} ", email.to_uppercase()),
        PASSWORD,
    );
    let session = reply.expect(200);
    assert_eq!(session.header("cache-control"), "no-store");
    let shown = session.object();
    assert_eq!(shown["user"]["email"], json!(email));
    assert_eq!(shown["user"]["has_password"], json!(true));
    let place = &shown["workspaces"][0];
    assert_eq!(
        (&place["id"], &place["role"]),
        (&json!(workspace.id), &json!("owner"))
    );
    let browser = app.browser_with(Some(&cookie(&session)));
    assert_eq!(browser.show("/v1/session"), shown);
    let board = browser.new_board();
    browser.get(&format!("/v1/boards/{board}")).expect(200);
    let event = &browser.rows("/v1/events?limit=1")[0];
    assert_eq!(
        event["actor"],
        json!({ "kind": "session", "user_id": workspace.owner, "name": "Owner", "credential": null })
    );
    let out = browser.delete("/v1/session").expect(200);
    assert_eq!(out.json()["id"], shown["id"]);
    assert!(
        out.header("set-cookie").contains("=; Path=/; Max-Age=0"),
        "{:?}",
        out.headers
    );
    browser
        .get("/v1/session")
        .expect_error(401, "session_expired");
    let gone = browser
        .get("/v1/boards")
        .expect_error(401, "session_expired");
    assert_eq!(gone.header("www-authenticate"), "");
}

#[test]
fn the_cookie_has_the_name_and_the_flags_of_the_public_url() {
    for (public, wanted) in [
        (None, ["tackboard_", "HttpOnly; SameSite=Lax"]),
        (
            Some("http://nas:8080"),
            ["tackboard_", "HttpOnly; SameSite=Lax"],
        ),
        (
            Some("https://board.example.org"),
            ["__Host-tackboard=", "HttpOnly; SameSite=Lax; Secure"],
        ),
    ] {
        let app = App::with(|settings| {
            settings.public_url = public.map(|url| url.parse().unwrap());
        });
        let (_, email) = with_password(&app);
        let reply = sign_in(&app.browser(), &email, PASSWORD).expect(200);
        let set = reply.header("set-cookie");
        assert!(
            set.starts_with(wanted[0]) && set.ends_with(wanted[1]),
            "{set}"
        );
        assert!(set.contains("; Path=/; Max-Age=7776000; "), "{set}");
        assert!(!set.contains("Domain"), "{set}");
        app.browser_with(Some(&cookie(&reply)))
            .get("/v1/boards")
            .expect(200);
    }
}

#[test]
fn two_servers_on_one_host_have_different_cookies() {
    let (one, other) = (App::start(), App::shared());
    assert_ne!(one.cookie_name(), other.cookie_name());
}

#[test]
fn a_wrong_password_and_an_unknown_address_get_the_same_answer_for_the_same_work() {
    let app = App::start();
    let (_, email) = with_password(&app);
    let without = app.workspace("teams").owner;
    let without = app.write(|tx| Ok(store::users::get(tx, without.parse().unwrap())?.email));
    let mut answers = Vec::new();
    for email in [
        email.as_str(),
        &without,
        "nobody@example.org",
        "no address",
        "' OR 1=1 --",
    ] {
        let before = hashes(&app);
        let reply = sign_in(&app.browser(), email, "a wrong password");
        let reply = reply.expect_error(401, "invalid_credentials");
        assert_eq!(hashes(&app) - before, 1, "one hash per attempt: {email}");
        let mut names: Vec<_> = reply.headers.keys().map(ToString::to_string).collect();
        names.sort();
        answers.push((reply.text.clone(), names));
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:#?}"
    );
    assert!(!answers[0].1.contains(&"set-cookie".to_owned()));
}

/// How many password hashes the server has computed.
fn hashes(app: &App) -> u64 {
    metric(app, "tackboard_password_hashes_total")
}

fn metric(app: &App, name: &str) -> u64 {
    let metrics = app.client_with(None).get("/metrics").expect(200).text;
    let line = metrics.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.split(' ').nth(1))
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
fn failures_are_limited_and_links_still_work() {
    let app = App::start();
    let (workspace, email) = with_password(&app);
    let browser = app.browser();
    for _ in 0..5 {
        sign_in(&browser, &email, "a wrong password").expect_error(401, "invalid_credentials");
    }
    let refused = sign_in(&browser, &email, PASSWORD).expect_error(429, "rate_limited");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds));
    let code = app.sign_in_code(&workspace.owner);
    browser
        .post(&format!("/sign-in/{code}"), json!({}))
        .expect(200);
    // Another account from the same address fails until the address has failed 20 times.
    for n in 0..15 {
        let email = format!("{n}@example.org");
        sign_in(&browser, &email, "a wrong password").expect_error(401, "invalid_credentials");
    }
    let (_, other) = with_password(&app);
    sign_in(&browser, &other, PASSWORD).expect_error(429, "rate_limited");
}

#[test]
fn a_success_does_not_count_as_a_failure() {
    let app = App::start();
    let (_, email) = with_password(&app);
    for _ in 0..8 {
        sign_in(&app.browser(), &email, PASSWORD).expect(200);
    }
}

#[test]
fn people_who_sign_in_at_once_are_not_refused() {
    let app = App::start();
    let (_, email) = with_password(&app);
    let browser = app.browser();
    let statuses = at_once(12, |_| sign_in(&browser, &email, PASSWORD).status);
    assert_eq!(statuses, [200; 12]);
    let emails: Vec<_> = (0..30).map(|_| with_password(&app).1).collect();
    let statuses = at_once(30, |n| sign_in(&browser, &emails[n], PASSWORD).status);
    assert_eq!(statuses, [200; 30], "one address for many accounts");
}

#[test]
fn guesses_at_once_fail_only_as_often_as_the_limit_allows() {
    let app = App::start();
    let (_, email) = with_password(&app);
    let browser = app.browser();
    let guess = |_| sign_in(&browser, &email, "a wrong password");
    let replies = at_once(30, guess);
    let with = |status| replies.iter().filter(move |reply| reply.status == status);
    assert_eq!((with(401).count(), with(429).count()), (5, 25));
    for refused in with(429) {
        let seconds: u64 = refused.header("retry-after").parse().unwrap();
        assert!((30..=60).contains(&seconds), "{seconds}");
    }
    assert_eq!(hashes(&app), 5);
}

#[test]
fn attempts_that_wait_are_bounded() {
    let app = App::start();
    let (_, email) = with_password(&app);
    let browser = app.browser();
    let replies = at_once(150, |_| sign_in(&browser, &email, PASSWORD));
    let with = |status| replies.iter().filter(move |reply| reply.status == status);
    assert!(with(200).count() >= 65, "{}", with(200).count());
    assert_eq!(with(200).count() + with(503).count(), 150);
    for refused in with(503) {
        assert_eq!(refused.details(), json!({ "reason": "overloaded" }));
    }
    assert_eq!(metric(&app, "tackboard_password_hashes_pending"), 0);
}

#[test]
fn a_wrong_password_counts_even_if_the_client_is_gone() {
    let app = App::start();
    let (_, email) = with_password(&app);
    let body = json!({ "email": email, "password": "a wrong password" }).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("content-length", &body.len().to_string()),
    ];
    for count in 1..=5 {
        let mut raw = Raw::head(&app.browser(), "POST", "/v1/session", &headers);
        raw.send(&body);
        wait_for("a hash", || (hashes(&app) == count).then_some(()));
        drop(raw);
    }
    wait_for("the last hash", || {
        (metric(&app, "tackboard_password_hashes_pending") == 0).then_some(())
    });
    sign_in(&app.browser(), &email, PASSWORD).expect_error(429, "rate_limited");
}

#[test]
fn behind_a_trusted_proxy_each_client_has_its_own_limit() {
    let app = App::with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    });
    let (_, email) = with_password(&app);
    let from = |address: &str, password: &str| {
        let body = json!({ "email": email, "password": password });
        app.browser()
            .json("POST", "/v1/session", &[("x-forwarded-for", address)], body)
    };
    for n in 0..5 {
        from(&format!("198.51.100.{n}"), "a wrong password").expect(401);
    }
    from("198.51.100.77", PASSWORD).expect_error(429, "rate_limited");
    from("203.0.113.1", PASSWORD).expect(200);
}

#[test]
fn a_flood_of_wrong_passwords_computes_few_hashes_at_once_and_reads_go_on() {
    let app = App::with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    });
    let (workspace, email) = with_password(&app);
    let reader = app.client_of(&workspace);
    let statuses = at_once(100, |n| {
        (0..5)
            .map(|round| {
                let address = format!("10.{n}.{round}.1");
                let body = json!({ "email": email, "password": "a wrong password" });
                let headers = [("x-forwarded-for", address.as_str())];
                if n == 0 {
                    reader.get("/v1/boards").expect(200);
                }
                let reply = app.browser().json("POST", "/v1/session", &headers, body);
                (reply.status, reply.code())
            })
            .collect::<Vec<_>>()
    });
    let mut refused = 0;
    for (status, code) in statuses.into_iter().flatten() {
        match status {
            401 => assert_eq!(code, "invalid_credentials"),
            _ => {
                assert_eq!((status, code.as_str()), (503, "service_unavailable"));
                refused += 1;
            }
        }
    }
    assert_eq!(
        hashes(&app) + refused,
        500,
        "every attempt was hashed or refused"
    );
    assert_eq!(metric(&app, "tackboard_password_hashes_pending"), 0);
}

#[test]
fn a_session_names_its_workspace() {
    let app = App::shared();
    let (one, other, foreign) = (
        app.workspace("teams"),
        app.workspace("teams"),
        app.workspace("teams"),
    );
    app.write(|tx| {
        let owner = store::users::get(tx, one.owner.parse().unwrap())?;
        app::members::join(tx, &other.command(), &owner, Role::Viewer)
    });
    let browser = app.browser_of(&one);
    let session = browser.show("/v1/session");
    let slug = text(&session["workspaces"][1], "slug");
    let named = |headers: &[(&str, &str)], query: &str| {
        browser.call("GET", &format!("/v1/usage{query}"), headers, None)
    };
    let board = browser.new_board();
    let of = |reply: Reply| {
        let usage = reply.expect(200).object();
        usage["resources"]["boards"]["current"].as_u64().unwrap()
    };
    assert_eq!(of(named(&[], "")), 1, "the oldest workspace");
    assert_eq!(of(named(&[("x-workspace", &one.id)], "")), 1);
    for name in [&other.id, &slug] {
        assert_eq!(of(named(&[("x-workspace", name)], "")), 0);
        assert_eq!(of(named(&[], &format!("?workspace={name}"))), 0);
        assert_eq!(
            of(named(
                &[("x-workspace", name)],
                &format!("?workspace={name}")
            )),
            0
        );
    }
    for name in [foreign.id.as_str(), "nowhere", "ü", &"x".repeat(500)] {
        let refused = named(&[("x-workspace", name)], "");
        refused.expect_error(404, "workspace_not_found");
    }
    named(
        &[("x-workspace", &one.id)],
        &format!("?workspace={}", other.id),
    )
    .expect_error(400, "invalid_request");
    // The role is the one in that workspace.
    let path = format!("/v1/boards/{board}?workspace={slug}");
    browser
        .delete(&path)
        .expect_error(403, "insufficient_scope");
    browser.delete(&format!("/v1/boards/{board}")).expect(200);
}

#[test]
fn a_token_names_only_its_own_workspace() {
    let app = App::shared();
    let (own, other) = (app.workspace("teams"), app.workspace("teams"));
    let client = app.client_of(&own);
    let slug = app.write(|tx| Ok(store::workspaces::get(tx, own.id.parse().unwrap())?.slug));
    for name in [&own.id, &slug] {
        client
            .get(&format!("/v1/boards?workspace={name}"))
            .expect(200);
        client
            .call("GET", "/v1/boards", &[("x-workspace", name)], None)
            .expect(200);
    }
    client
        .get(&format!("/v1/boards?workspace={}", other.id))
        .expect_error(404, "workspace_not_found");
    client.get("/v1/boards?workspace=").expect(200);
}

#[test]
fn calls_of_a_session_do_not_count_and_have_no_quota_headers() {
    let app = App::start();
    app.sql("INSERT INTO plan (name, api_calls) VALUES ('tiny', 2)");
    let workspace = app.workspace("tiny");
    let (browser, client) = (app.browser_of(&workspace), app.client_of(&workspace));
    for _ in 0..10 {
        let reply = browser.get("/v1/boards").expect(200);
        assert_eq!(reply.header("x-ratelimit-limit"), "");
    }
    for _ in 0..2 {
        client.get("/v1/boards").expect(200);
    }
    client.get("/v1/boards").expect_error(429, "quota_exceeded");
    browser.get("/v1/boards").expect(200);
}

#[test]
fn a_session_makes_only_some_calls_a_second() {
    let app = App::with(|settings| settings.session_burst_per_second = 3);
    let (workspace, other) = (app.workspace("teams"), app.workspace("teams"));
    let (browser, client) = (app.browser_of(&workspace), app.client_of(&workspace));
    let statuses = at_once(12, |_| browser.get("/v1/boards").status);
    assert!(
        statuses.contains(&200) && statuses.contains(&429),
        "{statuses:?}"
    );
    app.browser_of(&other).get("/v1/boards").expect(200);
    for _ in 0..12 {
        client.get("/v1/boards").expect(200);
    }
}

#[test]
fn sessions_are_listed_and_ended_by_their_owner_alone() {
    let app = App::shared();
    let (one, other) = (app.workspace("teams"), app.workspace("teams"));
    let (first, second) = (app.browser_of(&one), app.browser_of(&one));
    let listed = second.rows("/v1/sessions");
    assert_eq!(listed.len(), 2);
    assert_eq!(
        (&listed[0]["is_current"], &listed[1]["is_current"]),
        (&json!(true), &json!(false))
    );
    let old = text(&listed[1], "id");
    let stranger = app.browser_of(&other);
    stranger
        .delete(&format!("/v1/sessions/{old}"))
        .expect_error(404, "session_not_found");
    second.delete(&format!("/v1/sessions/{old}")).expect(200);
    second
        .delete(&format!("/v1/sessions/{old}"))
        .expect_error(404, "session_not_found");
    first.get("/v1/boards").expect_error(401, "session_expired");
    second.get("/v1/boards").expect(200);
    for path in ["/v1/session", "/v1/sessions"] {
        let token = app.client_of(&one);
        token.get(path).expect_error(401, "session_expired");
        app.browser().get(path).expect_error(401, "session_expired");
    }
}

#[test]
fn a_session_ends_after_14_days_without_use_and_after_90_in_any_case() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let days = |days: f64| (days * 86_400_000.0) as i64;
    // Each time a new session, because those that have ended are deleted some time later.
    let aged = |created: f64, used: f64| {
        let browser = app.browser_of(&workspace);
        app.sql(&format!(
            "UPDATE session SET created_at = unixepoch() * 1000 - {0}, last_used_at = unixepoch() * 1000 - {1}",
            days(created),
            days(used)
        ));
        browser
    };
    aged(13.9, 13.9).get("/v1/session").expect(200);
    let used = || app.number("SELECT max(last_used_at) FROM session");
    let now = app.number("SELECT unixepoch() * 1000");
    wait_for("the last use", || (used() > now - 60_000).then_some(()));
    aged(89.9, 0.0).get("/v1/session").expect(200);
    let shown = aged(20.0, 2.0).show("/v1/session");
    assert!(text(&shown, "expires_at") > text(&shown, "created_at"));
    for (created, used) in [(14.1, 14.1), (90.1, 0.0)] {
        let ended = aged(created, used);
        for path in ["/v1/session", "/v1/boards"] {
            ended.get(path).expect_error(401, "session_expired");
        }
    }
}

#[test]
fn a_clock_that_was_set_back_ends_nothing_and_breaks_nothing() {
    let app = App::start();
    let (workspace, _) = with_password(&app);
    let browser = app.browser_of(&workspace);
    let (id, code) = browser.new_invitation();
    for (table, columns) in [
        (
            "session",
            "created_at = created_at + {day}, last_used_at = last_used_at + {day}",
        ),
        (
            "user",
            "created_at = created_at + {day}, updated_at = updated_at + {day}",
        ),
        ("member", "created_at = created_at + {day}"),
        (
            "invitation",
            "created_at = created_at + {day}, expires_at = expires_at + {day}",
        ),
    ] {
        let columns = columns.replace("{day}", "86400000");
        app.sql(&format!("UPDATE {table} SET {columns}"));
    }
    browser.new_board();
    browser.show("/v1/session");
    let name =
        json!({ "name": "Ada", "currentPassword": PASSWORD, "password": "another horse battery" });
    browser.json("PATCH", "/v1/me", &[], name).expect(200);
    let list = browser.rows("/v1/invitations");
    assert_eq!(text(&list[0], "id"), id);
    let accepted = json!({ "name": "Eve" });
    app.browser()
        .post(&format!("/invitations/{code}"), accepted)
        .expect(200);
    assert_eq!(browser.rows("/v1/members").len(), 2);
}

#[test]
fn the_last_use_is_written_rarely() {
    let app = App::start();
    let browser = app.browser_of(&app.workspace("teams"));
    app.sql("UPDATE session SET last_used_at = last_used_at - 1000000, created_at = created_at - 1000000");
    let used = app.number("SELECT last_used_at FROM session");
    for _ in 0..5 {
        browser.new_board();
    }
    assert_eq!(app.number("SELECT last_used_at FROM session"), used);
}

#[test]
fn a_person_keeps_at_most_a_hundred_sessions() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let first = app.browser_of(&workspace);
    for _ in 0..100 {
        app.cookie(&workspace.owner);
    }
    assert_eq!(app.number("SELECT count(*) FROM session"), 100);
    first
        .get("/v1/session")
        .expect_error(401, "session_expired");
}

#[test]
fn a_session_does_what_the_role_allows() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    for (role, reads, writes, manages) in [
        (Role::Viewer, 200, 403, 403),
        (Role::Member, 200, 201, 403),
        (Role::Admin, 200, 201, 200),
        (Role::Owner, 200, 201, 200),
    ] {
        let browser = app.browser_with(Some(&app.cookie(&app.member(&workspace, role))));
        browser.get("/v1/boards").expect(reads);
        browser
            .post("/v1/boards", json!({ "name": "x" }))
            .expect(writes);
        browser.get("/v1/tokens").expect(manages);
        let none = browser.get("/v1/tokens").details();
        if role == Role::Viewer {
            assert_eq!(none, json!({ "required": "admin", "provided": ["read"] }));
        }
    }
}

#[test]
fn a_session_sends_cards_of_its_workspace_only() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let other = app.workspace("teams");
    let browser = app.browser_with(Some(&app.cookie(&app.member(&workspace, Role::Member))));
    let choices = browser
        .get("/api/integration/workspaces")
        .expect(200)
        .json();
    assert_eq!(choices[0]["choices"].as_array().unwrap().len(), 1);
    assert_eq!(choices[0]["choices"][0]["id"], json!(workspace.id));
    browser
        .post(
            &format!("/api/integration/cards?workspace={}", other.id),
            json!({}),
        )
        .expect_error(404, "workspace_not_found");
    let viewer = app.browser_with(Some(&app.cookie(&app.member(&workspace, Role::Viewer))));
    let send = json!({ "card": uuid::Uuid::now_v7(), "integrationId": uuid::Uuid::now_v7(), "mergeTags": [] });
    viewer
        .post("/api/integration/send-card", send)
        .expect_error(403, "insufficient_scope");
}

#[test]
fn cookies_of_every_kind_of_nonsense_are_ended_sessions() {
    let app = App::shared();
    let name = app.cookie_name();
    for value in [
        "",
        "x",
        "=",
        "\"quoted\"",
        &"x".repeat(43),
        &"x".repeat(6000),
        "%00",
        "a b",
    ] {
        let browser = app.browser_with(Some(&format!("{name}={value}")));
        browser
            .get("/v1/boards")
            .expect_error(401, "session_expired");
        browser
            .get("/v1/session")
            .expect_error(401, "session_expired");
    }
    // A cookie of another server on the same host is none of ours.
    let browser = app.browser_with(Some("tackboard_00000000=x; theme=dark"));
    browser.get("/v1/boards").expect_error(401, "invalid_token");
}

#[test]
fn sign_in_bodies_of_every_kind_of_nonsense_are_refused() {
    let app = App::shared();
    let browser = app.browser();
    let long = "x".repeat(129);
    for (body, field) in [
        (json!({ "email": "a@b", "password": 1 }), "password"),
        (json!({ "email": "a@b" }), "password"),
        (json!({ "email": null, "password": "x" }), "email"),
        (json!({ "email": "a@b", "password": long }), "password"),
        (
            json!({ "email": "a@b", "password": "x", "remember": true }),
            "remember",
        ),
    ] {
        let refused = browser
            .post("/v1/session", body)
            .expect_error(400, "invalid_request");
        assert_eq!(refused.field_names(), [field]);
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    browser
        .call(
            "POST",
            "/v1/session",
            &form,
            Some(b"email=a%40b&password=x".to_vec()),
        )
        .expect_error(415, "unsupported_media_type");
}

#[test]
fn neither_cookie_nor_password_stands_in_the_database_or_the_metrics() {
    let app = App::start();
    let (workspace, email) = with_password(&app);
    let reply = sign_in(&app.browser(), &email, PASSWORD).expect(200);
    let value = cookie(&reply).split('=').nth(1).unwrap().to_owned();
    let code = app.sign_in_code(&workspace.owner);
    let browser = app.browser_with(Some(&cookie(&reply)));
    let (_, invitation) = browser.new_invitation();
    browser
        .post(&format!("/sign-in/{code}"), json!({}))
        .expect(200);
    let metrics = app.client_with(None).get("/metrics").expect(200).text;
    let events = browser.get("/v1/events").expect(200).text;
    assert!(metrics.contains("/sign-in/{code}"));
    let folder = app.stop();
    let file = std::fs::read(folder.path().join("tackboard.db")).unwrap();
    for secret in [PASSWORD, &value, &code, &invitation] {
        let found = file
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(
            !found && !metrics.contains(secret) && !events.contains(secret),
            "{secret}"
        );
    }
}

#[test]
fn an_outdated_hash_is_renewed_at_the_next_sign_in() {
    let app = App::start();
    let (_, email) = with_password(&app);
    app.sql(&format!("UPDATE password SET hash = '{}'", weak_hash()));
    sign_in(&app.browser(), &email, PASSWORD).expect(200);
    let renewed =
        "SELECT count(*) FROM password WHERE hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'";
    assert_eq!(app.number(renewed), 1);
    sign_in(&app.browser(), &email, PASSWORD).expect(200);
}

/// The hash of the password with cheap parameters.
fn weak_hash() -> String {
    use argon2::password_hash::PasswordHasher as _;
    use argon2::{Algorithm, Argon2, Params, Version};
    let cheap = Params::new(16, 1, 1, None).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cheap);
    let hash = argon2.hash_password_with_salt(PASSWORD.as_bytes(), b"some salt of 16b");
    hash.unwrap().to_string()
}

#[test]
fn a_session_is_verified_again_when_the_change_is_made() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let cookie = app.cookie(&workspace.owner);
    let browser = app.browser_with(Some(&cookie));
    let body = json!({ "name": "late" }).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("content-length", &body.len().to_string()),
    ];
    let mut raw = Raw::head(&browser, "POST", "/v1/boards", &headers);
    // The server has authenticated the request once it counts it; the body comes after the end of the session.
    browser.get("/v1/boards").expect(200);
    app.sql("DELETE FROM session");
    raw.send(&body);
    let reply = raw.reply(&browser);
    reply.expect_error(401, "session_expired");
    assert_eq!(app.number("SELECT count(*) FROM board"), 0);
}

#[test]
fn all_of_v1_accepts_a_session_where_it_accepts_a_token() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let viewer = app.cookie(&app.member(&workspace, Role::Viewer));
    let elsewhere = app.cookie(&app.workspace("teams").owner);
    let mut tried = 0;
    for operation in crate::operations::secured().filter(|one| one.path.starts_with("/v1/")) {
        let what = &operation.id;
        assert_eq!(
            operation
                .spec
                .pointer("/security/1/session/0")
                .and_then(Value::as_str),
            operation.scope(),
            "{what}"
        );
        let nothing = operation.call(&crate::operations::Ids::random());
        let send = |cookie: &str| nothing.send(&app.browser_with(Some(cookie)));
        // A cookie of its own for each: a session makes only some calls per second.
        let own = app.browser_of(&workspace);
        let reply = nothing.send(&own);
        assert!(
            ![401, 403].contains(&reply.status),
            "{what}: {}",
            reply.text
        );
        assert_eq!(reply.header("x-ratelimit-remaining"), "", "{what}");
        let as_viewer = send(&viewer);
        match operation.scope() {
            Some("read") => assert_ne!(as_viewer.status, 403, "{what}"),
            _ => drop(as_viewer.expect_error(403, "insufficient_scope")),
        }
        let named = nothing.clone().with("x-workspace", &workspace.id);
        named
            .send(&app.browser_with(Some(&elsewhere)))
            .expect_error(404, "workspace_not_found");
        tried += 1;
    }
    assert!(tried >= 40, "{tried}");
}
