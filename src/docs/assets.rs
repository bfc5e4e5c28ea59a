//! The files of the pages, under addresses that change with their text.

use serde::Serialize;

use super::page::Page;

/// The addresses of the files.
#[derive(Serialize)]
pub(super) struct Assets {
    pub style: String,
    pub script: String,
    pub icon: String,
    pub search: String,
}

const STYLE: &str = include_str!("../../static/docs/style.css");
const SCRIPT: &str = include_str!("../../static/docs/script.js");
const ICON: &str = include_str!("../../static/docs/icon.svg");

/// The files with their addresses; the search index is made by the caller.
pub(super) fn all(search_index: String) -> (Assets, Vec<(String, Page)>) {
    let files = [
        ("style", "css", "text/css; charset=utf-8", STYLE.to_owned()),
        (
            "script",
            "js",
            "text/javascript; charset=utf-8",
            SCRIPT.to_owned(),
        ),
        ("icon", "svg", "image/svg+xml", ICON.to_owned()),
        ("search", "json", "application/json", search_index),
    ];
    let pages = files.map(|(name, ending, kind, text)| {
        let page = Page::hashed(kind, text);
        let hash: String = page
            .hash()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(12)
            .collect();
        (format!("/docs/{name}.{hash}.{ending}"), page)
    });
    let [style, script, icon, search] = pages.each_ref().map(|(path, _)| path.clone());
    (
        Assets {
            style,
            script,
            icon,
            search,
        },
        pages.into(),
    )
}
