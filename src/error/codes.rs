//! The error catalog: one line per code.

use crate::model::ids::Resource;

macro_rules! codes {
    ($($variant:ident = $code:literal, $status:literal, $message:literal;)*) => {
        /// A machine-readable error code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $message] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the catalog.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The code as text, for `error.code`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code,)* }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Code::$variant => $status,)* }
            }

            /// The message for people.
            pub const fn message(self) -> &'static str {
                match self { $(Code::$variant => $message,)* }
            }
        }
    };
}

codes! {
    InvalidToken = "invalid_token", 401, "The provided API token is invalid";
    TokenExpired = "token_expired", 401, "The API token has expired";
    InsufficientScope = "insufficient_scope", 403, "Token lacks required scope";
    BoardNotFound = "board_not_found", 404, "Board not found or access denied";
    ProjectNotFound = "project_not_found", 404, "Project not found or access denied";
    TaskNotFound = "task_not_found", 404, "Task not found or access denied";
    LaneNotFound = "lane_not_found", 404, "Lane not found or access denied";
    SubtaskNotFound = "subtask_not_found", 404, "Subtask not found or access denied";
    WebhookNotFound = "webhook_not_found", 404, "Webhook not found or access denied";
    DeliveryNotFound = "delivery_not_found", 404, "Delivery not found or access denied";
    TokenNotFound = "token_not_found", 404, "Token not found or access denied";
    EmailAccountNotFound = "email_account_not_found", 404, "Email account not found or access denied";
    WorkspaceNotFound = "workspace_not_found", 404, "Workspace not found or access denied";
    RecipientNotFound = "recipient_not_found", 404, "Recipient not found or access denied";
    CardNotFound = "card_not_found", 404, "Card not found or you do not have access to this card";
    CoverNotFound = "cover_not_found", 404, "Cover not found or access denied";
    LabelNotFound = "label_not_found", 404, "Label not found or access denied";
    CommentNotFound = "comment_not_found", 404, "Comment not found or access denied";
    MemberNotFound = "member_not_found", 404, "Member not found or access denied";
    InvitationNotFound = "invitation_not_found", 404, "Invitation not found or access denied";
    ImportNotFound = "import_not_found", 404, "Import not found or access denied";
    SessionNotFound = "session_not_found", 404, "Session not found or access denied";
    InvalidCredentials = "invalid_credentials", 401, "E-mail or password is wrong";
    SessionExpired = "session_expired", 401, "The session has ended";
    SignInLinkInvalid = "sign_in_link_invalid", 410, "The link was used or has expired";
    CrossOriginRefused = "cross_origin_refused", 403, "The request came from another site";
    LastOwner = "last_owner", 409, "A workspace needs an owner";
    CardExpired = "card_expired", 410, "The card is no longer available";
    EventsExpired = "events_expired", 410, "Events that old are no longer kept";
    InvalidRequest = "invalid_request", 400, "Request validation failed";
    InvalidUuid = "invalid_uuid", 400, "Invalid UUID format";
    InvalidJson = "invalid_json", 400, "Request body is not valid JSON";
    UnsupportedMediaType = "unsupported_media_type", 415, "Request body must be application/json";
    PayloadTooLarge = "payload_too_large", 413, "Request body is too large";
    QuotaExceeded = "quota_exceeded", 429, "Monthly API quota exceeded";
    RateLimited = "rate_limited", 429, "Too many requests";
    ResourceLimitExceeded = "resource_limit_exceeded", 403, "Resource limit reached for your plan";
    IntegrationConfigExists = "integration_config_exists", 409, "Integration configuration already exists";
    IntegrationConfigMissing = "integration_config_missing", 409, "Integration configuration doesn't exist";
    RecipientUnsubscribed = "recipient_unsubscribed", 409, "The recipient has unsubscribed";
    Conflict = "conflict", 409, "The request conflicts with existing data";
    ImportFailed = "import_failed", 422, "The file could not be imported";
    PreconditionFailed = "precondition_failed", 412, "The resource has changed since it was read";
    IdempotencyKeyReused = "idempotency_key_reused", 422, "Idempotency-Key was used with a different request";
    RequestTimeout = "request_timeout", 408, "The request took too long to arrive";
    NotFound = "not_found", 404, "No such endpoint";
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed";
    InternalError = "internal_error", 500, "Something went wrong";
    ServiceUnavailable = "service_unavailable", 503, "Temporary outage";
}

impl Code {
    /// The code for a missing object of this kind.
    pub const fn missing(resource: Resource) -> Self {
        match resource {
            Resource::Workspace => Code::WorkspaceNotFound,
            Resource::Board => Code::BoardNotFound,
            Resource::Project => Code::ProjectNotFound,
            Resource::Label => Code::LabelNotFound,
            Resource::Lane => Code::LaneNotFound,
            Resource::Task => Code::TaskNotFound,
            Resource::Subtask => Code::SubtaskNotFound,
            Resource::Comment => Code::CommentNotFound,
            Resource::Token => Code::TokenNotFound,
            Resource::Card => Code::CardNotFound,
            Resource::Cover => Code::CoverNotFound,
            Resource::Recipient => Code::RecipientNotFound,
            Resource::EmailAccount => Code::EmailAccountNotFound,
            Resource::Webhook => Code::WebhookNotFound,
            Resource::Delivery => Code::DeliveryNotFound,
            Resource::Integration => Code::IntegrationConfigMissing,
            Resource::Member => Code::MemberNotFound,
            Resource::Import => Code::ImportNotFound,
            Resource::Session => Code::SessionNotFound,
            Resource::Invitation => Code::InvitationNotFound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn codes_are_unique_and_in_the_error_range() {
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{} occurs twice", code.as_str());
            assert!((400..=599).contains(&code.status()));
        }
    }
}
