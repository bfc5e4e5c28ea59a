//! Real servers, shared or separate per test, and a client that checks every response against the contract.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use jsonschema::Validator;
use serde_json::{Value, json};
use tackboard::app;
use tackboard::config::{Given, Settings};
use tackboard::contract;
use tackboard::error::Result;
use tackboard::model::addresses::AllowList;
use tackboard::model::context::Ctx;
use tackboard::model::passwords::Password;
use tackboard::model::scopes::{Role, Scope, Scopes};
use tackboard::model::sign_in_links::LIFE;
use tackboard::model::time::Timestamp;
use tackboard::server::Server;
use tackboard::store::{self, Db, Tx, db, migrate};
use tempfile::TempDir;
use ureq::http::{Request, Response};

use crate::pictures::{PNG, Picture};

/// A URL at which nothing answers.
pub const CLOSED_PORT: &str = "http://127.0.0.1:1024/hook";

/// The merged contract.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| contract::document().unwrap())
}

/// An operation, the status of a response, and its error code, if any.
pub type Seen = (String, u16, String);

/// A running server.
pub struct App {
    pub origin: String,
    pub data: TempDir,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    begin_stop: Box<dyn Fn() + Send + Sync>,
    seen: Arc<Mutex<BTreeSet<Seen>>>,
}

/// A workspace with its owner.
#[derive(Clone)]
pub struct Workspace {
    pub id: String,
    pub owner: String,
}

impl Workspace {
    /// The context of a command that changes this workspace.
    pub fn command(&self) -> Ctx {
        Ctx::command(self.id.parse().unwrap())
    }
}

impl App {
    /// Starts a server with default settings and a new folder.
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    /// A server with default settings that many tests share, each with its own workspace. A test that changes more than
    /// its workspace, counts rows of all workspaces or reads metrics starts its own server.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<App> = OnceLock::new();
        SHARED.get_or_init(|| {
            let app = Self::start();
            delete_at_exit(app.data.path());
            app
        })
    }

    /// Starts a server with other settings.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::on(TempDir::new().unwrap(), change)
    }

    /// Starts a server with a folder that may already have a database.
    pub fn on(data: TempDir, change: impl FnOnce(&mut Settings)) -> Self {
        let path = data.path().join("tackboard.db");
        migrate::migrate(&path).unwrap();
        let given = Given {
            listen: Some("127.0.0.1:0".to_owned()),
            workers: Some(2),
            ..Given::default()
        };
        let mut settings = Settings::new(data.path().to_owned(), given, Given::default());
        settings.shutdown_timeout = Duration::from_secs(2);
        // Webhooks of tests go to the tests' own receivers, or to a closed port.
        settings.webhook_allow = AllowList::new(vec!["127.0.0.1".parse().unwrap()]);
        change(&mut settings);
        let (tell, told) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let db = Db::open(&path, settings.durability, settings.workers).unwrap();
                let server = Server::start(settings, db).unwrap();
                let stop = server.stop();
                let begin_stop: Box<dyn Fn() + Send + Sync> = Box::new(move || stop.announce());
                tell.send((server.address(), server.handle(), begin_stop))
                    .unwrap();
                server.run().await.unwrap();
            });
        });
        let (address, handle, begin_stop) = told.recv().unwrap();
        let origin = format!("http://{address}");
        Self {
            origin,
            data,
            handle,
            thread: Some(thread),
            begin_stop,
            seen: Arc::default(),
        }
    }

    /// Stops the server and returns the folder.
    pub fn stop(mut self) -> TempDir {
        self.shut_down();
        std::mem::replace(&mut self.data, TempDir::new().unwrap())
    }

    fn shut_down(&mut self) {
        if let Some(thread) = self.thread.take() {
            // Event streams would keep it running.
            self.begin_stop();
            drop(self.handle.stop(true));
            thread.join().unwrap();
        }
    }

    /// Makes the server refuse new requests as if it were stopping.
    pub fn begin_stop(&self) {
        (self.begin_stop)();
    }

    pub fn database(&self) -> PathBuf {
        self.data.path().join("tackboard.db")
    }

    /// Runs SQL as another process would.
    pub fn sql(&self, sql: &str) {
        run_sql(&self.database(), sql);
    }

    /// Makes every row of a table an hour older, so that a change is visible in `updated_at`.
    pub fn age(&self, table: &str) {
        self.sql(&format!(
            "UPDATE {table} SET created_at = created_at - 3600000, updated_at = updated_at - 3600000"
        ));
    }

    /// Reads a number from the database.
    pub fn number(&self, sql: &str) -> i64 {
        let conn = rusqlite::Connection::open(self.database()).unwrap();
        conn.query_row(sql, (), |row| row.get(0)).unwrap()
    }

    /// Changes the database as the commands do.
    pub fn write<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> T {
        db::write_once(&self.database(), work).unwrap()
    }

    /// Creates a workspace on a plan.
    pub fn workspace(&self, plan: &str) -> Workspace {
        self.write(|tx| {
            let workspace = app::workspaces::create(tx, "Test", None, plan)?;
            let email = format!("{}@example.org", workspace.id);
            let owner = app::users::create(tx, &email, "Owner")?;
            app::members::join(tx, &Ctx::command(workspace.id), &owner, Role::Owner)?;
            Ok(Workspace {
                id: workspace.id.to_string(),
                owner: owner.id.to_string(),
            })
        })
    }

    /// Creates a token for a workspace's owner.
    pub fn token(&self, workspace: &Workspace, scopes: &[Scope]) -> String {
        self.token_until(workspace, scopes, Timestamp::now().plus_days(90))
    }

    /// Creates a token with this expiry.
    pub fn token_until(&self, workspace: &Workspace, scopes: &[Scope], ends: Timestamp) -> String {
        let (ctx, owner) = (workspace.command(), workspace.owner.parse().unwrap());
        let scopes = Scopes::from(scopes.to_vec());
        self.write(|tx| app::tokens::issue(tx, &ctx, owner, "Test".to_owned(), scopes, ends))
            .1
            .expose()
            .to_owned()
    }

    /// Creates an integration key for a workspace's owner.
    pub fn key(&self, workspace: &Workspace) -> String {
        let (ctx, owner) = (workspace.command(), workspace.owner.parse().unwrap());
        let key = self.write(|tx| app::integration_keys::create(tx, &ctx, owner));
        key.to_string()
    }

    /// A client with all scopes in a new workspace on plan `teams`.
    pub fn client(&self) -> Client {
        let workspace = self.workspace("teams");
        self.client_of(&workspace)
    }

    /// A client with all scopes in this workspace.
    pub fn client_of(&self, workspace: &Workspace) -> Client {
        self.client_with(Some(&self.token(workspace, &Scope::ALL)))
    }

    /// A browser in which the owner of a workspace is signed in.
    pub fn browser_of(&self, workspace: &Workspace) -> Client {
        self.browser_with(Some(&self.cookie(&workspace.owner)))
    }

    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Client {
        self.browser_with(None)
    }

    /// A browser with this cookie, or without one.
    pub fn browser_with(&self, cookie: Option<&str>) -> Client {
        Client {
            cookie: cookie.map(str::to_owned),
            is_browser: true,
            ..self.client_with(None)
        }
    }

    /// Signs a user in and returns the cookie.
    pub fn cookie(&self, user: &str) -> String {
        let (_, secret) = self.write(|tx| app::sessions::open(tx, user.parse().unwrap(), None));
        format!("{}={}", self.cookie_name(), secret.expose())
    }

    /// The name of the cookie on a server without TLS.
    pub fn cookie_name(&self) -> String {
        let conn = rusqlite::Connection::open(self.database()).unwrap();
        let id = "SELECT lower(hex(substr(id, 1, 4))) FROM installation";
        let id: String = conn.query_row(id, (), |row| row.get(0)).unwrap();
        format!("tackboard_{id}")
    }

    /// Creates a sign-in link for a user and returns its code.
    pub fn sign_in_code(&self, user: &str) -> String {
        let user = user.parse().unwrap();
        let code = self.write(|tx| app::sign_in_links::create(tx, user, LIFE));
        code.expose().to_owned()
    }

    /// Adds a user to a workspace and returns the user's id.
    pub fn member(&self, workspace: &Workspace, role: Role) -> String {
        self.named_member(workspace, "Member", role)
    }

    /// Adds a user with a name to a workspace and returns the user's id.
    pub fn named_member(&self, workspace: &Workspace, name: &str, role: Role) -> String {
        let email = format!("{}@example.org", uuid::Uuid::now_v7());
        self.write(|tx| {
            let user = app::users::create(tx, &email, name)?;
            app::members::join(tx, &workspace.command(), &user, role)?;
            Ok(user.id.to_string())
        })
    }

    /// Sets the password of a user and returns the user's address.
    pub fn set_password(&self, user: &str, password: &str) -> String {
        let hash = Password::new(password.to_owned()).unwrap().hash().unwrap();
        self.write(|tx| {
            let id = user.parse().unwrap();
            app::accounts::set_password(tx, id, &hash, None)?;
            Ok(store::users::get(tx, id)?.email)
        })
    }

    /// A client with this token, or without one.
    pub fn client_with(&self, token: Option<&str>) -> Client {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_secs(60)))
            .max_redirects(0)
            .build();
        Client {
            origin: self.origin.clone(),
            database: self.database(),
            token: token.map(str::to_owned),
            cookie: None,
            is_browser: false,
            agent: config.into(),
            seen: Arc::clone(&self.seen),
        }
    }

    /// The operations and statuses of all responses of this server so far.
    pub fn seen(&self) -> BTreeSet<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn run_sql(database: &Path, sql: &str) {
    let conn = rusqlite::Connection::open(database).unwrap();
    conn.busy_timeout(Duration::from_secs(10)).unwrap();
    conn.execute_batch(sql).unwrap();
}

/// Deletes a folder when this process ends, in whatever way, because a `static` is never dropped.
fn delete_at_exit(folder: &Path) {
    static SHELL: OnceLock<Child> = OnceLock::new();
    // The end of this process closes the pipe, and `cat` returns.
    let shell = Command::new("sh")
        .args(["-c", "cat; rm -rf \"$1\"", "sh"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    SHELL.set(shell.unwrap()).unwrap();
}

impl Drop for App {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// A client of the server.
#[derive(Clone)]
pub struct Client {
    pub origin: String,
    database: PathBuf,
    pub token: Option<String>,
    pub cookie: Option<String>,
    /// Whether requests say that they come from a page of the server.
    pub is_browser: bool,
    agent: ureq::Agent,
    seen: Arc<Mutex<BTreeSet<Seen>>>,
}

/// A response that matches the contract.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub bytes: Vec<u8>,
    /// The body as text; empty for an image.
    pub text: String,
}

impl Reply {
    pub fn new(status: u16, headers: ureq::http::HeaderMap, bytes: Vec<u8>) -> Self {
        Self {
            status,
            headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
        }
    }

    /// Whether it is an HTML page.
    pub fn is_page(&self) -> bool {
        self.header("content-type").starts_with("text/html")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The `error.code`, or an empty text.
    pub fn code(&self) -> String {
        self.json()["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    pub fn details(&self) -> Value {
        self.json()["error"]["details"].clone()
    }

    /// The messages of `invalid_request` by field.
    pub fn fields(&self) -> Value {
        self.details()["fields"].clone()
    }

    /// The names of the invalid fields in `invalid_request`.
    pub fn field_names(&self) -> Vec<String> {
        let fields = self.fields();
        fields.as_object().unwrap().keys().cloned().collect()
    }

    /// The only object in the response, without its name.
    pub fn object(&self) -> Value {
        let json = self.json();
        json.as_object().unwrap().values().next().unwrap().clone()
    }

    /// The id of the only object in the response.
    pub fn id(&self) -> String {
        text(&self.object(), "id")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Fails unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Fails unless it is this error.
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Self {
        assert_eq!(
            (self.status, self.code().as_str()),
            (status, code),
            "{}",
            self.text
        );
        self
    }
}

impl Client {
    pub fn get(&self, path: &str) -> Reply {
        self.call("GET", path, &[], None)
    }

    /// Gets the object at a path.
    #[track_caller]
    pub fn show(&self, path: &str) -> Value {
        self.get(path).expect(200).object()
    }

    /// Gets the rows of a list, which are under the last word of the path.
    #[track_caller]
    pub fn rows(&self, path: &str) -> Vec<Value> {
        let name = path.split('?').next().unwrap().rsplit('/').next().unwrap();
        let reply = self.get(path).expect(200);
        reply.json()[name.replace('-', "_")]
            .as_array()
            .unwrap()
            .clone()
    }

    pub fn delete(&self, path: &str) -> Reply {
        self.call("DELETE", path, &[], None)
    }

    pub fn post(&self, path: &str, body: Value) -> Reply {
        self.json("POST", path, &[], body)
    }

    pub fn patch(&self, path: &str, body: Value) -> Reply {
        self.json("PATCH", path, &[], body)
    }

    pub fn put(&self, path: &str, body: Value) -> Reply {
        self.json("PUT", path, &[], body)
    }

    /// Sends a JSON body with headers.
    pub fn json(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Reply {
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/json"));
        self.call(method, path, &headers, Some(body.to_string().into_bytes()))
    }

    /// Sends any request.
    pub fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin));
        for (name, value) in self.headers() {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => self.agent.run(request.body(body).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        let reply = read(response.unwrap());
        self.check(method, path, &reply);
        reply
    }

    /// The headers of every request of the client: its credential, and where it says that it comes from.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let token = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let site = self.is_browser.then(|| "same-origin".to_owned());
        let all = [
            ("authorization", token),
            ("cookie", self.cookie.clone()),
            ("sec-fetch-site", site),
        ];
        let sent = all
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        sent.collect()
    }

    /// Checks a response against the contract, and remembers its operation.
    pub fn check(&self, method: &str, path: &str, reply: &Reply) {
        assert!(
            !reply.header("x-request-id").is_empty(),
            "{method} {path}: no request id"
        );
        // The contract of agents is the protocol; `mcp.rs` checks it.
        if path.starts_with("/mcp") {
            return;
        }
        if reply.status >= 400 && method != "HEAD" && !reply.is_page() {
            assert_valid(
                error_validator(),
                &reply.json(),
                &format!("{method} {path}"),
            );
        }
        let Some((template, operation)) = operation(method, path) else {
            assert!(
                ["not_found", "method_not_allowed"].contains(&reply.code().as_str())
                    || method == "HEAD"
                    || method == "OPTIONS"
            );
            return;
        };
        let id = operation["operationId"].as_str().unwrap().to_owned();
        let what = format!("{method} {template} → {}", reply.status);
        let documented = Documented::find(operation, reply.status)
            .unwrap_or_else(|| panic!("{what} is not documented: {}", reply.text));
        let response = &documented.response;
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let missing = header["required"] == true && reply.header(name).is_empty();
            assert!(!missing, "{what}: header {name} is missing");
        }
        let body = documented.body.as_ref();
        if let Some(validator) = body.filter(|_| !reply.is_page()) {
            assert_valid(validator, &reply.json(), &what);
        } else if ![303, 304].contains(&reply.status) {
            let kind = reply.header("content-type").split(';').next().unwrap();
            assert!(
                response["content"][kind].is_object(),
                "{what}: the contract shows no body that is {kind:?}"
            );
        }
        if id == "listEvents" && reply.status == 200 {
            for event in reply.json()["events"].as_array().unwrap() {
                check_payload(&as_payload(event));
            }
        }
        let seen = (id, reply.status, reply.code());
        self.seen.lock().unwrap().insert(seen);
    }
}

fn read(mut response: Response<ureq::Body>) -> Reply {
    let kind = response.headers().get("content-type");
    let is_endless = kind.is_some_and(|kind| kind == "text/event-stream");
    let body = response.body_mut().with_config().limit(64 << 20);
    let bytes = match is_endless {
        true => first_message(body.reader()),
        false => body.read_to_vec().unwrap(),
    };
    Reply::new(
        response.status().as_u16(),
        response.headers().clone(),
        bytes,
    )
}

/// Reads an event stream to its first empty line.
fn first_message(mut stream: impl std::io::Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\n\n") {
        let mut byte = [0];
        match stream.read(&mut byte).unwrap() {
            0 => break,
            _ => bytes.push(byte[0]),
        }
    }
    bytes
}

/// A documented response of the contract.
struct Documented {
    /// With every `$ref` replaced.
    response: Value,
    /// The validator of its JSON body, if it has one.
    body: Option<Validator>,
}

impl Documented {
    /// Returns what an operation documents for a status. Compiled once per process, because compiling a schema takes
    /// longer than the request.
    fn find(operation: &'static Value, status: u16) -> Option<Arc<Self>> {
        type Known = BTreeMap<(&'static str, u16), Arc<Documented>>;
        static KNOWN: Mutex<Known> = Mutex::new(BTreeMap::new());
        let key = (operation["operationId"].as_str().unwrap(), status);
        if let Some(known) = KNOWN.lock().unwrap().get(&key) {
            return Some(Arc::clone(known));
        }
        let response = operation["responses"].get(status.to_string())?;
        let response = contract::inline(document(), response);
        let schema = response.pointer("/content/application~1json/schema");
        let body = schema.map(validator);
        let found = Arc::new(Self { response, body });
        KNOWN.lock().unwrap().insert(key, Arc::clone(&found));
        Some(found)
    }
}

/// Compiles a schema without `$ref`.
fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(schema)
        .unwrap()
}

/// The validator of every error response.
fn error_validator() -> &'static Validator {
    static ERROR: OnceLock<Validator> = OnceLock::new();
    ERROR.get_or_init(|| {
        let error = json!({ "$ref": "#/components/schemas/ErrorResponse" });
        validator(&contract::inline(document(), &error))
    })
}

/// The body of a webhook's request about an event of the journal.
fn as_payload(event: &Value) -> Value {
    let mut body = event.clone();
    body["event"] = event["type"].clone();
    body["workspace_id"] = json!(uuid::Uuid::nil());
    body
}

/// Fails unless the body of a webhook's request matches the schema of its event.
#[track_caller]
pub fn check_payload(body: &Value) {
    static KNOWN: Mutex<BTreeMap<String, Arc<Validator>>> = Mutex::new(BTreeMap::new());
    let event = text(body, "event");
    let schema = &document()["webhooks"][&event]["post"]["requestBody"]["content"];
    let schema = &schema["application/json"]["schema"];
    assert!(schema.is_object(), "the contract has no webhook {event}");
    let known = {
        let mut known = KNOWN.lock().unwrap();
        let compiled = known.entry(event.clone());
        let compile = || Arc::new(validator(&contract::inline(document(), schema)));
        Arc::clone(compiled.or_insert_with(compile))
    };
    assert_valid(&known, body, &event);
}

/// Fails unless a value matches a schema of the contract.
#[track_caller]
pub fn check_schema(schema: &Value, value: &Value, what: &str) {
    assert_valid(
        &validator(&contract::inline(document(), schema)),
        value,
        what,
    );
}

#[track_caller]
fn assert_valid(validator: &Validator, value: &Value, what: &str) {
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(
        errors.is_empty(),
        "{what} breaks the contract: {errors:#?}\n{value:#}"
    );
}

/// Finds the operation and the path template for a method and a path.
pub fn operation(method: &str, path: &str) -> Option<(&'static str, &'static Value)> {
    let path = path.split('?').next().unwrap();
    let method = method.to_lowercase();
    let matches = |template: &str| {
        let (template, path): (Vec<&str>, Vec<&str>) =
            (template.split('/').collect(), path.split('/').collect());
        template.len() == path.len()
            && template
                .iter()
                .zip(&path)
                .all(|(t, p)| t == p || (t.starts_with('{') && !p.is_empty()))
    };
    let (template, item) = document()["paths"]
        .as_object()
        .unwrap()
        .iter()
        .find(|(template, _)| matches(template))?;
    Some((template, item.get(&method)?))
}

/// A board with a project on it.
pub struct Project {
    pub board: String,
    pub id: String,
}

impl Client {
    /// Creates a board and returns its id.
    pub fn new_board(&self) -> String {
        let reply = self
            .post("/v1/boards", json!({ "name": "Board" }))
            .expect(201);
        reply.json()["board"]["id"].as_str().unwrap().to_owned()
    }

    /// Creates a project on a board and returns its id.
    pub fn new_project_on(&self, board: &str) -> String {
        let reply = self
            .post(
                "/v1/projects",
                json!({ "boardId": board, "name": "Project" }),
            )
            .expect(201);
        reply.json()["project"]["id"].as_str().unwrap().to_owned()
    }

    /// Creates a project on a new board.
    pub fn new_project(&self) -> Project {
        let board = self.new_board();
        Project {
            id: self.new_project_on(&board),
            board,
        }
    }

    /// Creates a task and returns its id.
    pub fn new_task(&self, project: &str, label: &str) -> String {
        let reply = self
            .post("/v1/tasks", json!({ "projectId": project, "label": label }))
            .expect(201);
        reply.json()["task"]["id"].as_str().unwrap().to_owned()
    }

    /// Comments on a task and returns the comment's id.
    pub fn new_comment(&self, task: &str, text: &str) -> String {
        let path = format!("/v1/tasks/{task}/comments");
        self.post(&path, json!({ "text": text })).expect(201).id()
    }

    /// Creates a label and returns its id.
    pub fn new_label(&self, board: &str, name: &str) -> String {
        let label = json!({ "name": name, "color": "#dc2626" });
        let reply = self.post(&format!("/v1/boards/{board}/labels"), label);
        reply.expect(201).id()
    }

    /// Creates a lane and returns its id.
    pub fn new_lane(&self, board: &str) -> String {
        let reply = self
            .post(
                &format!("/v1/boards/{board}/lanes"),
                json!({ "name": "Lane" }),
            )
            .expect(201);
        reply.json()["lane"]["id"].as_str().unwrap().to_owned()
    }

    /// Uploads an image as a card's cover.
    pub fn put_cover(&self, card: &str, picture: &Picture) -> Reply {
        let headers = [("content-type", picture.kind)];
        let path = format!("/v1/cards/{card}/cover");
        self.call("PUT", &path, &headers, Some(picture.bytes()))
    }

    /// Uploads a cover for a card and returns its id.
    pub fn new_cover(&self, card: &str) -> String {
        let card = self.put_cover(card, &PNG).expect(200).object();
        let url = text(&card, "cover_url");
        url.rsplit('/').next().unwrap().to_owned()
    }

    /// Creates an email account and returns its id.
    pub fn new_account(&self) -> String {
        let address = format!("{}@example.org", uuid::Uuid::now_v7());
        let account = json!({ "address": address });
        self.post("/v1/email-accounts", account).expect(201).id()
    }

    /// Creates a webhook for a closed port and returns its id. No event that a test is likely to cause is sent.
    pub fn new_webhook(&self) -> String {
        let webhook = json!({ "name": "Hook", "url": CLOSED_PORT, "events": ["key.revoked"] });
        self.post("/v1/webhooks", webhook).expect(201).id()
    }

    /// Adds a failed delivery of the workspace's first event to the log of a webhook, and returns its id.
    pub fn new_delivery(&self, webhook: &str) -> String {
        let id = uuid::Uuid::now_v7().to_string();
        let [hex, webhook] = [&id, webhook].map(|id| id.replace('-', ""));
        let sql = format!(
            "INSERT INTO webhook_delivery (workspace_id, id, webhook_id, event_id, sequence, event, cause, status, created_at)
             SELECT e.workspace_id, x'{hex}', w.id, e.id, e.sequence, e.type, 'event', 'failed', e.created_at
               FROM webhook w JOIN event e ON e.workspace_id = w.workspace_id AND e.sequence = 1 WHERE w.id = x'{webhook}'"
        );
        run_sql(&self.database, &sql);
        id
    }

    /// Imports a file with nothing in it, and returns the id of the import.
    pub fn new_import(&self) -> String {
        let file = json!({ "format": "tackboard-export", "version": 1 }).to_string();
        let kind = [("content-type", "application/octet-stream")];
        let made = self.call("POST", "/v1/imports", &kind, Some(file.into_bytes()));
        made.expect(201).id()
    }

    /// Invites a person. Returns the id of the invitation and the code of its link.
    pub fn new_invitation(&self) -> (String, String) {
        let email = format!("{}@example.org", uuid::Uuid::now_v7());
        let body = json!({ "email": email, "role": "member" });
        let made = self.post("/v1/invitations", body).expect(201);
        let link = text(&made.object(), "link");
        let code = link.rsplit('/').next().unwrap().to_owned();
        (made.id(), code)
    }

    /// Invites a person who accepts, and returns the user's id.
    pub fn new_member(&self) -> String {
        let (_, code) = self.new_invitation();
        let browser = Client {
            token: None,
            cookie: None,
            is_browser: true,
            ..self.clone()
        };
        let path = format!("/invitations/{code}");
        let joined = browser.post(&path, json!({ "name": "Grace" })).expect(200);
        text(&joined.object()["user"], "id")
    }

    /// Creates a card and returns its id.
    pub fn new_card(&self) -> String {
        let card = json!({ "title": "Card", "message": "Hello {{name}}" });
        self.post("/v1/cards", card).expect(201).id()
    }

    /// Creates a recipient of a card without a mail, and returns the id.
    pub fn new_recipient(&self, card: &str, integration: &str, values: Value) -> String {
        let body = json!({ "card": card, "integrationId": integration, "mergeTags": [values] });
        let made = self.post("/api/integration/get-card-url", body).expect(201);
        let url = text(&made.json(), "view_card_url");
        url.rsplit('/').next().unwrap().to_owned()
    }

    /// Creates a subtask and returns its id.
    pub fn new_subtask(&self, task: &str, label: &str) -> String {
        let reply = self
            .post(
                &format!("/v1/tasks/{task}/subtasks"),
                json!({ "label": label }),
            )
            .expect(201);
        reply.json()["subtask"]["id"].as_str().unwrap().to_owned()
    }
}

/// A field that is a string.
#[track_caller]
pub fn text(object: &Value, member: &str) -> String {
    let text = object[member].as_str();
    text.unwrap_or_else(|| panic!("{member} is no text in {object}"))
        .to_owned()
}

/// Returns a field of every row.
#[track_caller]
pub fn column(rows: &[Value], member: &str) -> Vec<String> {
    rows.iter().map(|row| text(row, member)).collect()
}

/// Polls until there is a result, which a background task will produce.
#[track_caller]
pub fn wait_for<T>(what: &str, ask: impl Fn() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what} did not come about");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Runs this for every case, several at a time.
pub fn in_parallel<T: Sync>(cases: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    at_once(4, |_| {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(case);
        }
    });
}

/// Runs something on many threads at once, and returns the results.
pub fn at_once<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = std::sync::Barrier::new(threads);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|n| {
                let (start, work) = (&start, &work);
                scope.spawn(move || {
                    start.wait();
                    work(n)
                })
            })
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}
