//! The pages that recipients see. Nothing on them runs, and nothing comes from elsewhere but the card's own cover.

use std::sync::LazyLock;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minijinja::{Environment, Value, context};

use crate::error::{Error, Result};
use crate::http::pages::prefers_html;
use crate::model::accent::Palette;
use crate::model::cards::{Cover, https_url};
use crate::model::credentials::Digest;
use crate::model::letters::Letter;
use crate::model::recipients::Subscription;

const STYLE: &str = include_str!("../../../static/card/card.css");
const TEMPLATES: [(&str, &str); 4] = [
    ("base.html", include_str!("../../../static/card/base.html")),
    ("card.html", include_str!("../../../static/card/card.html")),
    (
        "unsubscribe.html",
        include_str!("../../../static/card/unsubscribe.html"),
    ),
    (
        "missing.html",
        include_str!("../../../static/card/missing.html"),
    ),
];
/// What caches are told about pages that are one person's.
pub(super) const KEPT_BY_NOBODY: header::HeaderValue =
    header::HeaderValue::from_static("no-store, private");
const ROBOTS: header::HeaderName = header::HeaderName::from_static("x-robots-tag");

/// The templates; one that is broken is missing, and a test renders them all.
static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    for (name, source) in TEMPLATES {
        if let Err(error) = pages.add_template(name, source) {
            tracing::error!(%error, name, "failed to load a page template");
        }
    }
    pages
});

/// How the policy tells the style sheet.
static STYLE_SOURCE: LazyLock<String> = LazyLock::new(|| source_of(STYLE));

/// A page that is made and not sent yet.
pub(super) struct Page {
    status: StatusCode,
    html: String,
    policy: String,
}

/// A recipient's card.
pub(super) fn card(letter: &Letter) -> Result<Page> {
    let (cover, image_source) = match &letter.edition.cover {
        Some(Cover::Elsewhere(url)) => elsewhere(url).unzip(),
        // Not its absolute URL: the server may also be reached under another name than its public one.
        Some(uploaded @ Cover::Uploaded(_)) => (Some(uploaded.url("")), None),
        None => (None, None),
    };
    let page = context! {
        id => letter.recipient_id.to_string(),
        title => letter.title(),
        message => letter.message_html(),
        sender => letter.sender_name(),
        unsubscribed => letter.unsubscribed_at.is_some(),
        cover,
    };
    let images = format!("img-src 'self' {}", image_source.unwrap_or_default());
    render(
        StatusCode::OK,
        "card.html",
        page,
        &letter.edition.accent_color,
        &format!("{}; form-action 'none'", images.trim_end()),
    )
}

/// Asks whether a recipient wants no more cards, or says that it is done.
pub(super) fn unsubscribe(subscription: &Subscription) -> Result<Page> {
    let page = context! {
        id => subscription.recipient_id.to_string(),
        address => subscription.email.as_deref().map(masked),
        workspace => &subscription.workspace,
        done => subscription.is_ended,
    };
    let accent = subscription.accent_color.as_deref().unwrap_or_default();
    render(
        StatusCode::OK,
        "unsubscribe.html",
        page,
        accent,
        "form-action 'self'",
    )
}

/// The page that a person gets in place of an error; `None` where the error is nothing that they could understand, or the
/// client is a program.
pub(super) fn missing(request: &HttpRequest, error: &Error) -> Option<Result<Page>> {
    let (heading, advice) = match error {
        Error::CardExpired { .. } => (
            "The card is no longer available",
            "It was deleted, or its retention period has ended.",
        ),
        Error::Missing { .. } | Error::InvalidUuid { .. } => (
            "Card not found",
            "The address may be incomplete. Open the link in your mail again, or copy the whole address.",
        ),
        _ => return None,
    };
    let status = error.status_code();
    let page = context! { heading, advice };
    prefers_html(request).then(|| render(status, "missing.html", page, "", "form-action 'none'"))
}

fn render(status: StatusCode, name: &str, page: Value, accent: &str, policy: &str) -> Result<Page> {
    let colors = colors(accent);
    let styles = format!("{} {}", *STYLE_SOURCE, source_of(&colors));
    let html = PAGES.get_template(name).and_then(|template| {
        template.render(context! { style => STYLE, colors => &colors, ..page })
    });
    Ok(Page {
        status,
        html: html.map_err(|cause| Error::internal("a page could not be rendered", cause))?,
        policy: format!(
            "default-src 'none'; style-src {styles}; base-uri 'none'; frame-ancestors 'none'; {policy}"
        ),
    })
}

impl Page {
    /// The page as an answer, which nobody keeps and no search engine lists.
    pub(super) fn respond(self) -> HttpResponse {
        HttpResponse::build(self.status)
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CONTENT_SECURITY_POLICY, self.policy))
            .insert_header((header::CACHE_CONTROL, KEPT_BY_NOBODY))
            .insert_header((ROBOTS, "noindex, nofollow"))
            .body(self.html)
    }
}

/// The style that holds a card's colours: made of colours alone, so nothing of a card can get into it.
fn colors(accent: &str) -> String {
    let Palette {
        accent,
        ink,
        ground,
        dark_ink,
        dark_ground,
    } = Palette::of(accent);
    format!(
        ":root{{--accent:{accent};--ink:{ink};--ground:{ground}}}\
         @media screen and (prefers-color-scheme:dark){{:root{{--ink:{dark_ink};--ground:{dark_ground}}}}}"
    )
}

/// A style sheet as a policy allows it, by its digest.
fn source_of(style: &str) -> String {
    let digest = BASE64_STANDARD.encode(Digest::of(style.as_bytes()).as_bytes());
    format!("'sha256-{digest}'")
}

/// The URL of a picture elsewhere, and what a policy calls it. Policies know no queries, and give some signs a meaning.
fn elsewhere(url: &str) -> Option<(String, String)> {
    let url = https_url(url)?;
    let path = url.path().replace(';', "%3B").replace(',', "%2C");
    let source = format!("{}{path}", url.origin().ascii_serialization());
    Some((url.to_string(), source))
}

/// An address as its owner knows it and nobody else: links are passed on, and this page with them.
fn masked(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((name, host)) => {
            let first: String = name.chars().take(1).collect();
            format!("{first}…@{host}")
        }
        None => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{elsewhere, masked};

    #[test]
    fn a_picture_is_allowed_by_its_url_alone() {
        let source = |url| elsewhere(url).map(|(_, source)| source);
        for (url, expected) in [
            ("https://a.example/b.png?c=d#e", "https://a.example/b.png"),
            ("https://a.example:8443/", "https://a.example:8443/"),
            (
                "https://a.example/b;c,d e",
                "https://a.example/b%3Bc%2Cd%20e",
            ),
            (
                "https://bücher.example/ü",
                "https://xn--bcher-kva.example/%C3%BC",
            ),
            (
                "https://a.example/'; script-src *",
                "https://a.example/'%3B%20script-src%20*",
            ),
        ] {
            assert_eq!(source(url).as_deref(), Some(expected), "{url}");
        }
        for bad in [
            "http://a.example/",
            "https://*/",
            "https://*.example/",
            "data:,x",
            "x",
            "",
        ] {
            assert_eq!(source(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_address_is_shown_to_who_knows_it() {
        assert_eq!(masked("ada@example.org"), "a…@example.org");
        assert_eq!(masked("\"a@b\"@example.org"), "\"…@example.org");
        assert_eq!(masked("ada"), "…");
    }
}
