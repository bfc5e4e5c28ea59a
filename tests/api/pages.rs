//! A reader of web pages, which fetches them and follows their links.

use std::collections::BTreeMap;

use ureq::http::{HeaderMap, Request};

use crate::harness::App;

/// A page as a browser gets it.
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    /// The body as text; empty if it is compressed.
    pub text: String,
}

impl Page {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The values of an attribute on an HTML page, in order.
    pub fn attributes(&self, name: &str) -> Vec<String> {
        if !self.header("content-type").starts_with("text/html") {
            return Vec::new();
        }
        let start = format!(" {name}=\"");
        let tags = self
            .text
            .split('<')
            .filter_map(|part| part.split('>').next());
        let values = tags.flat_map(|tag| {
            tag.split(&start)
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap())
        });
        values.map(plain).collect()
    }
}

/// A reader of a server's pages.
pub struct Reader {
    origin: String,
    agent: ureq::Agent,
}

impl Reader {
    pub fn new(app: &App) -> Self {
        let config = ureq::Agent::config_builder();
        let config = config.http_status_as_error(false).max_redirects(0).build();
        Self {
            origin: app.origin.clone(),
            agent: config.into(),
        }
    }

    pub fn page(&self, path: &str) -> Page {
        self.get(path, &[])
    }

    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        self.call("GET", path, headers)
    }

    pub fn call(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Page {
        self.send(method, path, headers, None)
    }

    /// Sends a request, with the body of a form if there is one.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        form: Option<String>,
    ) -> Page {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match form {
            Some(form) => self.agent.run(request.body(form).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut response = response.unwrap();
        let bytes = response.body_mut().read_to_vec().unwrap();
        Page {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: String::from_utf8(bytes.clone()).unwrap_or_default(),
            bytes,
        }
    }
}

/// Every page and file of the server that links lead to from the front page.
pub fn crawl(app: &App) -> BTreeMap<String, Page> {
    let reader = Reader::new(app);
    let mut pages = BTreeMap::new();
    let mut waiting = vec!["/".to_owned()];
    while let Some(path) = waiting.pop() {
        if pages.contains_key(&path) {
            continue;
        }
        let page = reader.page(&path);
        for name in ["href", "src", "data-search", "data-index"] {
            let links = page.attributes(name).into_iter();
            let paths = links.map(|link| link.split('#').next().unwrap().to_owned());
            waiting.extend(paths.filter(|path| path.starts_with('/')));
        }
        pages.insert(path, page);
    }
    pages
}

/// The text of a page or of a part of it, with single spaces.
pub fn text_of(html: &str) -> String {
    let html = html.replace("</th>", " </th>").replace("</td>", " </td>");
    let texts = html
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let text = plain(&texts.collect::<String>());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn plain(html: &str) -> String {
    let text = html
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x2f;", "/");
    text.replace("&#x27;", "'").replace("&amp;", "&")
}
