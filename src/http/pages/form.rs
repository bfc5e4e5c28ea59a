//! The forms of pages, and what is wrong with what a person entered.

use std::collections::BTreeMap;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;
use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::prefers_html;
use super::templates::error_page;
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::http::body::{check_fields, receive_form};

/// What a form has sent. The last of a repeated field counts, and empty fields count as not sent.
#[derive(Default)]
pub(in crate::http) struct FormFields(BTreeMap<String, String>);

impl FromRequest for FormFields {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        Box::pin(async move { Ok(Self(receive_form(&req, payload).await?)) })
    }
}

impl FormFields {
    /// Removes a field and returns its value.
    pub(in crate::http) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// The value of a field, to be shown again.
    pub(in crate::http) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Sets a field.
    pub(in crate::http) fn set(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), value);
    }

    /// Reads the fields as the body of an operation of the API.
    ///
    /// # Errors
    /// `invalid_request` with every field that does not satisfy the operation's schema.
    pub(in crate::http) fn read<T: DeserializeOwned>(
        &self,
        method: &'static str,
        path: &str,
    ) -> Result<T> {
        let contract = Contract::get().map_err(Error::bug)?;
        let operations = contract.path(path);
        let operation = operations.and_then(|path| path.get(method));
        let operation = operation.ok_or_else(|| Error::bug("a form without a contract"))?;
        check_fields(&self.0, operation)
    }
}

/// Something wrong with a form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(in crate::http) struct Problem {
    /// The field, if it is about one.
    pub(in crate::http) field: Option<String>,
    /// What is wrong, for the person.
    pub(in crate::http) message: String,
}

impl From<Problem> for Value {
    fn from(problem: Problem) -> Self {
        Serde(problem).into()
    }
}

/// What an error says about a form that a person can correct; `None` for other errors.
pub(in crate::http) fn problems(error: &Error) -> Option<Vec<Problem>> {
    let about_all = |message: String| {
        vec![Problem {
            field: None,
            message,
        }]
    };
    match error {
        Error::InvalidRequest(fields) => {
            let fields = fields.iter().map(|(field, message)| Problem {
                field: Some(field.clone()),
                message: message.clone(),
            });
            Some(fields.collect())
        }
        Error::InvalidCredentials => Some(about_all("Email or password is wrong".to_owned())),
        Error::RateLimited { retry_after } => Some(about_all(format!(
            "Too many attempts. Wait {retry_after} seconds, or use a sign-in link"
        ))),
        Error::Conflict { message, fields } => Some(vec![Problem {
            field: fields.keys().next().cloned(),
            message: message.clone(),
        }]),
        Error::Unavailable(_) => Some(about_all(
            "The server is busy. Try again in a moment".to_owned(),
        )),
        _ => None,
    }
}

/// Responds to an error with the form again, if the client is a browser and the person can correct something.
///
/// # Errors
/// Any other error, as it is.
pub(in crate::http) fn again(
    request: &HttpRequest,
    error: Error,
    name: &str,
    values: impl FnOnce(Vec<Problem>) -> Result<Value>,
) -> Result<HttpResponse> {
    match problems(&error).filter(|_| prefers_html(request)) {
        Some(problems) => error_page(request, error, name, values(problems)?),
        None => Err(error),
    }
}
