//! Importing tasks.

use super::objects::{Importer, Merged, TaskHere, if_exists};
use super::position::list_of_task;
use crate::app::tasks;
use crate::error::Result;
use crate::import::{Entry, TaskEntry};
use crate::model::ids::{BoardId, LabelId, ProjectId, TaskId};
use crate::model::imports::{ImportedObject, Kind, fields};
use crate::model::labels::LabelSummary;
use crate::model::position::{Move, after_last};
use crate::model::subtasks::SubtaskCounts;
use crate::model::tasks::{Task, TaskUpdate};
use crate::model::users::Person;
use crate::store;
use crate::store::tasks::TaskParents;

impl Importer<'_> {
    pub(super) fn task(&mut self, entry: &Entry, new: &TaskEntry) -> Result<()> {
        self.task = None;
        let Some(project) = self.projects.get(&new.project) else {
            self.counts.skipped += 1;
            return Ok(());
        };
        let (project_id, board, is_new) = (project.id, project.board, project.is_new);
        let task = self.task_in_file(entry, new, project_id, board)?;
        if let Some(known) = self.known(Kind::Task, &entry.id, is_new)? {
            let id = TaskId::from_uuid(known.object_id);
            match if_exists(store::tasks::get_bare(self.tx, self.ctx.workspace, id))? {
                Some(old) => return self.update_task(entry, new, &known, &old, task),
                None => {
                    self.deleted_here(&entry.path);
                    return Ok(());
                }
            }
        }
        self.add_task(entry, new, board, task)
    }

    /// The task as it is in the file, without a position.
    fn task_in_file(
        &mut self,
        entry: &Entry,
        new: &TaskEntry,
        project_id: ProjectId,
        board: BoardId,
    ) -> Result<Task> {
        let labels = self.labels_of(new, board)?;
        let assignees = self.assignees_of(entry, new);
        let lane = new.lane.as_ref().and_then(|lane| self.lanes.get(lane));
        let archived_at = new.archived_at.unwrap_or(self.now);
        Ok(Task {
            id: TaskId::new(),
            label: new.label.clone(),
            status: new.status,
            project_id,
            workflow_lane_id: lane.map(|lane| lane.id),
            position: String::new(),
            description: new.description.clone(),
            subtasks: Vec::new(),
            assignees,
            due_on: new.due_on,
            archived_at: new.is_archived.then_some(archived_at),
            created_by: new.created_by.and_then(|id| self.members.get(&id)).cloned(),
            created_at: new.times.created.unwrap_or(self.now),
            updated_at: new.times.updated.unwrap_or(self.now),
            labels,
            counts: SubtaskCounts::default(),
        })
    }

    /// The labels of the board that a task has in the file.
    fn labels_of(&self, new: &TaskEntry, board: BoardId) -> Result<Vec<LabelSummary>> {
        let ids = new.labels.iter().filter_map(|id| self.labels.get(id));
        let mut ids: Vec<LabelId> = ids.copied().collect();
        ids.sort_unstable();
        ids.dedup();
        match ids.is_empty() {
            true => Ok(Vec::new()),
            false => store::labels::on_board(self.tx, self.ctx.workspace, board, &ids),
        }
    }

    fn assignees_of(&mut self, entry: &Entry, new: &TaskEntry) -> Vec<Person> {
        let found = new.assignees.iter().filter_map(|id| self.members.get(id));
        let mut assignees: Vec<Person> = found.cloned().collect();
        assignees.sort_by_key(|person| person.id);
        assignees.dedup();
        if assignees.len() < new.assignees.len() {
            self.warn(&entry.path, "Some assignees are not members any more");
        }
        assignees
    }

    fn add_task(
        &mut self,
        entry: &Entry,
        new: &TaskEntry,
        board: BoardId,
        mut task: Task,
    ) -> Result<()> {
        let Some(project) = self.projects.get(&new.project) else {
            return Ok(());
        };
        let mut is_respread = false;
        task.position = match (&new.position, project.is_new) {
            (Some(key), true) => key.clone(),
            (None, true) => after_last(project.last_key.as_deref()),
            (_, false) => {
                let (wish, project) = (self.place_of_new(new), project.id);
                let place =
                    store::tasks::place(self.tx, self.ctx.workspace, project, task.id, &wish)?;
                is_respread = place.is_respread;
                place.key
            }
        };
        if let Some(project) = self.projects.get_mut(&new.project) {
            project.last_key = project.last_key.take().max(Some(task.position.clone()));
        }
        tasks::add(self.tx, self.ctx, board, &task)?;
        if is_respread {
            tasks::record_reordered(self.tx, self.ctx, board, task.project_id)?;
        }
        self.keep_task(entry, new, &task, board, true);
        let fields = fields::of_task(&task).with(&task.position);
        let id = task.id.uuid();
        self.created(Kind::Task, &entry.id, id, fields, task.updated_at)
    }

    /// Where a new task of a known project goes: the tasks of a new lane to the end.
    fn place_of_new(&self, new: &TaskEntry) -> Move<TaskId> {
        let list = list_of_task(new);
        let lane = new.lane.as_ref().and_then(|lane| self.lanes.get(lane));
        match self.last.contains_key(&list) || !lane.is_some_and(|lane| lane.is_new) {
            true => self.place_after_last(&list).map(TaskId::from_uuid),
            false => Move::Last,
        }
    }

    fn update_task(
        &mut self,
        entry: &Entry,
        new: &TaskEntry,
        known: &ImportedObject,
        old: &Task,
        task: Task,
    ) -> Result<()> {
        let in_file = fields::of_task(&task);
        let is_moved = self.order.is_moved(&known.source) && old.project_id == task.project_id;
        let merged = Merged::of(&known.fields, &in_file, &fields::of_task(old)).moved(is_moved);
        let mut here = old.clone();
        if merged.is_update() {
            let wish = is_moved.then(|| self.place_after_last(&list_of_task(new)));
            let change = changes(&merged, task, wish.map(|wish| wish.map(TaskId::from_uuid)));
            here = tasks::update(self.tx, self.ctx, old.id, change)?;
        }
        let board = store::projects::board_of(self.tx, self.ctx.workspace, here.project_id)?;
        self.keep_task(entry, new, &here, board, false);
        let fields = self.with_position(&in_file, known, &here.position);
        self.merged(entry, known, &merged, &fields, here.updated_at)
    }

    fn keep_task(
        &mut self,
        entry: &Entry,
        new: &TaskEntry,
        task: &Task,
        board_id: BoardId,
        is_new: bool,
    ) {
        self.task = Some(TaskHere {
            source: entry.id.clone(),
            id: task.id,
            is_new,
            parents: TaskParents {
                board_id,
                project_id: task.project_id,
                counts: task.counts,
            },
            last_key: None,
            last_subtask: None,
        });
        let project = self.projects.get(&new.project);
        if project.is_some_and(|project| !project.is_new && project.id == task.project_id) {
            let source = self.source(Kind::Task, &entry.id);
            self.note_place(list_of_task(new), &source, task.id.uuid());
        }
    }

    /// Makes the named task the current one. Returns whether it is here.
    pub(super) fn find_task(&mut self, source: &str) -> Result<bool> {
        if self.task.as_ref().is_some_and(|task| task.source == source) {
            return Ok(true);
        }
        self.task = None;
        let Some(known) = self.known(Kind::Task, source, false)? else {
            return Ok(false);
        };
        let id = TaskId::from_uuid(known.object_id);
        let found = if_exists(store::tasks::parents(self.tx, self.ctx.workspace, id))?;
        self.task = found.map(|parents| TaskHere {
            source: source.to_owned(),
            id,
            is_new: known.import_id == self.id,
            parents,
            last_key: None,
            last_subtask: None,
        });
        Ok(self.task.is_some())
    }
}

/// The changes of a known task.
fn changes(merged: &Merged, task: Task, position: Option<Move<TaskId>>) -> TaskUpdate {
    TaskUpdate {
        label: merged.pick(0, || task.label),
        description: merged.pick(1, || task.description),
        status: merged.pick(2, || task.status),
        project_id: merged.pick(3, || task.project_id),
        workflow_lane_id: merged.pick(4, || task.workflow_lane_id),
        position,
        label_ids: merged.pick(5, || task.labels.iter().map(|label| label.id).collect()),
        assignee_ids: merged.pick(6, || {
            task.assignees.iter().map(|person| person.id).collect()
        }),
        due_on: merged.pick(7, || task.due_on),
        is_archived: merged.pick(8, || task.archived_at.is_some()),
    }
}
