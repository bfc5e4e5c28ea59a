//! The files of the page, in one tree. The address of the tree contains a hash of all of them, so that each may be cached
//! forever, and imports between them are relative.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::{Environment, context};
use rust_embed::Embed;

use super::imports;
use crate::docs::Page;
use crate::error::{Error, Result};
use crate::model::credentials::Digest;

/// The module that the page runs.
const MAIN: &str = "main.js";
/// The folder of the styles that the page begins with, in the order of their names.
const STYLES: &str = "styles/";
/// The template of the page itself.
const TEMPLATE: &str = "index.html";

/// The files as they are in the binary. A debug build reads them from the checkout.
#[derive(Embed)]
#[folder = "static/app"]
struct Own;

/// Files of others, as they are in the binary.
#[derive(Embed)]
#[folder = "static/vendor"]
struct Vendor;

static FILES: Mutex<Option<Arc<Files>>> = Mutex::new(None);

/// All files, and the page that loads them.
pub(super) struct Files {
    /// By path.
    files: HashMap<String, Page>,
    page: String,
}

impl Files {
    /// Returns the files for a new page. A debug build reads them again.
    ///
    /// # Errors
    /// `internal_error` that names the file and the problem.
    pub(super) fn for_page() -> Result<Arc<Self>> {
        Self::get(cfg!(debug_assertions))
    }

    /// Returns the files that pages use now.
    ///
    /// # Errors
    /// `internal_error` that names the file and the problem.
    pub(super) fn current() -> Result<Arc<Self>> {
        Self::get(false)
    }

    fn get(again: bool) -> Result<Arc<Self>> {
        let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
        match &*files {
            Some(files) if !again => Ok(Arc::clone(files)),
            _ => Ok(Arc::clone(files.insert(Arc::new(Self::read()?)))),
        }
    }

    fn read() -> Result<Self> {
        let mut texts = texts()?;
        let template = texts.remove(TEMPLATE).unwrap_or_default();
        let root = format!("/app/{}", hash(&template, &texts));
        let page = page(&root, &template, &texts)
            .map_err(|cause| Error::internal("static/app/index.html", cause))?;
        let files = texts.into_iter().filter_map(|(name, text)| {
            let content_type = content_type(&name)?;
            let is_code = name.ends_with(".js") || name.ends_with(".css");
            let text = if is_code {
                without_comments(&text)
            } else {
                text
            };
            let file = Page::hashed(content_type, text);
            Some((format!("{root}/{name}"), file))
        });
        Ok(Self {
            files: files.collect(),
            page,
        })
    }

    /// The HTML page.
    pub(super) fn page(&self) -> &str {
        &self.page
    }

    /// The file with this path.
    pub(super) fn find(&self, path: &str) -> Option<&Page> {
        self.files.get(path)
    }
}

/// All files by name, in one order.
fn texts() -> Result<BTreeMap<String, String>> {
    let own = Own::iter().filter_map(|name| Some((name.to_string(), Own::get(&name)?)));
    let vendor =
        Vendor::iter().filter_map(|name| Some((format!("vendor/{name}"), Vendor::get(&name)?)));
    let read = own.chain(vendor).map(|(name, file)| {
        let text = String::from_utf8(file.data.into_owned());
        let text = text.map_err(|cause| Error::internal("a file of static/app", cause))?;
        Ok((name, text))
    });
    read.collect()
}

/// The text with empty lines instead of lines that are only comments: a fifth of the size after compression. Line numbers stay
/// as they are in the checkout.
///
/// A text stays as it is if a template literal or a comment after code goes on in the next line, which can look like a comment.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut is_inside = false;
    for line in text.lines() {
        let code = code_of(line, &mut is_inside);
        if goes_on(code) {
            return text.to_owned();
        }
        kept.push_str(code);
        kept.push('\n');
    }
    kept
}

/// What a line contains beside comments that begin it. `is_inside` is whether the line begins inside of a comment.
fn code_of<'l>(line: &'l str, is_inside: &mut bool) -> &'l str {
    let trimmed = line.trim();
    let begins = trimmed.starts_with("/*");
    if !*is_inside && trimmed.starts_with("//") {
        return "";
    }
    if !(*is_inside || begins) {
        return line;
    }
    let from = if *is_inside { 0 } else { 2 };
    let end = trimmed.get(from..).and_then(|rest| rest.split_once("*/"));
    *is_inside = end.is_none();
    match end {
        // A type in a comment belongs to the code after it.
        Some((_, code)) if begins && !code.trim().is_empty() => line,
        Some((_, code)) => code.trim(),
        None => "",
    }
}

/// Whether a template literal or a comment can go on in the next line.
fn goes_on(code: &str) -> bool {
    let is_open = |begin: &str, end: &str| code.rfind(begin) > code.rfind(end);
    code.matches('`').count() % 2 == 1 || is_open("${", "}") || is_open("/*", "*/")
}

/// A hash of all files.
fn hash(template: &str, texts: &BTreeMap<String, String>) -> String {
    let mut all = template.to_owned();
    for (name, text) in texts {
        all.extend(["\0", name, "\0", text]);
    }
    let digest = Digest::of(all.as_bytes());
    let bytes = digest.as_bytes().iter().take(8);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// Renders the page. It names every module that the first one imports, so that the browser requests them all at once.
fn page(
    root: &str,
    template: &str,
    texts: &BTreeMap<String, String>,
) -> Result<String, minijinja::Error> {
    let mut templates = Environment::new();
    templates.add_template(TEMPLATE, template)?;
    let modules = imports::of(MAIN, texts);
    let is_style = |name: &&String| name.starts_with(STYLES) && name.ends_with(".css");
    let styles: Vec<_> = texts.keys().filter(is_style).cloned().collect();
    templates
        .get_template(TEMPLATE)?
        .render(context! { root, main => MAIN, modules, styles })
}

/// The media type of a file; `None` for one that is not served.
fn content_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "webmanifest" => Some("application/manifest+json"),
        "txt" => Some("text/plain; charset=utf-8"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn only_whole_lines_are_comments() {
        let text =
            "// a\nlet b = 'http://c'; // d\n  /** e */\n/**\n * f\n */\n/** @type {h} */ (g)();\n";
        assert_eq!(
            without_comments(text),
            "\nlet b = 'http://c'; // d\n\n\n\n\n/** @type {h} */ (g)();\n"
        );
        assert_eq!(without_comments("/* a { */\n.b { }\n"), "\n.b { }\n");
        assert_eq!(without_comments("/* a\n // b */ c();\n"), "\nc();\n");
        assert_eq!(without_comments("/*/ a\nb */\nc\n"), "\n\nc\n");
    }

    #[test]
    fn template_literals_keep_their_lines() {
        let text = "// a\nconst b = `\n// c\n/* d\n`;\n// `e\n";
        assert_eq!(without_comments(text), text);
        for text in ["a(); /* b\n// c */\n", "a(`b ${ `c\n// d\n` }`);\n"] {
            assert_eq!(without_comments(text), text);
        }
        assert_eq!(
            without_comments("// `a\nb(`c ${`d`}`);\n"),
            "\nb(`c ${`d`}`);\n"
        );
    }
}
