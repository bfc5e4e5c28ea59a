//! The pages of people, as a browser without scripts uses them, and the mails that lead to them.

use std::path::Path;

use serde_json::{Value, json};
use tackboard::app::sample::OWNER_EMAIL;
use tackboard::config::Settings;
use tackboard::model::scopes::Role;

use crate::harness::{App, Workspace, wait_for};
use crate::pages::{Page, Reader, text_of};
use crate::smtp::{MailServer, Reaction};

const PASSWORD: &str = "correct horse battery";
const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A browser: it sends forms, and keeps the cookie.
struct Browser {
    reader: Reader,
    cookie: String,
}

impl Browser {
    fn new(app: &App) -> Self {
        Self {
            reader: Reader::new(app),
            cookie: String::new(),
        }
    }

    /// A browser in which the owner of a workspace is signed in.
    fn of(app: &App, workspace: &Workspace) -> Self {
        Self {
            cookie: app.cookie(&workspace.owner),
            ..Self::new(app)
        }
    }

    fn headers(&self) -> Vec<(&str, &str)> {
        let mut headers = vec![("accept", HTML), ("sec-fetch-site", "same-origin")];
        if !self.cookie.is_empty() {
            headers.push(("cookie", &self.cookie));
        }
        headers
    }

    /// Opens a page, and checks what all pages have in common.
    fn open(&self, path: &str) -> Page {
        check(self.reader.get(path, &self.headers()), path)
    }

    /// Sends a form.
    fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let mut headers = self.headers();
        headers.push(("content-type", "application/x-www-form-urlencoded"));
        let page = self
            .reader
            .send("POST", path, &headers, Some(form.finish()));
        let set = page.header("set-cookie").split(';').next().unwrap();
        if let Some((_, value)) = set.split_once('=') {
            self.cookie = if value.is_empty() { "" } else { set }.to_owned();
        }
        check(page, path)
    }

    /// Sends a form that is accepted, and returns where it leads.
    #[track_caller]
    fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let page = self.send(path, fields);
        assert_eq!(page.status, 303, "{path}: {}", text_of(&page.text));
        page.header("location").to_owned()
    }
}

fn check(page: Page, path: &str) -> Page {
    assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
    assert!(page.header("cache-control").contains("no-store"), "{path}");
    if page.status == 303 {
        assert!(page.header("location").starts_with('/'), "{path}");
        return page;
    }
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("x-robots-tag"), "noindex, nofollow");
    let policy = page.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "style-src 'sha256-",
    ] {
        assert!(policy.contains(rule), "{path}: {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("script-src"));
    assert!(!page.text.contains("<script"), "{path}");
    // Else browsers send "Origin: null" with forms.
    assert!(
        page.text
            .contains("<meta name=\"referrer\" content=\"same-origin\">")
    );
    for name in ["href", "src", "action"] {
        for link in page.attributes(name) {
            // The page for requests from other sites names the server.
            let is_own = link.starts_with(['/', '#']) || link.starts_with("http://127.0.0.1:");
            assert!(is_own, "{path}: {name} {link}");
        }
    }
    page
}

/// Fails unless the page has this status and says all of this.
#[track_caller]
fn says(page: &Page, status: u16, texts: &[&str]) {
    let shown = text_of(&page.text);
    assert_eq!(page.status, status, "{shown}");
    for text in texts {
        assert!(shown.contains(text), "{text:?} is not in {shown}");
    }
}

/// An owner with a password.
fn with_password(app: &App) -> (Workspace, String) {
    let workspace = app.workspace("teams");
    let email = app.set_password(&workspace.owner, PASSWORD);
    (workspace, email)
}

fn invitation(app: &App, workspace: &Workspace, email: &str) -> String {
    let body = json!({ "email": email, "role": "member" });
    let made = app.client_of(workspace).post("/v1/invitations", body);
    let link = made.expect(201).object()["link"]
        .as_str()
        .unwrap()
        .to_owned();
    link.strip_prefix(&app.origin).unwrap().to_owned()
}

#[test]
fn a_person_signs_in_with_a_password() {
    let app = App::start();
    let (_, email) = with_password(&app);
    let mut browser = Browser::new(&app);
    let page = browser.open("/sign-in");
    says(
        &page,
        200,
        &["Sign in", "Email", "Password", "tackboard user link"],
    );
    assert!(page.text.contains("autocomplete=\"current-password\""));
    assert!(!page.text.contains("Mail me"), "without a mail server");

    let wrong = browser.send(
        "/sign-in",
        &[("email", &email), ("password", "not this one")],
    );
    says(&wrong, 401, &["Email or password is wrong"]);
    assert!(wrong.text.contains("<title>Error: Sign in"));
    assert!(wrong.text.contains(&format!("value=\"{email}\"")));
    assert!(!wrong.text.contains("not this one") && browser.cookie.is_empty());
    let missing = browser.send("/sign-in", &[("email", ""), ("password", "")]);
    says(
        &missing,
        400,
        &["Email is required", "Password is required"],
    );
    assert!(missing.text.contains("href=\"#email\"") && missing.text.contains("aria-invalid"));

    let form = [("email", email.as_str()), ("password", PASSWORD)];
    assert_eq!(browser.submit("/sign-in", &form), "/app");
    says(
        &browser.open("/account"),
        200,
        &["Your account", "This browser"],
    );
    assert_eq!(browser.open("/sign-in").header("location"), "/app");

    assert_eq!(browser.submit("/sign-out", &[]), "/sign-in?signed-out");
    assert!(browser.cookie.is_empty());
    says(
        &browser.open("/sign-in?signed-out"),
        200,
        &["You are signed out"],
    );
    assert_eq!(
        browser.open("/app").header("location"),
        "/sign-in?next=%2Fapp"
    );
    assert_eq!(browser.open("/account").header("location"), "/sign-in");
}

#[test]
fn too_many_failures_are_a_page_that_says_how_long_to_wait() {
    let app = App::start();
    let (_, email) = with_password(&app);
    let mut browser = Browser::new(&app);
    let form = [("email", email.as_str()), ("password", "not this one")];
    for _ in 0..5 {
        assert_eq!(browser.send("/sign-in", &form).status, 401);
    }
    let page = browser.send("/sign-in", &form);
    says(&page, 429, &["Too many attempts. Wait"]);
    assert!(!page.header("retry-after").is_empty());
}

#[test]
fn the_owners_first_link_leads_to_the_app() {
    let app = App::start();
    let owner = app.workspace("teams").owner;
    app.sql(&format!(
        "UPDATE user SET email = '{OWNER_EMAIL}', name = 'Owner'"
    ));
    let code = app.sign_in_code(&owner);
    let (link, mut browser) = (format!("/sign-in/{code}"), Browser::new(&app));
    let page = browser.open(&link);
    says(&page, 200, &["signs you in as Owner"]);
    assert!(!page.text.contains(OWNER_EMAIL));
    assert_eq!(page.text.matches("<button").count(), 1);
    assert_eq!(browser.submit(&link, &[]), "/welcome");
    let page = browser.open("/welcome");
    says(
        &page,
        200,
        &["Welcome", "Your name", "Password (optional)", "Skip"],
    );
    assert!(page.attributes("href").contains(&"/app".to_owned()));
    says(
        &browser.open("/account"),
        200,
        &["Your account", "You have no password"],
    );

    let bad = browser.send(
        "/welcome",
        &[("name", "Ada"), ("email", "x"), ("password", "short")],
    );
    says(
        &bad,
        400,
        &["Welcome", "Password must be at least 10 characters"],
    );
    assert!(bad.text.contains("value=\"Ada\"") && !bad.text.contains("short"));
    let form = [
        ("name", "Ada"),
        ("email", " Ada@Example.org "),
        ("password", PASSWORD),
    ];
    assert_eq!(browser.submit("/welcome", &form), "/app");
    let page = browser.open("/account");
    says(&page, 200, &["Your account", "A new password ends"]);
    assert!(page.text.contains("value=\"ada@example.org\""));

    let used = Browser::new(&app).open(&link);
    says(
        &used,
        410,
        &["This link no longer works", "tackboard user link --user"],
    );
    says(
        &Browser::new(&app).send(&link, &[]),
        410,
        &["This link no longer works"],
    );
}

#[test]
fn a_link_sets_a_new_password() {
    let app = App::start();
    let (workspace, email) = with_password(&app);
    let old = Browser::of(&app, &workspace);
    let link = format!("/sign-in/{}", app.sign_in_code(&workspace.owner));
    let mut browser = Browser::new(&app);
    says(&browser.open(&link), 200, &["Forgotten your password?"]);
    let path = format!("{link}/password");
    let page = browser.open(&path);
    says(&page, 200, &["Set a new password", "10 to 128 characters"]);
    assert!(page.text.contains("autocomplete=\"new-password\""));
    let short = browser.send(&link, &[("password", "short")]);
    says(
        &short,
        400,
        &[
            "Set a new password",
            "Password must be at least 10 characters",
        ],
    );
    assert_eq!(
        browser.submit(&link, &[("password", "another horse battery")]),
        "/app"
    );
    assert_eq!(old.open("/account").header("location"), "/sign-in");
    says(&Browser::new(&app).open(&path), 410, &["no longer works"]);
    let form = [
        ("email", email.as_str()),
        ("password", "another horse battery"),
    ];
    assert_eq!(Browser::new(&app).submit("/sign-in", &form), "/app");
}

#[test]
fn a_new_person_accepts_an_invitation() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let link = invitation(&app, &workspace, "grace@example.org");
    let mut browser = Browser::new(&app);
    let page = browser.open(&link);
    says(
        &page,
        200,
        &["Join Test", "as member", "grace@example.org", "Your name"],
    );
    let bad = browser.send(&link, &[("name", "Grace"), ("password", "short")]);
    says(&bad, 400, &["Password must be at least 10 characters"]);
    assert!(bad.text.contains("value=\"Grace\""));
    says(&browser.send(&link, &[]), 400, &["Name is required"]);
    assert_eq!(
        browser.submit(&link, &[("name", "Grace"), ("password", "")]),
        "/app"
    );
    says(
        &browser.open("/account"),
        200,
        &["Test", "Your role: member"],
    );
    says(
        &browser.open(&link),
        410,
        &["This invitation no longer works"],
    );
}

#[test]
fn an_invitation_of_somebody_with_an_account_asks_to_sign_in_as_that_person() {
    let app = App::start();
    let (workspace, (other, email)) = (app.workspace("teams"), with_password(&app));
    let link = invitation(&app, &workspace, &email);
    let code = link.rsplit('/').next().unwrap();
    let mut browser = Browser::new(&app);
    says(
        &browser.open(&link),
        200,
        &["Sign in to accept", "There is an account"],
    );
    says(
        &browser.send(&link, &[("name", "Eve")]),
        409,
        &["Sign in to accept"],
    );

    let mut stranger = Browser::of(&app, &workspace);
    says(&stranger.open(&link), 200, &["Sign out and continue"]);
    says(&stranger.send(&link, &[]), 409, &["Sign out and continue"]);
    let sign_in = stranger.submit("/sign-out", &[("invitation", code)]);
    assert_eq!(sign_in, format!("/sign-in?invitation={code}"));
    assert!(
        stranger
            .open(&sign_in)
            .text
            .contains(&format!("value=\"{code}\""))
    );
    let form = [
        ("invitation", code),
        ("email", email.as_str()),
        ("password", PASSWORD),
    ];
    assert_eq!(stranger.submit("/sign-in", &form), link);
    says(&stranger.open(&link), 200, &["Join as"]);
    assert_eq!(stranger.submit(&link, &[]), "/app");
    assert_eq!(
        app.browser_of(&other).show("/v1/session")["workspaces"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn nobody_is_sent_elsewhere() {
    let app = App::start();
    let (_, email) = with_password(&app);
    for elsewhere in [
        "https://evil.example",
        "//evil.example",
        "../app",
        "x",
        "/apples",
        "/app\\evil",
        "/app evil",
        "/app\n",
        "/account",
    ] {
        let form = [
            ("next", elsewhere),
            ("email", email.as_str()),
            ("password", PASSWORD),
        ];
        assert_eq!(Browser::new(&app).submit("/sign-in", &form), "/app");
        let form = [
            ("invitation", elsewhere),
            ("email", email.as_str()),
            ("password", PASSWORD),
        ];
        assert_eq!(Browser::new(&app).submit("/sign-in", &form), "/app");
        let mut browser = Browser::new(&app);
        assert_eq!(
            browser.submit("/sign-out", &[("invitation", elsewhere)]),
            "/sign-in?signed-out"
        );
    }
}

#[test]
fn a_person_returns_to_the_address_that_led_to_the_form() {
    let app = App::start();
    let (_, email) = with_password(&app);
    let mut browser = Browser::new(&app);
    let page = "/app/boards/0190/tasks/0191?label=a,b";
    let form = browser.open(page).header("location").to_owned();
    assert_eq!(
        form,
        "/sign-in?next=%2Fapp%2Fboards%2F0190%2Ftasks%2F0191%3Flabel%3Da%2Cb"
    );
    let next = browser.open(&form).attributes("value");
    assert_eq!(next, [page]);
    let mut fields = vec![
        ("next", page),
        ("email", email.as_str()),
        ("password", "not this one"),
    ];
    let again = browser.send("/sign-in", &fields);
    assert_eq!(again.attributes("value")[0], page);
    fields[2].1 = PASSWORD;
    assert_eq!(browser.submit("/sign-in", &fields), page);
    assert_eq!(browser.open(&form).header("location"), page);
}

#[test]
fn a_person_changes_the_account() {
    let app = App::start();
    let (workspace, email) = with_password(&app);
    let mut browser = Browser::of(&app, &workspace);
    let other = Browser::of(&app, &workspace);
    let page = browser.open("/account");
    says(
        &page,
        200,
        &[
            "Only needed to change the email address",
            "This browser",
            "End",
        ],
    );

    assert_eq!(
        browser.submit("/account", &[("name", "Ada <b>"), ("email", &email)]),
        "/account?saved"
    );
    let page = browser.open("/account");
    assert!(page.text.contains("Ada &lt;b&gt;") && !page.text.contains("<b>"));
    says(
        &browser.send("/account", &[("name", " "), ("email", &email)]),
        400,
        &["Name is required"],
    );

    let new = [("name", "Ada"), ("email", "new@example.org")];
    says(
        &browser.send("/account", &new),
        400,
        &["Current password is required"],
    );
    let wrong = [new[0], new[1], ("currentPassword", "not this one")];
    let page = browser.send("/account", &wrong);
    says(&page, 401, &["Current password is wrong"]);
    assert!(
        page.text.contains("href=\"#currentPassword\"") && page.text.contains("new@example.org")
    );
    let right = [new[0], new[1], ("currentPassword", PASSWORD)];
    assert_eq!(browser.submit("/account", &right), "/account?saved");

    let form = [
        ("current", "not this one"),
        ("password", "another horse battery"),
    ];
    let page = browser.send("/account/password", &form);
    says(&page, 401, &["Current password is wrong"]);
    assert!(page.text.contains("href=\"#current\""));
    says(
        &browser.send("/account/password", &[("current", PASSWORD)]),
        400,
        &["New password is required"],
    );
    let form = [("current", PASSWORD), ("password", "another horse battery")];
    assert_eq!(browser.submit("/account/password", &form), "/account?saved");
    assert_eq!(other.open("/account").header("location"), "/sign-in");
    says(&browser.open("/account"), 200, &["Your account"]);
}

#[test]
fn a_person_ends_other_sessions() {
    let app = App::start();
    let (one, two) = (app.workspace("teams"), app.workspace("teams"));
    let mut browser = Browser::of(&app, &one);
    let other = app.browser_of(&one);
    let id = other.show("/v1/session")["id"].as_str().unwrap().to_owned();
    let foreign = app.browser_of(&two).show("/v1/session")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let page = browser.open("/account");
    assert!(
        page.attributes("action")
            .contains(&format!("/account/sessions/{id}"))
    );
    for id in [&id, &foreign, &id] {
        assert_eq!(
            browser.submit(&format!("/account/sessions/{id}"), &[]),
            "/account?ended"
        );
    }
    other
        .get("/v1/session")
        .expect_error(401, "session_expired");
    assert_eq!(
        app.number("SELECT count(*) FROM session"),
        2,
        "the other person's is kept"
    );
    says(
        &browser.send("/account/sessions/x", &[]),
        400,
        &["That did not work"],
    );
}

/// The rows of what pages are about.
fn rows(app: &App) -> Vec<i64> {
    let tables = [
        "session",
        "sign_in_link",
        "invitation",
        "user",
        "member",
        "event",
        "password",
    ];
    let counts = tables.map(|table| app.number(&format!("SELECT count(*) FROM {table}")));
    counts.to_vec()
}

#[test]
fn opening_a_page_changes_nothing() {
    let app = App::start();
    let (workspace, _) = with_password(&app);
    let link = format!("/sign-in/{}", app.sign_in_code(&workspace.owner));
    let invitation = invitation(&app, &workspace, "grace@example.org");
    let password = format!("{link}/password");
    let paths = [
        "/sign-in",
        "/sign-in?next=%2Fapp",
        "/welcome",
        "/account",
        "/account?saved",
        &link,
        &password,
        &invitation,
    ];
    let before = rows(&app);
    for browser in [Browser::new(&app), Browser::of(&app, &workspace)] {
        let before = rows(&app);
        for path in paths {
            browser.open(path);
            browser.open(&format!(
                "{path}{}utm_source=mail",
                if path.contains('?') { '&' } else { '?' }
            ));
            for method in ["HEAD", "OPTIONS"] {
                browser.reader.call(method, path, &browser.headers());
            }
        }
        assert_eq!(rows(&app), before);
    }
    assert_eq!(rows(&app)[1..], before[1..]);
    assert_eq!(Browser::new(&app).submit(&link, &[]), "/app");
}

#[test]
fn every_form_needs_a_page_of_this_server() {
    let app = App::start();
    let (workspace, email) = with_password(&app);
    let link = format!("/sign-in/{}", app.sign_in_code(&workspace.owner));
    let invitation = invitation(&app, &workspace, "grace@example.org");
    let before = rows(&app);
    let (reader, cookie) = (Reader::new(&app), app.cookie(&workspace.owner));
    let session = format!("/account/sessions/{}", uuid::Uuid::now_v7());
    for path in [
        "/sign-in",
        "/sign-out",
        "/account",
        "/account/password",
        &session,
        &link,
        &invitation,
    ] {
        for foreign in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "none"),
        ] {
            let form = format!("name=Eve&email={email}&password={PASSWORD}");
            let headers = [
                ("content-type", "application/x-www-form-urlencoded"),
                ("cookie", cookie.as_str()),
                foreign,
            ];
            let json = reader.send("POST", path, &headers, Some(form.clone()));
            assert_eq!(json.status, 403, "{path} {foreign:?}");
            let json: Value = serde_json::from_str(&json.text).unwrap();
            assert_eq!(json["error"]["code"], "cross_origin_refused");
            let headers = [headers[0], headers[1], headers[2], ("accept", HTML)];
            let page = check(reader.send("POST", path, &headers, Some(form)), path);
            says(&page, 403, &["The request came from another site"]);
        }
    }
    assert_eq!(rows(&app)[1..], before[1..]);
}

#[test]
fn programs_get_json() {
    let app = App::start();
    let reader = Reader::new(&app);
    let used = format!("/sign-in/{}", "x".repeat(43));
    let invitation = format!("/invitations/{}", "x".repeat(43));
    for path in [&used, &invitation, &format!("{used}/password")] {
        let reply = reader.get(path, &[("accept", "application/json")]);
        assert_eq!(reply.status, 410);
        let error: Value = serde_json::from_str(&reply.text).unwrap();
        assert_eq!(error["error"]["code"], "sign_in_link_invalid");
    }
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
    ];
    let form = "email=ada@example.org&password=wrong".to_owned();
    let reply = reader.send("POST", "/sign-in", &headers, Some(form));
    let error: Value = serde_json::from_str(&reply.text).unwrap();
    assert_eq!(
        (reply.status, &error["error"]["code"]),
        (401, &json!("invalid_credentials"))
    );
}

#[test]
fn forms_refuse_nonsense() {
    let app = App::start();
    let (workspace, _) = with_password(&app);
    let browser = Browser::of(&app, &workspace);
    let send = |kind: &str, body: String| {
        let mut headers = browser.headers();
        headers.push(("content-type", kind));
        check(
            browser
                .reader
                .send("POST", "/account", &headers, Some(body)),
            "/account",
        )
    };
    let form = "application/x-www-form-urlencoded";
    assert_eq!(send("application/json", "{}".to_owned()).status, 415);
    assert_eq!(send("text/plain", "name=Ada".to_owned()).status, 415);
    assert_eq!(
        send(form, format!("name={}", "x".repeat(100_000))).status,
        413
    );
    says(
        &send(form, format!("name={}", "x".repeat(101))),
        400,
        &["Name must be at most 100 characters"],
    );
    says(
        &send(form, "name=a%00b".to_owned()),
        400,
        &["control characters"],
    );
    says(
        &send(form, "name=Ada&role=owner".to_owned()),
        400,
        &["role is not a known field"],
    );
    assert_eq!(
        send(form, "name=%ff%fe".to_owned()).status,
        303,
        "replaced, as everywhere"
    );
}

#[test]
fn both_kinds_of_cookie_carry_a_person() {
    let plain = App::start();
    let secure = App::with(|settings| {
        settings.public_url = Some("https://board.example.org".parse().unwrap());
    });
    for (app, start, is_secure) in [
        (&plain, "tackboard_", false),
        (&secure, "__Host-tackboard=", true),
    ] {
        let workspace = app.workspace("teams");
        let link = format!("/sign-in/{}", app.sign_in_code(&workspace.owner));
        let mut browser = Browser::new(app);
        let page = browser.send(&link, &[]);
        let cookie = page.header("set-cookie");
        assert!(
            cookie.starts_with(start) && cookie.contains("HttpOnly"),
            "{cookie}"
        );
        assert_eq!(cookie.contains("Secure"), is_secure);
        says(&browser.open("/account"), 200, &["Your account"]);
    }
}

#[test]
fn a_connection_that_is_not_private_is_named() {
    let plain = App::start();
    let secure = App::with(|settings| {
        settings.public_url = Some("https://board.example.org".parse().unwrap());
    });
    let open = |app: &App, headers: &[(&str, &str)]| Reader::new(app).get("/sign-in", headers).text;
    let note = "This connection is not private";
    for host in ["nas:8080", "192.0.2.7:8080"] {
        assert!(open(&plain, &[("host", host)]).contains(note), "{host}");
    }
    assert!(!open(&plain, &[]).contains(note), "the own machine");
    assert!(!open(&secure, &[("host", "board.example.org")]).contains(note));
    let page = Reader::new(&secure).get("/sign-in", &[("host", "nas:8080")]);
    assert!(text_of(&page.text).contains("You can only sign in at https://board.example.org"));
    assert!(
        page.attributes("href")
            .contains(&"https://board.example.org".to_owned())
    );
}

/// Settings with a mail server.
fn mailing(server: &MailServer) -> impl FnOnce(&mut Settings) + use<> {
    let smtp = server.settings();
    move |settings| {
        settings.mail.smtp = Some(smtp);
        settings.mail.from = "Tackboard <board@example.org>".parse().unwrap();
        settings.mail.delay_factor = 0.001;
    }
}

/// The code of the only link of a kind in a text.
fn code_in(text: &str, kind: &str) -> String {
    let text = text.replace("=\r\n", "").replace("=3D", "=");
    let rest = text.split(&format!("/{kind}/")).nth(1).unwrap();
    rest.chars().take(43).collect()
}

/// Whether a text is anywhere in the files of the database.
fn is_stored(folder: &Path, text: &str) -> bool {
    let names = ["tackboard.db", "tackboard.db-wal"];
    let files = names.map(|name| std::fs::read(folder.join(name)).unwrap_or_default());
    files
        .iter()
        .any(|file| file.windows(text.len()).any(|part| part == text.as_bytes()))
}

#[test]
fn a_sign_in_link_is_mailed() {
    let server = MailServer::start(|word, count| match (word, count) {
        ("TEXT", 0) => Reaction::Say("451 later"),
        _ => Reaction::Usual,
    });
    let app = App::with(mailing(&server));
    let workspace = app.workspace("teams");
    let email = format!("{}@example.org", workspace.id);
    let mut browser = Browser::new(&app);
    assert!(
        browser
            .open("/sign-in")
            .text
            .contains("Mail me a sign-in link")
    );
    for address in ["nobody@example.org", &email, "no address"] {
        let page = browser.send("/sign-in", &[("email", address), ("action", "link")]);
        says(&page, 202, &["Check your mail", address, "If a person"]);
    }
    says(
        &browser.send("/sign-in", &[("action", "link")]),
        400,
        &["Email is required"],
    );
    let mails = wait_for("the mail", || {
        Some(server.mails()).filter(|mails| mails.len() == 2)
    });
    assert_eq!(mails[1].to, email);
    assert_eq!(mails[1].header("Subject"), "Sign in to Tackboard");
    assert_eq!(mails[1].header("Auto-Submitted"), "auto-generated");
    assert_eq!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
    let code = code_in(&mails[1].text, "sign-in");
    assert!(!is_stored(app.data.path(), &code));
    assert_eq!(app.number("SELECT count(*) FROM sign_in_link"), 1);
    assert_eq!(browser.submit(&format!("/sign-in/{code}"), &[]), "/app");
}

#[test]
fn an_invitation_is_mailed_once() {
    let server = MailServer::usual();
    let app = App::with(mailing(&server));
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let body = json!({ "email": "grace@example.org", "role": "member" });
    let key = [("idempotency-key", "one")];
    for _ in 0..2 {
        client
            .json("POST", "/v1/invitations", &key, body.clone())
            .expect(201);
    }
    // A refused invitation is not mailed.
    let member = app.member(&workspace, Role::Member);
    let known = app.set_password(&member, PASSWORD);
    client
        .post(
            "/v1/invitations",
            json!({ "email": known, "role": "member" }),
        )
        .expect(409);
    let last = invitation(&app, &workspace, "ada@example.org");
    let mails = wait_for("the mails", || {
        Some(server.mails()).filter(|mails| mails.len() >= 2)
    });
    assert_eq!(mails.len(), 2);
    let grace = mails
        .iter()
        .find(|mail| mail.to == "grace@example.org")
        .unwrap();
    assert_eq!(grace.header("Subject"), "Invitation to Test");
    assert!(
        grace
            .text
            .contains("Owner invites you to the workspace Test as member")
    );
    let code = code_in(&grace.text, "invitations");
    assert!(!is_stored(app.data.path(), &code));
    let ada = mails
        .iter()
        .find(|mail| mail.to == "ada@example.org")
        .unwrap();
    assert_eq!(
        last,
        format!("/invitations/{}", code_in(&ada.text, "invitations"))
    );
    let mut browser = Browser::new(&app);
    assert_eq!(
        browser.submit(&format!("/invitations/{code}"), &[("name", "Grace")]),
        "/app"
    );
}

#[test]
fn an_address_gets_few_mails() {
    let server = MailServer::usual();
    let app = App::with(mailing(&server));
    let workspace = app.workspace("teams");
    for _ in 0..7 {
        invitation(&app, &workspace, "grace@example.org");
    }
    invitation(&app, &workspace, "last@example.org");
    let mails = wait_for("the last mail", || {
        let mails = server.mails();
        mails
            .iter()
            .any(|mail| mail.to == "last@example.org")
            .then_some(mails)
    });
    assert!(
        mails
            .iter()
            .filter(|mail| mail.to == "grace@example.org")
            .count()
            <= 5
    );
}

#[test]
fn without_a_mail_server_the_mails_are_files() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let body = json!({ "email": format!("{}@example.org", workspace.id) });
    app.browser().post("/v1/session/link", body).expect(202);
    let folder = app.data.path().join("outbox");
    let text = wait_for("the file", || {
        let file = std::fs::read_dir(&folder).ok()?.next()?.ok()?.path();
        let is_done = file.extension().is_some_and(|end| end == "eml");
        is_done.then(|| std::fs::read_to_string(file).unwrap())
    });
    let code = code_in(&text, "sign-in");
    assert_eq!(
        Browser::new(&app).submit(&format!("/sign-in/{code}"), &[]),
        "/app"
    );
}

#[test]
fn a_stop_waits_for_the_mail_of_a_moment_ago() {
    let server = MailServer::usual();
    let app = App::with(mailing(&server));
    let workspace = app.workspace("teams");
    invitation(&app, &workspace, "grace@example.org");
    app.stop();
    assert_eq!(server.mails().len(), 1);
}
