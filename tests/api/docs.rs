//! The documentation pages: they cover the whole program, every link has a target, and they are served correctly.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::process::Command;

use brotli::Decompressor;
use flate2::read::GzDecoder;
use tackboard::config;
use tackboard::error::Code;

use crate::harness::App;
use crate::operations;
use crate::pages::{Page, Reader, crawl, text_of};

/// Maximum compressed size of all pages and files in bytes.
const MAX_SIZE: usize = 300_000;
/// Maximum compressed size of one page with the files that it loads, in bytes.
const MAX_VISIT_SIZE: usize = 24_000;
/// Maximum compressed size of the search and its index in bytes. A page loads them when the search box is first used.
const MAX_SEARCH_SIZE: usize = 50_000;

#[test]
fn every_operation_is_told_with_its_statuses_and_codes() {
    let app = App::shared();
    let pages = crawl(app);
    let reference: String = pages
        .iter()
        .filter(|(path, _)| path.starts_with("/docs/reference/") && !path.ends_with(".md"))
        .map(|(_, page)| page.text.as_str())
        .collect();
    for operation in operations::all() {
        let anchor = format!(" id=\"{}\"", operation.id);
        let section = reference
            .split("<section ")
            .find(|section| section.contains(&anchor))
            .unwrap_or_else(|| panic!("{} is not told", operation.id));
        let text = text_of(section);
        let line = format!("{} {}", operation.method, operation.path);
        let mut wanted = vec![line];
        wanted.extend(operation.scope().map(|scope| format!("scope {scope}")));
        let parameters = ["path", "query", "header"];
        for parameter in parameters
            .into_iter()
            .flat_map(|place| operation.parameters(place))
        {
            wanted.push(parameter["name"].as_str().unwrap().to_owned());
        }
        let members = operation
            .body()
            .and_then(|body| body["properties"].as_object());
        wanted.extend(
            members
                .into_iter()
                .flat_map(|members| members.keys().cloned()),
        );
        for wanted in wanted {
            assert!(
                text.contains(&wanted),
                "{}: {wanted} in {text}",
                operation.id
            );
        }
        for (status, code) in operation.documented() {
            assert!(
                section.contains(&format!("<b>{status}</b>")),
                "{} {status}",
                operation.id
            );
            let link = format!("href=\"/docs/errors#{code}\"");
            assert!(
                code.is_empty() || section.contains(&link),
                "{} {code}",
                operation.id
            );
        }
        for language in ["sh", "js", "python"] {
            assert!(
                section.contains(&format!("data-lang=\"{language}\"")),
                "{}",
                operation.id
            );
        }
    }
}

#[test]
fn every_error_code_has_an_entry_with_cause_remedy_and_sample() {
    let app = App::shared();
    let reader = Reader::new(app);
    let page = reader.page("/docs/errors");
    let entries: Vec<_> = page.text.split("<h3 id=\"").skip(1).collect();
    assert_eq!(entries.len(), Code::ALL.len());
    for (entry, code) in entries.into_iter().zip(Code::ALL) {
        assert!(
            entry.starts_with(&format!("{}\"", code.as_str())),
            "{entry}"
        );
        let text = text_of(entry);
        let response = crate::harness::document()["components"]["responses"]
            [crate::catalogue::pascal(*code)]
        .clone();
        let remedy = response["x-remedy"]
            .as_str()
            .unwrap_or_else(|| panic!("{}: no x-remedy in schema/api/errors.json", code.as_str()));
        let remedy = remedy.replace('`', "");
        let sample = format!("\"code\": \"{}\"", code.as_str());
        let status = format!("{} ", code.status());
        for wanted in [code.message(), &remedy, &sample, &status] {
            assert!(
                text.contains(wanted),
                "{}: {wanted} in {text}",
                code.as_str()
            );
        }
    }
}

#[test]
fn the_plans_are_told_as_they_are_now() {
    let app = App::start();
    let reader = Reader::new(&app);
    let before = reader.page("/docs/plans");
    for figure in [
        "personal", "pro", "teams", "2,500", "12,000", "60,000", "20,000",
    ] {
        assert!(before.words().contains(figure), "{figure}");
    }
    assert!(!before.words().contains("no limit 7,654"));
    app.sql("INSERT INTO plan (name, tasks) VALUES ('<b onclick=x>|huge', 7654)");
    let after = reader.page("/docs/plans");
    assert!(after.words().contains("7,654"), "{}", after.words());
    assert!(
        after.words().contains("<b onclick=x>|huge"),
        "{}",
        after.words()
    );
    assert!(!after.text.contains("<b onclick"));
    assert_ne!(after.header("etag"), before.header("etag"));
    // Without a database they stay as they were.
    app.sql("ALTER TABLE plan RENAME TO mislaid");
    assert_eq!(reader.page("/docs/plans").text, after.text);
}

#[test]
fn every_setting_and_command_of_the_program_is_told() {
    let app = App::shared();
    let page = Reader::new(app).page("/docs/self-hosting");
    let words = page.words();
    for setting in config::settings_table() {
        for wanted in [
            &setting.flag,
            &setting.environment,
            &setting.default,
            &setting.help,
        ] {
            assert!(words.contains(wanted.as_str()), "{wanted}");
        }
    }
    let program = || Command::new(env!("CARGO_BIN_EXE_tackboard"));
    let help =
        |args: &[&str]| String::from_utf8(program().args(args).output().unwrap().stdout).unwrap();
    let serve = help(&["serve", "--help"]);
    let flags = serve
        .split_whitespace()
        .filter(|word| word.starts_with("--"));
    for flag in flags.map(|flag| flag.trim_matches(|c: char| !c.is_alphanumeric() && c != '-')) {
        assert!(words.contains(flag), "{flag}");
    }
    let (_, table) = words.split_once("command description").unwrap();
    for command in commands_of(&help(&["--help"])) {
        let name = format!("tackboard {command} ");
        let (_, rest) = table.split_once(&name).unwrap_or_else(|| panic!("{name}"));
        let row = rest.split(" tackboard ").next().unwrap();
        for inner in commands_of(&help(&[&command, "--help"])) {
            assert!(row.contains(&inner), "{name}{inner}");
        }
    }
}

/// The commands in a help text.
fn commands_of(help: &str) -> Vec<String> {
    let list = help.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = list.lines().take_while(|line| !line.is_empty());
    // Lines with more indentation continue the line before.
    let lines = lines.filter_map(|line| line.strip_prefix("  "));
    let names = lines.filter_map(|line| line.split(' ').next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_link_and_anchor_leads_somewhere() {
    let app = App::shared();
    let pages = crawl(app);
    assert!(pages.len() > 15, "{:?}", pages.keys());
    for (path, page) in &pages {
        let ids = page.attributes("id");
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{path} has an id twice");
        for link in page.attributes("href") {
            let (target, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if target.is_empty() { path } else { target };
            let Some(found) = pages.get(target) else {
                let others = ["https://jqlang.org", "https://www.standardwebhooks.com/"];
                let is_known = others.iter().any(|other| target.starts_with(other));
                assert!(is_known, "{path}: {link}");
                continue;
            };
            // The boards are for people who are signed in.
            let expected = if target == "/app" { 303 } else { 200 };
            assert_eq!(found.status, expected, "{path}: {link}");
            assert!(
                anchor.is_empty() || found.attributes("id").iter().any(|id| id == anchor),
                "{path}: {link} leads to no anchor"
            );
        }
    }
    for (_, link) in pages["/llms.txt"]
        .text
        .match_indices(&format!("]({}", app.origin))
        .map(|(at, start)| {
            let rest = &pages["/llms.txt"].text[at + start.len()..];
            ((), rest.split(')').next().unwrap())
        })
    {
        assert_eq!(Reader::new(app).page(link).status, 200, "{link}");
    }
}

#[test]
fn what_the_search_finds_is_there() {
    let app = App::shared();
    let pages = crawl(app);
    let (_, index) = pages
        .iter()
        .find(|(path, _)| path.starts_with("/docs/search-index."))
        .unwrap();
    let entries: Vec<[String; 5]> = serde_json::from_str(&index.text).unwrap();
    let mut kinds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut lines: BTreeSet<&str> = BTreeSet::new();
    for [kind, title, address, line, _] in &entries {
        let (path, anchor) = address.split_once('#').unwrap_or((address, ""));
        let page = pages.get(path).unwrap_or_else(|| panic!("{address}"));
        assert!(
            anchor.is_empty() || page.attributes("id").iter().any(|id| id == anchor),
            "{address}"
        );
        let is_new = kinds.entry(kind).or_default().insert(title);
        assert!(is_new || kind != "Field", "{title} is there twice");
        lines.insert(line);
    }
    for code in Code::ALL {
        assert!(kinds["Error"].contains(code.as_str()), "{}", code.as_str());
    }
    for operation in operations::all() {
        let line = format!("{} {}", operation.method, operation.path);
        assert!(lines.contains(line.as_str()), "{line}");
    }
    for field in ["projectId", "label", "id", "Idempotency-Key", "cursor"] {
        assert!(kinds["Field"].contains(field), "{field}");
    }
    for setting in config::settings_table() {
        assert!(
            kinds["Setting"].contains(setting.flag.as_str()),
            "{}",
            setting.flag
        );
    }
}

#[test]
fn agents_get_the_same_as_plain_text() {
    let app = App::shared();
    let reader = Reader::new(app);
    let whole = reader.page("/docs/llms-full.txt");
    assert_eq!(whole.header("content-type"), "text/plain; charset=utf-8");
    for operation in operations::all() {
        let title = format!("## {} {}\n", operation.method, operation.path);
        assert!(whole.text.contains(&title), "{title}");
    }
    for code in Code::ALL {
        assert!(
            whole.text.contains(&format!("### `{}`", code.as_str())),
            "{}",
            code.as_str()
        );
    }
    let guide = reader.page("/docs/errors.md");
    assert_eq!(guide.header("content-type"), "text/markdown; charset=utf-8");
    assert!(whole.text.contains(&guide.text));
    assert!(!whole.text.contains("{{ ") || whole.text.contains("{{ name }}"));
    assert!(!whole.text.contains("{%"));
}

#[test]
fn every_guide_is_shown() {
    let app = App::shared();
    let reader = Reader::new(app);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/static/docs/guides");
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let page = reader.page(&format!("/docs/{}", name.trim_end_matches(".md")));
        assert_eq!(page.status, 200, "{name}");
        assert!(
            page.text.contains("<title>") && page.text.contains("<h1>"),
            "{name}"
        );
    }
}

#[test]
fn links_name_the_origin_that_is_set_and_never_what_a_client_says() {
    let app = App::with(|settings| {
        settings.public_url = Some("https://boards.example.org".parse().unwrap());
    });
    let reader = Reader::new(&app);
    for path in [
        "/",
        "/docs/getting-started",
        "/docs/reference/tasks",
        "/llms.txt",
    ] {
        let page = reader.get(
            path,
            &[
                ("host", "evil.example"),
                ("x-forwarded-host", "evil.example"),
            ],
        );
        assert!(page.text.contains("https://boards.example.org"), "{path}");
        assert!(
            !page.text.contains("evil.example") && !page.text.contains(&app.origin),
            "{path}"
        );
    }
}

#[test]
fn pages_forbid_whatever_is_not_theirs() {
    let app = App::start();
    for (path, page) in crawl(&app) {
        // The pages of people run no scripts at all, and have their own tests.
        if path == "/sign-in" || path == "/app" {
            continue;
        }
        if page.header("content-security-policy").is_empty() {
            assert!(
                ["/openapi.json", "/readyz", "/favicon.ico"].contains(&path.as_str()),
                "{path}"
            );
            continue;
        }
        let policy = page.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        if page.header("content-type").starts_with("text/html") {
            for forbidden in [
                " style=",
                "<style",
                " onclick",
                " onerror",
                "javascript:",
                "<iframe",
                "//cdn",
            ] {
                let is_text = text_of(&page.text).contains(forbidden);
                assert!(
                    is_text || !page.text.contains(forbidden),
                    "{path}: {forbidden}"
                );
            }
            let scripts = page.text.matches("<script").count();
            assert_eq!(
                scripts,
                page.text.matches("<script src=\"/docs/").count(),
                "{path}"
            );
        }
    }
}

#[test]
fn pages_are_small_kept_and_told_apart_by_their_form() {
    let app = App::shared();
    let reader = Reader::new(app);
    let (mut files, mut pages, mut heaviest, mut search) = (0, 0, 0, 0);
    for (path, plain) in crawl(app) {
        if path.ends_with(".md")
            || path.ends_with(".txt")
            || plain.header("etag").is_empty()
            || path == "/openapi.json"
        {
            continue;
        }
        let packed = reader.get(&path, &[("accept-encoding", "gzip, br")]);
        let zipped = reader.get(&path, &[("accept-encoding", "gzip, br;q=0")]);
        assert_eq!(packed.header("content-encoding"), "br", "{path}");
        assert_eq!(zipped.header("content-encoding"), "gzip", "{path}");
        let (mut one, mut other) = (String::new(), String::new());
        let mut decoder = Decompressor::new(packed.bytes.as_slice(), 4096);
        decoder.read_to_string(&mut one).unwrap();
        let mut decoder = GzDecoder::new(zipped.bytes.as_slice());
        decoder.read_to_string(&mut other).unwrap();
        assert!(one == plain.text && other == plain.text, "{path}");
        let tags = [&plain, &packed, &zipped].map(|page| page.header("etag"));
        assert_eq!(BTreeSet::from(tags).len(), 3, "{path}: {tags:?}");
        let size = packed.bytes.len();
        let is_html = plain.header("content-type").starts_with("text/html");
        if path.starts_with("/docs/search.") || path.starts_with("/docs/search-index.") {
            search += size;
        } else if is_html {
            (pages, heaviest) = (pages + size, size.max(heaviest));
        } else {
            files += size;
        }
        for page in [&plain, &packed, &zipped] {
            let vary = page.header("vary").to_lowercase();
            assert!(vary.contains("accept-encoding"), "{path}: {vary}");
            let encoding = page.header("content-encoding");
            let headers = [
                ("if-none-match", page.header("etag")),
                (
                    "accept-encoding",
                    if encoding.is_empty() {
                        "identity"
                    } else {
                        encoding
                    },
                ),
            ];
            let again = reader.get(&path, &headers);
            assert_eq!((again.status, again.bytes.len()), (304, 0), "{path}");
        }
        let is_file = [".css", ".js", ".svg", ".json"]
            .iter()
            .any(|end| path.ends_with(end));
        let cache = if is_file {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        assert_eq!(plain.header("cache-control"), cache, "{path}");
        for refusal in ["gzip;q=0, br;q=0", "identity", "zstd"] {
            let page = reader.get(&path, &[("accept-encoding", refusal)]);
            assert_eq!(page.header("content-encoding"), "", "{path}: {refusal}");
        }
    }
    let (all, visit) = (pages + files, heaviest + files);
    assert!(all < MAX_SIZE, "{all} bytes");
    assert!(visit < MAX_VISIT_SIZE, "{visit} bytes of a page");
    assert!(search < MAX_SEARCH_SIZE, "{search} bytes of search");
}

#[test]
fn a_browser_is_told_kindly_that_there_is_nothing() {
    let app = App::shared();
    let reader = Reader::new(app);
    let browser = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    for path in [
        "/nope",
        "/docs/nope",
        "/docs/reference/nope",
        "/v10",
        "/apis/x",
    ] {
        let page = reader.get(path, &[browser]);
        assert_eq!(page.status, 404, "{path}");
        assert_eq!(
            page.header("content-type"),
            "text/html; charset=utf-8",
            "{path}"
        );
        assert!(page.text.contains("Page not found"), "{path}");
        assert!(
            !page.header("x-request-id").is_empty()
                && !page.header("content-security-policy").is_empty()
        );
        let head = reader.call("HEAD", path, &[browser]);
        assert_eq!(
            (head.status, head.header("content-length")),
            (404, page.header("content-length"))
        );
        app.client_with(None)
            .get(path)
            .expect_error(404, "not_found");
    }
    for path in [
        "/v1",
        "/v1/nope",
        "/api",
        "/api/integration/nope",
        "/v1/docs",
    ] {
        let reply = reader.get(path, &[browser]);
        assert_eq!(reply.header("content-type"), "application/json", "{path}");
        assert!(reply.text.contains("\"not_found\""), "{path}");
    }
}

#[test]
fn a_page_answers_get_and_head_alone() {
    let app = App::shared();
    let reader = Reader::new(app);
    for path in [
        "/",
        "/docs",
        "/docs/errors",
        "/docs/reference/tasks",
        "/llms.txt",
    ] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let reply = app.client_with(None).call(method, path, &[], None);
            assert_eq!(
                reply
                    .expect_error(405, "method_not_allowed")
                    .header("allow"),
                "GET"
            );
        }
        let (get, head) = (reader.page(path), reader.call("HEAD", path, &[]));
        assert_eq!(
            (head.status, head.header("etag")),
            (get.status, get.header("etag"))
        );
        assert!(head.bytes.is_empty());
    }
    for path in ["/docs", "/docs/"] {
        let reply = reader.page(path);
        assert_eq!((reply.status, reply.header("location")), (308, "/"));
    }
}

impl Page {
    fn words(&self) -> String {
        text_of(&self.text)
    }
}
