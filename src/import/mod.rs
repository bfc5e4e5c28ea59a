//! Reading files of this and other products. Each format has one module, which turns a file into [`Entry`]s: the same
//! intermediate form for all formats. Nothing here knows the database.

mod boards;
mod checked;
mod csv;
mod detect;
mod emit;
mod entry;
mod fields;
mod json;
mod lists;
mod losses;
mod nuls;
mod options;
mod parsed;
mod persons;
mod problem;
mod reader;
mod receiver;
mod tackboard;
mod text;
mod totals;
mod trello;
mod vikunja;
mod wekan;

pub use self::entry::{
    BoardEntry, CardEntry, CommentEntry, ConfigurationEntry, Cover, Entry, Item, LabelEntry,
    LaneEntry, ProjectEntry, RecipientEntry, SubtaskEntry, TaskEntry, Times, WebhookEntry,
};
pub use self::options::{Column, Mapping, Options, check_map};
pub use self::parsed::{MAX_TASKS, Parsed, for_each, parse};
pub use self::persons::Members;
pub use self::problem::{Failed, Problem};
pub use self::reader::Input;
pub use self::totals::Totals;
