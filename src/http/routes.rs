//! The route table.

use actix_web::dev::AppService;
use actix_web::dev::HttpServiceFactory;
use actix_web::http::Method;
use actix_web::{FromRequest, Handler, HttpRequest, Responder, guard, web};

use super::request::ApiPath;
use super::{
    accounts, app, batch, boards, cards, comments, covers, deliveries, docs, email_accounts,
    events, export, imports, integration, invitations, labels, lanes, mcp, members, pages, preview,
    projects, recipients, search, sessions, sign_in_links, snapshot, subtasks, system, tasks,
    tokens, usage, webhooks,
};
use crate::error::Error;

/// Returns the routes of the API for one worker. A test compares them with the contract.
pub fn api() -> Vec<Route> {
    table().into_iter().map(Route::of_contract).collect()
}

/// Every path with its handlers. There is one route per path, so that a wrong method gets 405 and an unknown path 404.
/// Paths are tried in this order, so the one that is requested most is the first.
fn table() -> Vec<Route> {
    vec![
        at("/v1/tasks").get(tasks::list_all).post(tasks::create),
        at("/v1/tasks/batch").post(batch::run),
        at("/v1/tasks/{taskId}")
            .get(tasks::get)
            .patch(tasks::update)
            .put(tasks::update)
            .delete(tasks::delete),
        at("/").get(docs::page),
        at("/openapi.json").get(system::openapi),
        at("/healthz").get(system::health),
        at("/readyz").get(system::readiness),
        at("/metrics").get(system::metrics),
        at("/v1/boards").get(boards::list).post(boards::create),
        at("/v1/boards/{boardId}")
            .get(boards::get)
            .patch(boards::update)
            .delete(boards::delete),
        at("/v1/boards/{boardId}/projects").get(projects::list),
        at("/v1/boards/{boardId}/lanes")
            .get(lanes::list)
            .post(lanes::create),
        at("/v1/boards/{boardId}/labels")
            .get(labels::list)
            .post(labels::create),
        at("/v1/boards/{boardId}/snapshot").get(snapshot::get),
        at("/v1/events").get(events::list),
        at("/v1/events/stream").get(events::follow),
        at("/v1/export").get(export::get),
        at("/v1/imports").get(imports::list).post(imports::create),
        at("/v1/imports/{importId}").get(imports::get),
        at("/v1/imports/{importId}/undo").post(imports::undo),
        at("/v1/projects").post(projects::create),
        at("/v1/projects/{projectId}")
            .get(projects::get)
            .patch(projects::update)
            .delete(projects::delete),
        at("/v1/projects/{projectId}/tasks").get(tasks::list),
        at("/v1/lanes/{laneId}")
            .patch(lanes::update)
            .delete(lanes::delete),
        at("/v1/labels/{labelId}")
            .patch(labels::update)
            .delete(labels::delete),
        at("/v1/tasks/{taskId}/subtasks")
            .get(subtasks::list)
            .post(subtasks::create),
        at("/v1/tasks/{taskId}/comments")
            .get(comments::list)
            .post(comments::create),
        at("/v1/comments/{commentId}")
            .patch(comments::update)
            .delete(comments::delete),
        at("/v1/subtasks/{subtaskId}")
            .patch(subtasks::update)
            .delete(subtasks::delete),
        at("/v1/cards").get(cards::list).post(cards::create),
        at("/v1/cards/{cardId}")
            .get(cards::get)
            .patch(cards::update)
            .delete(cards::delete),
        at("/v1/cards/{cardId}/cover").put(covers::put),
        at("/covers/{coverId}").get(covers::get),
        at("/v1/cards/{cardId}/recipients").get(recipients::list),
        at("/view/{recipientId}").get(recipients::view),
        at("/unsubscribe/{recipientId}")
            .get(recipients::confirm_unsubscribe)
            .post(recipients::unsubscribe),
        at("/subscribe/{recipientId}")
            .get(recipients::confirm_subscribe)
            .post(recipients::subscribe),
        at("/api/analytics/fetchImage/{recipientId}").get(recipients::pixel),
        at("/v1/email-accounts")
            .get(email_accounts::list)
            .post(email_accounts::create),
        at("/v1/email-accounts/{emailAccountId}").delete(email_accounts::delete),
        at("/v1/search").get(search::search),
        at("/v1/preview").post(preview::render),
        at("/v1/session")
            .get(sessions::get)
            .post(sessions::sign_in)
            .delete(sessions::sign_out),
        at("/v1/session/link").post(sign_in_links::request),
        at("/v1/sessions").get(sessions::list),
        at("/v1/sessions/{sessionId}").delete(sessions::delete),
        at("/v1/me").patch(accounts::update),
        at("/v1/members").get(members::list),
        at("/v1/members/{userId}")
            .patch(members::update)
            .delete(members::delete),
        at("/v1/invitations")
            .get(invitations::list)
            .post(invitations::create),
        at("/v1/invitations/{invitationId}").delete(invitations::delete),
        at("/sign-in/{code}")
            .get(sign_in_links::confirm)
            .post(sign_in_links::redeem),
        at("/invitations/{code}")
            .get(invitations::show)
            .post(invitations::accept),
        at("/v1/usage").get(usage::get),
        at("/v1/tokens").get(tokens::list).post(tokens::create),
        at("/v1/tokens/{tokenId}").delete(tokens::delete),
        at("/v1/webhooks")
            .get(webhooks::list)
            .post(webhooks::create),
        at("/v1/webhooks/{webhookId}")
            .get(webhooks::get)
            .patch(webhooks::update)
            .put(webhooks::update)
            .delete(webhooks::delete),
        at("/v1/webhooks/{webhookId}/secret/rotate").post(webhooks::rotate_secret),
        at("/v1/webhooks/{webhookId}/test").post(deliveries::test),
        at("/v1/webhooks/{webhookId}/recover").post(webhooks::recover),
        at("/v1/webhooks/{webhookId}/deliveries").get(deliveries::list),
        at("/v1/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver")
            .post(deliveries::redeliver),
        at("/api/integration/auth/validate").get(integration::validate),
        at("/api/integration/workspaces").get(integration::workspaces),
        at("/api/integration/cards").post(integration::cards),
        at("/api/integration/email-accounts").get(integration::email_accounts),
        at("/api/integration/card-details/{cardId}").get(integration::card_details),
        at("/api/integration/workflow-cards").get(integration::workflow_cards),
        at("/api/integration/config")
            .get(integration::get_config)
            .post(integration::create_config),
        at("/api/integration/config/by-card").get(integration::config_by_card),
        at("/api/integration/config/{integrationId}").delete(integration::delete_config),
        at("/api/integration/send-card").post(integration::send_card),
        at("/api/integration/get-card-url").post(integration::card_url),
    ]
}

/// What is not part of the contract: web pages, and the endpoint of agents, whose contract is the protocol.
pub fn pages() -> Vec<Route> {
    let pages = [
        at("/mcp").post(mcp::post),
        at("/docs").get(docs::front),
        at("/docs/").get(docs::front),
        at("/docs/{page}").get(docs::page),
        at("/docs/reference/{page}").get(docs::page),
        at("/llms.txt").get(docs::page),
        at("/favicon.ico").get(pages::icon),
        at("/sign-in")
            .get(sessions::page::show)
            .post(sessions::page::submit),
        at("/sign-in/{code}/password").get(sign_in_links::new_password),
        at("/sign-out").post(sessions::page::sign_out),
        at("/app").get(app::page),
        at("/app/{hash:[0-9a-f]{16}}/{file:.+}").get(app::file),
        at("/app/{page:.*}").get(app::page),
        at("/welcome")
            .get(accounts::welcome::show)
            .post(accounts::welcome::save),
        at("/account")
            .get(accounts::page::account)
            .post(accounts::page::save),
        at("/account/password").post(accounts::page::set_password),
        at("/account/sessions/{sessionId}").post(accounts::page::end_session),
    ];
    pages.into_iter().map(Route::with_405).collect()
}

/// A path and the methods that it supports.
pub struct Route {
    path: &'static str,
    methods: Vec<&'static str>,
    inner: actix_web::Resource,
}

fn at(path: &'static str) -> Route {
    Route {
        path,
        methods: Vec::new(),
        inner: web::resource(path).name(path),
    }
}

/// The template of the matched path, for example `/v1/tasks/{taskId}`.
pub(super) fn template(request: &HttpRequest) -> Option<&str> {
    request.match_name()
}

macro_rules! methods {
    ($($name:ident = $method:ident;)*) => {$(
        fn $name<F, Args>(self, handler: F) -> Self
        where
            F: Handler<Args>,
            Args: FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            self.on(Method::$method, handler)
        }
    )*};
}

impl Route {
    methods! {
        get = GET;
        post = POST;
        put = PUT;
        patch = PATCH;
        delete = DELETE;
    }

    fn on<F, Args>(mut self, method: Method, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let wanted = guard::Method(method.clone());
        // HEAD is handled as GET; the server omits the body.
        let route = match method {
            Method::GET => web::route().guard(guard::Any(wanted).or(guard::Head())),
            _ => web::route().guard(wanted),
        };
        self.methods.push(match method {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::PUT => "PUT",
            Method::PATCH => "PATCH",
            _ => "DELETE",
        });
        self.inner = self.inner.route(route.to(handler));
        self
    }

    /// The path's template.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// Its methods.
    pub fn methods(&self) -> &[&'static str] {
        &self.methods
    }

    /// Notes that the contract describes the path.
    fn of_contract(mut self) -> Self {
        self.inner = self.inner.app_data(ApiPath(self.path));
        self.with_405()
    }

    /// Responds with 405 to every other method.
    fn with_405(mut self) -> Self {
        let allowed = self.methods.clone();
        self.inner = self.inner.default_service(web::to(move || {
            let allowed = allowed.clone();
            async move { Err::<String, _>(Error::MethodNotAllowed { allowed }) }
        }));
        self
    }
}

impl HttpServiceFactory for Route {
    fn register(self, config: &mut AppService) {
        self.inner.register(config);
    }
}

/// The 404 response for a path that is not in the table.
pub(crate) async fn unknown(request: HttpRequest) -> Result<String, Error> {
    Err(Error::NotFound {
        method: request.method().to_string(),
        path: request.path().to_owned(),
    })
}
