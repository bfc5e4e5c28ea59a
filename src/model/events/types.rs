//! The types of events.

macro_rules! event_types {
    ($($variant:ident = $name:literal $(, $admin:ident)?;)*) => {
        /// The type of an event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventType {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl EventType {
            /// Every type.
            pub const ALL: &[EventType] = &[$(EventType::$variant,)*];

            /// The type's name, as stored and shown.
            pub const fn as_str(self) -> &'static str {
                match self { $(EventType::$variant => $name,)* }
            }

            /// Whether only the scope `admin` sees it.
            pub const fn needs_admin(self) -> bool {
                match self { $(EventType::$variant => event_types!(@admin $($admin)?),)* }
            }
        }
    };
    (@admin admin) => { true };
    (@admin) => { false };
}

event_types! {
    BoardCreated = "board.created";
    BoardUpdated = "board.updated";
    BoardDeleted = "board.deleted";
    BoardReordered = "board.reordered";
    ProjectCreated = "project.created";
    ProjectUpdated = "project.updated";
    ProjectDeleted = "project.deleted";
    ProjectReordered = "project.reordered";
    LaneCreated = "lane.created";
    LaneUpdated = "lane.updated";
    LaneDeleted = "lane.deleted";
    LabelCreated = "label.created";
    LabelUpdated = "label.updated";
    LabelDeleted = "label.deleted";
    TaskCreated = "task.created";
    TaskUpdated = "task.updated";
    TaskCompleted = "task.completed";
    TaskArchived = "task.archived";
    TaskUnarchived = "task.unarchived";
    TaskDeleted = "task.deleted";
    TaskReordered = "task.reordered";
    SubtaskCreated = "subtask.created";
    SubtaskUpdated = "subtask.updated";
    SubtaskDeleted = "subtask.deleted";
    CommentCreated = "comment.created";
    CommentUpdated = "comment.updated";
    CommentDeleted = "comment.deleted";
    CardCreated = "card.created";
    CardUpdated = "card.updated";
    CardDeleted = "card.deleted";
    CardQueued = "card.queued";
    CardSent = "card.sent";
    CardFailed = "card.failed";
    CardLinkCreated = "card.link_created";
    CardOpened = "card.opened";
    CardViewed = "card.viewed";
    CardUnsubscribed = "card.unsubscribed";
    CardResubscribed = "card.resubscribed";
    RecipientErased = "recipient.erased";
    IntegrationCreated = "integration.created";
    IntegrationDeleted = "integration.deleted";
    EmailAccountCreated = "email_account.created", admin;
    EmailAccountDeleted = "email_account.deleted", admin;
    WebhookCreated = "webhook.created", admin;
    WebhookUpdated = "webhook.updated", admin;
    WebhookDeleted = "webhook.deleted", admin;
    MemberAdded = "member.added";
    MemberUpdated = "member.updated";
    MemberRemoved = "member.removed";
    InvitationCreated = "invitation.created", admin;
    InvitationDeleted = "invitation.deleted", admin;
    TokenCreated = "token.created", admin;
    TokenRevoked = "token.revoked", admin;
    KeyCreated = "key.created", admin;
    KeyRevoked = "key.revoked", admin;
    WorkspaceUpdated = "workspace.updated";
    ImportFinished = "import.finished";
    ImportUndone = "import.undone";
}

impl EventType {
    /// The type with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// The types that a pattern names: one type, or those of a noun with `noun.*`. None if the pattern is unknown.
    pub fn matching(pattern: &str) -> Vec<Self> {
        let is_named = |kind: &Self| match pattern.strip_suffix(".*") {
            Some(noun) => kind.noun() == noun,
            None => kind.as_str() == pattern,
        };
        Self::ALL.iter().copied().filter(is_named).collect()
    }

    /// The noun in the type, such as `task` in `task.created`.
    pub fn noun(self) -> &'static str {
        self.as_str().split('.').next().unwrap_or_default()
    }
}
