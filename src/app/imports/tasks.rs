//! Importing tasks, their subtasks and comments.

use super::objects::{Importer, Merged, TaskHere, if_exists};
use crate::app::{comments, subtasks, tasks};
use crate::error::Result;
use crate::import::{CommentEntry, Entry, SubtaskEntry, TaskEntry};
use crate::model::comments::Comment;
use crate::model::ids::{BoardId, CommentId, LabelId, ProjectId, SubtaskId, TaskId};
use crate::model::imports::{ImportedObject, Kind, Merge, fields};
use crate::model::position::{Move, after_last};
use crate::model::subtasks::{Subtask, SubtaskCounts, SubtaskUpdate};
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
                Some(old) => return self.update_task(entry, &known, &old, task),
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
        let mut ids: Vec<LabelId> = new
            .labels
            .iter()
            .filter_map(|id| self.labels.get(id))
            .copied()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let labels = match ids.is_empty() {
            true => Vec::new(),
            false => store::labels::on_board(self.tx, self.ctx.workspace, board, &ids)?,
        };
        let mut assignees: Vec<Person> = new
            .assignees
            .iter()
            .filter_map(|id| self.members.get(id))
            .cloned()
            .collect();
        assignees.sort_by_key(|person| person.id);
        assignees.dedup();
        if assignees.len() < new.assignees.len() {
            self.warn(&entry.path, "Some assignees are not members any more");
        }
        let archived_at = new.archived_at.unwrap_or(self.now);
        Ok(Task {
            id: TaskId::new(),
            label: new.label.clone(),
            status: new.status,
            project_id,
            workflow_lane_id: new
                .lane
                .as_ref()
                .and_then(|lane| self.lanes.get(lane))
                .copied(),
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

    fn add_task(
        &mut self,
        entry: &Entry,
        new: &TaskEntry,
        board: BoardId,
        mut task: Task,
    ) -> Result<()> {
        let Some(project) = self.projects.get_mut(&new.project) else {
            return Ok(());
        };
        let mut is_respread = false;
        task.position = match (&new.position, project.is_new, project.last_task) {
            (Some(key), true, _) => key.clone(),
            (None, true, _) => after_last(project.last_key.as_deref()),
            (_, false, last) => {
                let wish = last.map_or(Move::Last, Move::After);
                let place =
                    store::tasks::place(self.tx, self.ctx.workspace, project.id, task.id, &wish)?;
                is_respread = place.is_respread;
                place.key
            }
        };
        project.last_key = project.last_key.take().max(Some(task.position.clone()));
        project.last_task = Some(task.id);
        tasks::add(self.tx, self.ctx, board, &task)?;
        if is_respread {
            tasks::record_reordered(self.tx, self.ctx, board, task.project_id)?;
        }
        self.keep_task(entry, &task, board, true);
        let in_file = fields::of_task(&task);
        self.created(
            Kind::Task,
            &entry.id,
            task.id.uuid(),
            in_file,
            task.updated_at,
        )
    }

    fn update_task(
        &mut self,
        entry: &Entry,
        known: &ImportedObject,
        old: &Task,
        task: Task,
    ) -> Result<()> {
        let in_file = fields::of_task(&task);
        let merged = Merged::of(&known.fields, &in_file, &fields::of_task(old));
        let mut updated_at = old.updated_at;
        if merged.has(Merge::Apply) {
            let change = TaskUpdate {
                label: merged.pick(0, || task.label),
                description: merged.pick(1, || task.description),
                status: merged.pick(2, || task.status),
                project_id: merged.pick(3, || task.project_id),
                workflow_lane_id: merged.pick(4, || task.workflow_lane_id),
                position: None,
                label_ids: merged.pick(5, || task.labels.iter().map(|label| label.id).collect()),
                assignee_ids: merged.pick(6, || {
                    task.assignees.iter().map(|person| person.id).collect()
                }),
                due_on: merged.pick(7, || task.due_on),
                is_archived: merged.pick(8, || task.archived_at.is_some()),
            };
            updated_at = tasks::update(self.tx, self.ctx, old.id, change)?.updated_at;
        }
        let parents = store::tasks::parents(self.tx, self.ctx.workspace, old.id)?;
        self.keep_task(entry, old, parents.board_id, false);
        for project in self.projects.values_mut() {
            if project.id == parents.project_id {
                project.last_task = Some(old.id);
            }
        }
        self.merged(entry, known, &merged, &in_file, updated_at)
    }

    fn keep_task(&mut self, entry: &Entry, task: &Task, board_id: BoardId, is_new: bool) {
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
        });
    }

    /// Makes the named task the current one. Returns whether it is here.
    fn find_task(&mut self, source: &str) -> Result<bool> {
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
        });
        Ok(self.task.is_some())
    }

    pub(super) fn subtask(&mut self, entry: &Entry, new: &SubtaskEntry) -> Result<()> {
        let is_here = self.find_task(&new.task)?;
        let Some(task) = self.task.as_mut().filter(|_| is_here) else {
            self.counts.skipped += 1;
            return Ok(());
        };
        let (task_id, is_new) = (task.id, task.is_new);
        let mut subtask = Subtask {
            id: SubtaskId::new(),
            task_id,
            label: new.label.clone(),
            is_completed: new.is_completed,
            position: String::new(),
            created_at: new.times.created.unwrap_or(self.now),
            updated_at: new.times.updated.unwrap_or(self.now),
        };
        let in_file = fields::of_subtask(&subtask);
        if let Some(known) = self.known(Kind::Subtask, &entry.id, is_new)? {
            let id = SubtaskId::from_uuid(known.object_id);
            let Some(old) = if_exists(store::subtasks::get(self.tx, self.ctx.workspace, id))?
            else {
                self.deleted_here(&entry.path);
                return Ok(());
            };
            let merged = Merged::of(&known.fields, &in_file, &fields::of_subtask(&old));
            let change = SubtaskUpdate {
                label: merged.pick(0, || subtask.label),
                is_completed: merged.pick(1, || subtask.is_completed),
                position: None,
            };
            let subtask = subtasks::update(self.tx, self.ctx, id, change)?;
            return self.merged(entry, &known, &merged, &in_file, subtask.updated_at);
        }
        let Some(task) = &mut self.task else {
            return Ok(());
        };
        subtask.position = match (&new.position, is_new) {
            (Some(key), true) => key.clone(),
            (None, true) => after_last(task.last_key.as_deref()),
            (_, false) => store::subtasks::append(self.tx, self.ctx.workspace, task_id)?.key,
        };
        task.last_key = task.last_key.take().max(Some(subtask.position.clone()));
        task.parents.counts = subtasks::add(self.tx, self.ctx, &task.parents, &subtask)?;
        self.created(
            Kind::Subtask,
            &entry.id,
            subtask.id.uuid(),
            in_file,
            subtask.updated_at,
        )
    }

    pub(super) fn comment(&mut self, entry: &Entry, new: &CommentEntry) -> Result<()> {
        let is_here = self.find_task(&new.task)?;
        let Some(task) = self.task.as_ref().filter(|_| is_here) else {
            self.counts.skipped += 1;
            return Ok(());
        };
        let (task_id, is_new) = (task.id, task.is_new);
        let author = new.author.and_then(|id| self.members.get(&id)).cloned();
        let comment = Comment {
            id: CommentId::new(),
            task_id,
            text: new.text.clone(),
            imported_author: new
                .author_name
                .clone()
                .filter(|name| author.is_none() && !name.is_empty()),
            author,
            created_at: new.times.created.unwrap_or(self.now),
            updated_at: new.times.updated.or(new.times.created).unwrap_or(self.now),
            edited_at: new.edited_at,
        };
        let in_file = fields::of_comment(&comment);
        if let Some(known) = self.known(Kind::Comment, &entry.id, is_new)? {
            return self.update_comment(entry, &known, comment);
        }
        let Some(task) = &mut self.task else {
            return Ok(());
        };
        task.parents.counts = comments::add(self.tx, self.ctx, &task.parents, &comment)?;
        self.created(
            Kind::Comment,
            &entry.id,
            comment.id.uuid(),
            in_file,
            comment.updated_at,
        )
    }

    fn update_comment(
        &mut self,
        entry: &Entry,
        known: &ImportedObject,
        in_file: Comment,
    ) -> Result<()> {
        let id = CommentId::from_uuid(known.object_id);
        let Some(old) = if_exists(store::comments::get(self.tx, self.ctx.workspace, id))? else {
            self.deleted_here(&entry.path);
            return Ok(());
        };
        let fields = fields::of_comment(&in_file);
        let merged = Merged::of(&known.fields, &fields, &fields::of_comment(&old));
        let mut updated_at = old.updated_at;
        if let Some(text) = merged.pick(0, || in_file.text) {
            updated_at = self.now;
            let comment = Comment {
                text,
                updated_at,
                edited_at: Some(self.now),
                ..old.clone()
            };
            comments::store_change(self.tx, self.ctx, &old, &comment)?;
        }
        self.merged(entry, known, &merged, &fields, updated_at)
    }
}
