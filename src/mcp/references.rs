//! References to objects: an id, or a name if only one object has it.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::model::ids::{
    BoardId, CardId, LabelId, LaneId, ProjectId, Resource, TaskId, UserId, WorkspaceId,
};
use crate::model::labels::folded_name;
use crate::model::page::PageRequest;
use crate::model::scopes::{Scope, Scopes};
use crate::model::search::{Hit, HitKind, Search};
use crate::model::task_list::Archived;
use crate::store::{Conn, boards, cards, labels, lanes, members, projects, search};

/// How many names an error lists.
const MAX_LISTED: usize = 20;
/// How many results of a search are examined for a task's label.
const MAX_HITS: u32 = 100;

/// An object with a name, and where it is.
#[derive(Clone, Debug)]
struct Named<I> {
    id: I,
    name: String,
    board: Option<BoardId>,
}

type List<I> = Rc<Vec<Named<I>>>;

/// The names of a workspace, read when they are needed.
pub(super) struct Names<'c> {
    conn: &'c Conn,
    workspace: WorkspaceId,
    /// Whether errors may list what exists.
    can_read: bool,
    boards: OnceCell<List<BoardId>>,
    projects: OnceCell<List<ProjectId>>,
    members: OnceCell<List<UserId>>,
    lanes: RefCell<HashMap<BoardId, List<LaneId>>>,
    labels: RefCell<HashMap<BoardId, List<LabelId>>>,
}

impl<'c> Names<'c> {
    /// The names that an agent with these scopes can use. Only an agent that can read learns names from errors.
    pub(super) fn new(conn: &'c Conn, workspace: WorkspaceId, scopes: Scopes) -> Self {
        Self {
            conn,
            workspace,
            can_read: scopes.allow(Scope::Read),
            boards: OnceCell::new(),
            projects: OnceCell::new(),
            members: OnceCell::new(),
            lanes: RefCell::default(),
            labels: RefCell::default(),
        }
    }

    fn boards(&self) -> Result<List<BoardId>> {
        kept(&self.boards, || {
            let all = boards::list(self.conn, self.workspace, &PageRequest::ALL)?.rows;
            Ok(named(all, |board| (board.id, board.name, None)))
        })
    }

    fn projects(&self) -> Result<List<ProjectId>> {
        kept(&self.projects, || {
            let all = projects::by_board(self.conn, self.workspace)?.into_iter();
            let all = all.flat_map(|(board, of)| of.into_iter().map(move |one| (board, one)));
            Ok(named(all, |(board, one)| (one.id, one.name, Some(board))))
        })
    }

    fn members(&self) -> Result<List<UserId>> {
        kept(&self.members, || {
            let all = members::all(self.conn, self.workspace)?;
            Ok(named(all, |member| (member.id, member.name, None)))
        })
    }

    fn lanes(&self, board: BoardId) -> Result<List<LaneId>> {
        kept_per_board(&self.lanes, board, || {
            let all = lanes::list(self.conn, self.workspace, board, &PageRequest::ALL)?.rows;
            Ok(named(all, |lane| (lane.id, lane.name, Some(board))))
        })
    }

    fn labels(&self, board: BoardId) -> Result<List<LabelId>> {
        kept_per_board(&self.labels, board, || {
            let all = labels::list(self.conn, self.workspace, board, &PageRequest::ALL)?.rows;
            Ok(named(all, |label| (label.id, label.name, Some(board))))
        })
    }

    /// Finds a board. `field` is the path of the field that names it.
    pub(super) fn board(&self, field: &str, text: &str) -> Result<BoardId> {
        self.find(field, text, Resource::Board, || Ok(self.boards()?.to_vec()))
    }

    /// Finds a project, on one board if that is given.
    pub(super) fn project(
        &self,
        field: &str,
        text: &str,
        board: Option<BoardId>,
    ) -> Result<ProjectId> {
        self.find(field, text, Resource::Project, || {
            let all = self.projects()?.to_vec().into_iter();
            let is_wanted =
                |one: &Named<ProjectId>| board.is_none_or(|board| one.board == Some(board));
            Ok(all.filter(is_wanted).collect())
        })
    }

    /// The board of a project.
    pub(super) fn board_of(&self, id: ProjectId) -> Result<Option<BoardId>> {
        match projects::board_of(self.conn, self.workspace, id) {
            Ok(board) => Ok(Some(board)),
            Err(Error::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Finds a lane, on one board if that is given.
    pub(super) fn lane(&self, field: &str, text: &str, board: Option<BoardId>) -> Result<LaneId> {
        let of = |board| self.lanes(board);
        self.find(field, text, Resource::Lane, || self.on(board, of))
    }

    /// Finds a label, on one board if that is given.
    pub(super) fn label(&self, field: &str, text: &str, board: Option<BoardId>) -> Result<LabelId> {
        let of = |board| self.labels(board);
        self.find(field, text, Resource::Label, || self.on(board, of))
    }

    /// Finds a member of the workspace.
    pub(super) fn member(&self, field: &str, text: &str) -> Result<UserId> {
        self.find(field, text, Resource::Member, || {
            Ok(self.members()?.to_vec())
        })
    }

    /// Finds a task by its id or its whole label. The search index must be up to date.
    pub(super) fn task(&self, field: &str, text: &str) -> Result<TaskId> {
        self.find(field, text, Resource::Task, || {
            let Some(words) = Search::of(text) else {
                return Ok(Vec::new());
            };
            let (conn, workspace) = (self.conn, self.workspace);
            let found = search::find(conn, workspace, &words, Archived::Any, MAX_HITS)?;
            let tasks = found.into_iter().filter(|hit| hit.kind == HitKind::Task);
            let task = |hit: Hit| Named {
                id: TaskId::from_uuid(hit.id),
                name: hit.title,
                board: Some(hit.board_id),
            };
            Ok(tasks.map(task).collect())
        })
    }

    /// Finds a card by its id or title.
    pub(super) fn card(&self, field: &str, text: &str) -> Result<CardId> {
        self.find(field, text, Resource::Card, || {
            let all = cards::list(self.conn, self.workspace, &PageRequest::ALL, "")?.rows;
            Ok(named(all, |card| (card.id, card.title, None)).to_vec())
        })
    }

    /// The objects of one board, or of all.
    fn on<I: Clone>(
        &self,
        board: Option<BoardId>,
        of: impl Fn(BoardId) -> Result<List<I>>,
    ) -> Result<Vec<Named<I>>> {
        if let Some(board) = board {
            return Ok(of(board)?.to_vec());
        }
        let mut all = Vec::new();
        for board in self.boards()?.iter() {
            all.extend(of(board.id)?.iter().cloned());
        }
        Ok(all)
    }

    /// Finds the only object with this name: in the same case, otherwise in any.
    fn find<I: FromStr + Copy + ToString>(
        &self,
        field: &str,
        text: &str,
        resource: Resource,
        all: impl FnOnce() -> Result<Vec<Named<I>>>,
    ) -> Result<I> {
        if let Ok(id) = text.parse() {
            return Ok(id);
        }
        let (text, all) = (text.trim(), all()?);
        let mut same: Vec<_> = all.iter().filter(|one| one.name.trim() == text).collect();
        if same.is_empty() {
            let folded = folded_name(text);
            let is_same = |one: &&Named<I>| folded_name(one.name.trim()) == folded;
            same = all.iter().filter(is_same).collect();
        }
        match same.as_slice() {
            [only] => Ok(only.id),
            [] => Err(Error::UnknownName {
                resource,
                name: text.to_owned(),
                path: field.to_owned(),
                known: match self.can_read {
                    true => self.listed(all.iter(), false)?,
                    false => Vec::new(),
                },
            }),
            _ if !self.can_read => Err(Error::field(
                field,
                format!("{text:?} is ambiguous. Use an id"),
            )),
            several => Err(Error::field(
                field,
                format!(
                    "{text:?} is ambiguous. Use one of these ids: {}",
                    self.listed(several.iter().copied(), true)?.join(", ")
                ),
            )),
        }
    }

    /// Names for an error, each with its board.
    fn listed<'n, I: ToString + 'n>(
        &self,
        all: impl Iterator<Item = &'n Named<I>>,
        with_ids: bool,
    ) -> Result<Vec<String>> {
        let boards = self.boards()?;
        let described = |one: &Named<I>| {
            let board = boards.iter().find(|board| Some(board.id) == one.board);
            let place = board.map_or_else(String::new, |board| format!(" on {:?}", board.name));
            match with_ids {
                true => format!("{} ({:?}{place})", one.id.to_string(), one.name),
                false => format!("{:?}{place}", one.name),
            }
        };
        Ok(all.take(MAX_LISTED).map(described).collect())
    }
}

fn named<T, I>(
    all: impl IntoIterator<Item = T>,
    parts: impl Fn(T) -> (I, String, Option<BoardId>),
) -> List<I> {
    let all = all.into_iter().map(|one| {
        let (id, name, board) = parts(one);
        Named { id, name, board }
    });
    Rc::new(all.collect())
}

fn kept<I>(cell: &OnceCell<List<I>>, read: impl FnOnce() -> Result<List<I>>) -> Result<List<I>> {
    if let Some(list) = cell.get() {
        return Ok(Rc::clone(list));
    }
    let list = read()?;
    Ok(Rc::clone(cell.get_or_init(|| list)))
}

fn kept_per_board<I>(
    lists: &RefCell<HashMap<BoardId, List<I>>>,
    board: BoardId,
    read: impl FnOnce() -> Result<List<I>>,
) -> Result<List<I>> {
    if let Some(list) = lists.borrow().get(&board) {
        return Ok(Rc::clone(list));
    }
    let list = read()?;
    lists.borrow_mut().insert(board, Rc::clone(&list));
    Ok(list)
}
