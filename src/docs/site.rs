//! All pages, rendered.

use std::collections::HashMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context, escape_formatter};

use super::assets;
use super::guides::{self, Guide};
use super::page::Page;
use super::site_data::SiteData;
use super::{highlight, markdown, search_index};
use crate::model::plans::Plan;

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const MARKDOWN: &str = "text/markdown; charset=utf-8";

const TEMPLATES: [(&str, &str); 8] = [
    ("base.html", include_str!("../../static/docs/base.html")),
    ("front.html", include_str!("../../static/docs/front.html")),
    ("guide.html", include_str!("../../static/docs/guide.html")),
    (
        "overview.html",
        include_str!("../../static/docs/overview.html"),
    ),
    (
        "reference.html",
        include_str!("../../static/docs/reference.html"),
    ),
    (
        "missing.html",
        include_str!("../../static/docs/missing.html"),
    ),
    (
        "reference.md",
        include_str!("../../static/docs/reference.md"),
    ),
    ("llms.txt", include_str!("../../static/docs/llms.txt")),
];

/// The pages as they are under one set of plans.
pub struct Site {
    /// The plans that the pages show.
    pub plans: Vec<Plan>,
    /// By path.
    pub pages: HashMap<String, Page>,
    /// The page for an address that does not exist.
    pub missing: Page,
}

impl Site {
    /// Renders everything.
    ///
    /// # Errors
    /// A sentence that names the template and what is wrong in it.
    pub(super) fn new(data: SiteData) -> Result<Self, String> {
        let templates = templates().map_err(|cause| format!("static/docs: {cause:#}"))?;
        let values = Value::from(Serde(&data));
        let guides = guides::all(&templates, &values)?;
        let (assets, files) = assets::all(search_index::json(&data, &guides));
        let listed: Vec<Value> = guides.iter().map(listed).collect();
        let common = context! { assets => Serde(assets), guides => listed, ..values };
        let renderer = Renderer { templates, common };
        let mut pages = files;
        renderer.guides(&guides, &mut pages)?;
        renderer.reference(&data, &mut pages)?;
        let overview = context! { text => rendered(&markdown::render(&data.conventions)) };
        pages.push((
            "/docs/reference".to_owned(),
            renderer.html("overview.html", overview)?,
        ));
        pages.push(("/".to_owned(), renderer.html("front.html", context! {})?));
        pages.push(("/llms.txt".to_owned(), renderer.text("llms.txt")?));
        let missing = renderer.html("missing.html", context! {})?;
        Ok(Self {
            plans: data.plans,
            pages: pages.into_iter().collect(),
            missing,
        })
    }
}

fn templates() -> Result<Environment<'static>, minijinja::Error> {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()?;
    templates.set_syntax(syntax);
    templates.set_auto_escape_callback(|name| match name.ends_with(".html") {
        true => AutoEscape::Html,
        false => AutoEscape::None,
    });
    // The library's own escapes slashes too, which makes every address longer and none safer.
    templates.set_formatter(
        |out, state, value| match (state.auto_escape(), value.as_str()) {
            (AutoEscape::Html, Some(text)) if !value.is_safe() => {
                let mut escaped = String::with_capacity(text.len());
                highlight::escape(&mut escaped, text);
                Ok(out.write_str(&escaped)?)
            }
            _ => escape_formatter(out, state, value),
        },
    );
    templates.add_filter("md", |text: String| {
        Value::from_safe_string(markdown::inline(&text))
    });
    templates.add_filter("colour", |code: String, language: String| {
        Value::from_safe_string(highlight::html(&code, &language))
    });
    templates.add_filter("cell", |text: String| {
        text.replace('|', "\\|").replace('\n', " ")
    });
    templates.add_filter("plain", |text: String| markdown::plain_text(&text));
    for (name, text) in TEMPLATES {
        templates.add_template(name, text)?;
    }
    Ok(templates)
}

/// A guide as the lists of guides name it.
fn listed(guide: &Guide) -> Value {
    let text = &guide.rendered;
    context! { name => guide.name, title => &*text.title, lead => &*text.lead }
}

fn rendered(text: &markdown::Rendered) -> Value {
    context! { title => &*text.title, lead => &*text.lead, html => &*text.html, headings => Serde(&text.headings) }
}

/// Renders pages: the templates, and the values that all pages use.
struct Renderer {
    templates: Environment<'static>,
    common: Value,
}

impl Renderer {
    fn render(&self, template: &str, own: Value) -> Result<String, String> {
        let rendered = self
            .templates
            .get_template(template)
            .and_then(|template| template.render(context! { ..own, ..self.common.clone() }));
        rendered.map_err(|cause| format!("static/docs/{template}: {cause:#}"))
    }

    fn html(&self, template: &str, own: Value) -> Result<Page, String> {
        Ok(Page::new(HTML, self.render(template, own)?))
    }

    fn text(&self, template: &str) -> Result<Page, String> {
        Ok(Page::new(TEXT, self.render(template, context! {})?))
    }

    fn guides(&self, guides: &[Guide], pages: &mut Vec<(String, Page)>) -> Result<(), String> {
        for (at, guide) in guides.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| guides.get(at)).map(listed);
            let after = guides.get(at + 1).map(listed);
            let own =
                context! { name => guide.name, text => rendered(&guide.rendered), before, after };
            let path = format!("/docs/{}", guide.name);
            pages.push((path.clone(), self.html("guide.html", own)?));
            pages.push((
                format!("{path}.md"),
                Page::new(MARKDOWN, guide.markdown.clone()),
            ));
        }
        Ok(())
    }

    /// The operations, one page per tag, and the whole site as one text.
    fn reference(&self, data: &SiteData, pages: &mut Vec<(String, Page)>) -> Result<(), String> {
        let mut whole = String::new();
        for (_, page) in pages.iter().filter(|(path, _)| path.ends_with(".md")) {
            whole.push_str(page.text());
            whole.push_str("\n\n");
        }
        whole.push_str(&format!("# Reference\n\n{}\n\n", data.conventions));
        for (at, tag) in data.tags.iter().enumerate() {
            let own = context! { tag => Serde(tag), at };
            let path = format!("/docs/reference/{}", tag.slug);
            pages.push((path.clone(), self.html("reference.html", own.clone())?));
            let text = self.render("reference.md", own)?;
            whole.push_str(&text);
            pages.push((format!("{path}.md"), Page::new(MARKDOWN, text)));
        }
        pages.push(("/docs/llms-full.txt".to_owned(), Page::new(TEXT, whole)));
        Ok(())
    }
}
