//! Conversions between our types and SQLite's values.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use uuid::Uuid;

use crate::model::boards::Layout;
use crate::model::context::ActorKind;
use crate::model::covers::MediaType;
use crate::model::credentials::Digest;
use crate::model::date::Date;
use crate::model::deliveries::{DeliveryCause, DeliveryStatus};
use crate::model::ids::{
    BoardId, CardId, CommentId, CoverId, DeliveryId, EmailAccountId, ImportId, IntegrationId,
    InvitationId, LabelId, LaneId, ProjectId, RecipientId, SessionId, SubtaskId, TaskId, TokenId,
    UserId, WebhookId, WorkspaceId,
};
use crate::model::imports::Format;
use crate::model::recipients::Delivery;
use crate::model::scopes::{Role, Scopes};
use crate::model::tasks::Status;
use crate::model::time::Timestamp;
use crate::model::webhooks::{Payload, RecoveryScope};

macro_rules! id_columns {
    ($($id:ident),*) => {$(
        impl ToSql for $id {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(self.uuid().into_bytes().to_vec()))
            }
        }

        impl FromSql for $id {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Uuid::column_result(value).map(Self::from_uuid)
            }
        }
    )*};
}

id_columns!(
    WorkspaceId,
    BoardId,
    ProjectId,
    LabelId,
    LaneId,
    TaskId,
    SubtaskId,
    CommentId,
    TokenId,
    UserId,
    CardId,
    CoverId,
    RecipientId,
    EmailAccountId,
    DeliveryId,
    ImportId,
    IntegrationId,
    InvitationId,
    SessionId,
    WebhookId
);

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.millis().into())
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self::from_millis)
    }
}

impl ToSql for Date {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl FromSql for Date {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for Status {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok((*self as i64).into())
    }
}

impl FromSql for Status {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::from_number(value.as_i64()?).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for Scopes {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(i64::from(self.bits()).into())
    }
}

impl FromSql for Scopes {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        u8::column_result(value).map(Self::from_bits)
    }
}

impl ToSql for Digest {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_bytes().as_slice().into())
    }
}

impl FromSql for Digest {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(Self::from_bytes)
    }
}

macro_rules! word_columns {
    ($($word:ident),*) => {$(
        impl ToSql for $word {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }

        impl FromSql for $word {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Self::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
            }
        }
    )*};
}

word_columns!(
    ActorKind,
    Delivery,
    DeliveryCause,
    DeliveryStatus,
    Format,
    Layout,
    MediaType,
    Payload,
    RecoveryScope,
    Role
);
