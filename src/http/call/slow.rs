//! Reads that may take long: they run on a blocking thread.

use std::sync::Arc;

use actix_web::web;
use serde::Serialize;
use tokio::sync::oneshot;

use super::{Call, SHORT};
use crate::error::{Error, Result};
use crate::http::auth::Reader;
use crate::http::long::Sink;
use crate::http::request::disconnect;
use crate::http::response::{JsonResponse, ResponseObject, one};
use crate::model::ids::WorkspaceId;
use crate::model::page::{PageRequest, PageRows, SortKey};
use crate::store::{Conn, Db};

/// A read on a connection.
type Work<'w> = dyn FnOnce(&Conn) -> Result<()> + 'w;

impl Call {
    /// Responds with one object, read on a blocking thread.
    pub(in crate::http) async fn show_slowly<T: ResponseObject>(
        &self,
        get: impl FnOnce(&Conn) -> Result<T> + Send + 'static,
    ) -> Result<JsonResponse> {
        let db = Arc::clone(&self.state().db);
        web::block(move || Ok(JsonResponse::tagged(one(&db.read_slowly(get)?)?)))
            .await
            .map_err(|cause| Error::internal("a blocking read was lost", cause))?
    }

    /// Responds with a list. Short pages are read on the worker thread, longer lists on a blocking thread.
    pub(in crate::http) async fn list<A, K, T>(
        &self,
        reader: Reader<A>,
        page: PageRequest<K>,
        get: impl Fn(&Conn, WorkspaceId, &PageRequest<K>) -> Result<PageRows<T>> + Send + 'static,
    ) -> Result<JsonResponse>
    where
        K: SortKey + Send + 'static,
        T: ResponseObject,
    {
        let workspace = reader.workspace();
        match page.limit {
            Some(rows) if rows <= SHORT => {
                JsonResponse::list(&reader.read(|conn| get(conn, workspace, &page))?)
            }
            _ => self.list_slowly(reader.end(), page, get).await,
        }
    }

    /// Responds with a list that may take long to read.
    pub(in crate::http) async fn list_slowly<K, T>(
        &self,
        workspace: WorkspaceId,
        page: PageRequest<K>,
        get: impl Fn(&Conn, WorkspaceId, &PageRequest<K>) -> Result<PageRows<T>> + Send + 'static,
    ) -> Result<JsonResponse>
    where
        K: SortKey + Send + 'static,
        T: ResponseObject,
    {
        self.write_slowly(move |conn, sink| {
            sink.text(&format!("{{\"{}\":", T::PLURAL))?;
            if page.is_paged() {
                let slice = get(conn, workspace, &page)?;
                sink.json(&slice.rows)?;
                sink.text(",\"next_cursor\":")?;
                sink.json(&slice.next_cursor)?;
            } else {
                let get = |page: &PageRequest<K>| get(conn, workspace, page);
                let rows = sink.rows(|each| PageRequest::for_each(get, each));
                sink.json(&rows)?;
            }
            sink.text("}")
        })
        .await
    }

    /// Responds with something that may take long to read.
    pub(in crate::http) async fn read_slowly<T: Serialize>(
        &self,
        get: impl FnOnce(&Conn) -> Result<T> + Send + 'static,
    ) -> Result<JsonResponse> {
        self.write_slowly(|conn, sink| sink.json(&get(conn)?)).await
    }

    /// Responds with what a function writes while it reads on a blocking thread. An error has its status if little was
    /// written; a later one cuts the connection.
    pub(in crate::http) async fn write_slowly(
        &self,
        write: impl FnOnce(&Conn, &mut Sink) -> Result<()> + Send + 'static,
    ) -> Result<JsonResponse> {
        self.write_while_reading(|db, work| db.read_slowly(work), write)
            .await
    }

    /// Like [`Call::write_slowly`], for everything in a workspace.
    pub(in crate::http) async fn export(
        &self,
        write: impl FnOnce(&Conn, &mut Sink) -> Result<()> + Send + 'static,
    ) -> Result<JsonResponse> {
        self.write_while_reading(|db, work| db.read_export(work), write)
            .await
    }

    async fn write_while_reading(
        &self,
        read: fn(&Db, Box<Work<'_>>) -> Result<()>,
        write: impl FnOnce(&Conn, &mut Sink) -> Result<()> + Send + 'static,
    ) -> Result<JsonResponse> {
        let (db, spools) = (Arc::clone(&self.state().db), &self.state().spools);
        let (start, started) = oneshot::channel();
        let mut sink = Sink::new(start, Arc::clone(spools), disconnect(&self.0));
        // It goes on after the response has begun.
        actix_web::rt::task::spawn_blocking(move || {
            let written = match sink.is_wanted() {
                true => read(&db, Box::new(|conn| write(conn, &mut sink))),
                false => Ok(()),
            };
            sink.end(written);
        });
        match started.await {
            Ok(start) => start.map(JsonResponse::started),
            Err(cause) => Err(Error::internal("a blocking read was lost", cause)),
        }
    }
}
