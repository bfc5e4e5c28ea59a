//! The pages that recipients see. They run no scripts, and load nothing from other hosts except the card's cover.

use std::sync::LazyLock;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use minijinja::{Environment, Value, context};

use crate::error::{Error, Result};
use crate::http::pages::{KEPT_BY_NOBODY, ROBOTS, prefers_html, style_source};
use crate::model::accent::Palette;
use crate::model::cards::{Cover, https_url};
use crate::model::letters::Letter;
use crate::model::recipients::Subscription;

const STYLE: &str = include_str!("../../../static/card/card.css");
const TEMPLATES: [(&str, &str); 5] = [
    ("base.html", include_str!("../../../static/card/base.html")),
    ("card.html", include_str!("../../../static/card/card.html")),
    (
        "unsubscribe.html",
        include_str!("../../../static/card/unsubscribe.html"),
    ),
    (
        "subscribe.html",
        include_str!("../../../static/card/subscribe.html"),
    ),
    (
        "missing.html",
        include_str!("../../../static/card/missing.html"),
    ),
];

/// The templates. A template that does not parse is missing here; a test renders all of them.
static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    for (name, source) in TEMPLATES {
        if let Err(error) = pages.add_template(name, source) {
            tracing::error!(%error, name, "failed to load a page template");
        }
    }
    pages
});

/// The style sheet as a source in the Content-Security-Policy.
static STYLE_SOURCE: LazyLock<String> = LazyLock::new(|| style_source(STYLE));

/// A rendered page.
pub(super) struct RecipientPage {
    status: StatusCode,
    html: String,
    policy: String,
}

/// Renders a recipient's card.
pub(super) fn card(letter: &Letter) -> Result<RecipientPage> {
    let (cover, image_source) = match &letter.edition.cover {
        Some(Cover::Elsewhere(url)) => elsewhere(url).unzip(),
        // A relative URL: the server may be reached under a name other than its public one.
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

/// Renders the page that asks for confirmation to unsubscribe, or confirms that it is done.
pub(super) fn unsubscribe(subscription: &Subscription) -> Result<RecipientPage> {
    of_subscription("unsubscribe.html", subscription)
}

/// Renders the page that asks whether to subscribe again, or confirms that it is done.
pub(super) fn subscribe(subscription: &Subscription) -> Result<RecipientPage> {
    of_subscription("subscribe.html", subscription)
}

fn of_subscription(name: &str, subscription: &Subscription) -> Result<RecipientPage> {
    let page = context! {
        id => subscription.recipient_id.to_string(),
        address => subscription.email.as_deref().map(masked),
        workspace => &subscription.workspace,
        unsubscribed => subscription.is_ended,
    };
    let accent = subscription.accent_color.as_deref().unwrap_or_default();
    render(StatusCode::OK, name, page, accent, "form-action 'self'")
}

/// Renders the page that a person gets instead of an error. `None` if the error needs no page of its own, or the client
/// is a program.
pub(super) fn missing(request: &HttpRequest, error: &Error) -> Option<Result<RecipientPage>> {
    let (heading, advice) = match error {
        Error::CardExpired => (
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

fn render(
    status: StatusCode,
    name: &str,
    page: Value,
    accent: &str,
    policy: &str,
) -> Result<RecipientPage> {
    let colors = colors(accent);
    let styles = format!("{} {}", *STYLE_SOURCE, style_source(&colors));
    let html = PAGES.get_template(name).and_then(|template| {
        template.render(context! { style => STYLE, colors => &colors, ..page })
    });
    Ok(RecipientPage {
        status,
        html: html.map_err(|cause| Error::internal("a page could not be rendered", cause))?,
        policy: format!(
            "default-src 'none'; style-src {styles}; base-uri 'none'; frame-ancestors 'none'; {policy}"
        ),
    })
}

impl RecipientPage {
    /// Returns the page as a response that is neither cached nor indexed.
    pub(super) fn respond(self) -> HttpResponse {
        HttpResponse::build(self.status)
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CONTENT_SECURITY_POLICY, self.policy))
            .insert_header((header::CACHE_CONTROL, KEPT_BY_NOBODY))
            .insert_header((ROBOTS, "noindex, nofollow"))
            .body(self.html)
    }
}

/// The style element with a card's colors. It is built only from parsed colors, so no text of a card can get into it.
fn colors(accent: &str) -> String {
    let Palette {
        accent,
        link,
        background,
        dark_link,
        dark_background,
    } = Palette::of(accent);
    format!(
        ":root{{--accent:{accent};--link:{link};--background:{background}}}\
         @media screen and (prefers-color-scheme:dark){{:root{{--link:{dark_link};--background:{dark_background}}}}}"
    )
}

/// An external image's URL and its source in a Content-Security-Policy. Policies have no query strings and reserve
/// some characters.
fn elsewhere(url: &str) -> Option<(String, String)> {
    let url = https_url(url)?;
    let path = url.path().replace(';', "%3B").replace(',', "%2C");
    let source = format!("{}{path}", url.origin().ascii_serialization());
    Some((url.to_string(), source))
}

/// An address that only its owner recognizes, because links to this page are shared.
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
