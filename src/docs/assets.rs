//! The files of the pages, under addresses that change with their text.

use serde::Serialize;

use super::page::Page;

/// The addresses of the files.
#[derive(Serialize)]
pub(super) struct Assets {
    pub style: String,
    /// Applies the chosen theme before the page is painted.
    pub theme: String,
    pub script: String,
    pub icon: String,
    /// The search and its index, which a page loads when the search box is used for the first time.
    pub search: String,
    pub search_index: String,
}

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

const STYLE: &str = concat!(
    include_str!("../../static/base.css"),
    include_str!("../../static/docs/style.css")
);
const THEME: &str = include_str!("../../static/docs/theme.js");
const SCRIPT: &str = include_str!("../../static/docs/script.js");
const ICON: &str = include_str!("../../static/docs/icon.svg");
const SEARCH: &str = include_str!("../../static/docs/search.js");

/// The files with their addresses; the search index is made by the caller.
pub(super) fn all(search_index: String) -> (Assets, Vec<(String, Page)>) {
    let mut pages = Vec::new();
    let mut add = |name: &str, ending: &str, kind: &'static str, text: String| {
        let page = Page::hashed(kind, text);
        let hash: String = page
            .hash()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(12)
            .collect();
        let path = format!("/docs/{name}.{hash}.{ending}");
        pages.push((path.clone(), page));
        path
    };
    let assets = Assets {
        style: add("style", "css", CSS, STYLE.to_owned()),
        theme: add("theme", "js", JAVASCRIPT, THEME.to_owned()),
        script: add("script", "js", JAVASCRIPT, SCRIPT.to_owned()),
        icon: add("icon", "svg", "image/svg+xml", ICON.to_owned()),
        search: add("search", "js", JAVASCRIPT, SEARCH.to_owned()),
        search_index: add("search-index", "json", "application/json", search_index),
    };
    (assets, pages)
}
