//! The board in the browser: its page and files, as a browser gets them. `tests/browser` runs what is on it.

use std::collections::BTreeSet;

use crate::harness::App;
use crate::pages::{Page, Reader};

/// Maximum size of the scripts and styles of the board page, compressed with Brotli, in bytes.
const MAX_SIZE: usize = 60_000;

/// The page, for a person who is signed in.
fn page(app: &App, path: &str) -> Page {
    let cookie = app.cookie(&app.workspace("teams").owner);
    let headers = [("accept", "text/html"), ("cookie", cookie.as_str())];
    Reader::new(app).get(path, &headers)
}

/// What the page loads.
fn files(page: &Page) -> Vec<String> {
    let mut files = page.attributes("href");
    files.extend(page.attributes("src"));
    files.retain(|path| path.starts_with("/app/"));
    files
}

#[test]
fn every_address_of_the_app_is_the_same_page() {
    let app = App::shared();
    let first = page(app, "/app");
    assert_eq!(first.status, 200);
    assert!(first.header("cache-control").contains("no-store"));
    assert_eq!(first.header("referrer-policy"), "no-referrer");
    let policy = first.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    for inline in ["<style", " style=", " onclick="] {
        assert!(!first.text.contains(inline), "{inline}");
    }
    for path in [
        "/app/",
        "/app/boards/0190",
        "/app/boards/0190/tasks/0191?q=x",
        "/app/nothing-here",
    ] {
        let other = page(app, path);
        assert_eq!((other.status, &other.text), (200, &first.text), "{path}");
    }
}

#[test]
fn who_is_not_signed_in_is_sent_to_the_form() {
    let app = App::shared();
    let reader = Reader::new(app);
    let sent = reader.page("/app/boards/0190?status=0,1");
    assert_eq!(sent.status, 303);
    assert_eq!(
        sent.header("location"),
        "/sign-in?next=%2Fapp%2Fboards%2F0190%3Fstatus%3D0%2C1"
    );
}

#[test]
fn the_files_of_the_page_exist_and_are_small() {
    let app = App::shared();
    let (page, reader) = (page(app, "/app"), Reader::new(app));
    let files = files(&page);
    assert!(files.iter().any(|path| path.ends_with("/main.js")));
    assert!(files.iter().any(|path| path.ends_with("/views/board.js")));
    let mut size = 0;
    for path in &files {
        let plain = reader.page(path);
        assert_eq!(plain.status, 200, "{path}");
        assert_eq!(
            plain.header("cache-control"),
            "public, max-age=31536000, immutable",
            "{path}"
        );
        let brotli = reader.get(path, &[("accept-encoding", "br")]);
        assert_eq!(brotli.header("content-encoding"), "br", "{path}");
        if path.ends_with(".js") || path.ends_with(".css") {
            size += brotli.bytes.len();
        }
        let etag = brotli.header("etag");
        let known = reader.get(path, &[("accept-encoding", "br"), ("if-none-match", etag)]);
        assert_eq!(known.status, 304, "{path}");
    }
    assert!(size <= MAX_SIZE, "{size} bytes");
}

#[test]
fn every_module_that_is_imported_exists() {
    let app = App::shared();
    let (page, reader) = (page(app, "/app"), Reader::new(app));
    let mut next = files(&page);
    let mut known: BTreeSet<String> = next.iter().cloned().collect();
    while let Some(path) = next.pop() {
        let file = reader.page(&path);
        assert_eq!(file.status, 200, "{path}");
        let quoted = file.text.split('\'').skip(1).step_by(2);
        let imported = quoted.filter(|text| text.starts_with('.') && text.ends_with(".js"));
        for name in imported.filter(|_| path.ends_with(".js")) {
            let url = url::Url::parse(&format!("http://a{path}")).unwrap();
            let path = url.join(name).unwrap().path().to_owned();
            if known.insert(path.clone()) {
                next.push(path);
            }
        }
    }
    assert!(known.iter().any(|path| path.ends_with("/views/palette.js")));
}

#[test]
fn other_files_are_not_found() {
    let app = App::shared();
    let (page, reader) = (page(app, "/app"), Reader::new(app));
    let main = files(&page)
        .into_iter()
        .find(|path| path.ends_with("/main.js"));
    let root = main.unwrap().replace("/main.js", "");
    for path in [
        format!("{root}/nothing.js"),
        format!("{root}/README.md"),
        format!("{root}/index.html"),
        format!("{root}/../../Cargo.toml"),
        "/app/0123456789abcdef/main.js".to_owned(),
    ] {
        let status = reader.page(&path).status;
        assert!(status == 404 || status == 303, "{path}: {status}");
    }
}
