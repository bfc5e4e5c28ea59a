-- What a task says beside its text: due date, archive, creator and assignees.

-- date() changes a day that does not exist, such as February 30, to another one. NULL would pass a comparison.
ALTER TABLE task ADD COLUMN due_on TEXT CHECK (due_on IS NULL OR due_on IS date(due_on));
ALTER TABLE task ADD COLUMN archived_at INTEGER;
ALTER TABLE task ADD COLUMN is_archived INTEGER AS (archived_at IS NOT NULL) VIRTUAL;
-- No foreign key: it would need an index on every task. A user who no longer exists is shown as null.
ALTER TABLE task ADD COLUMN created_by BLOB;
-- Kept by the triggers of task_assignee, so that a list reads that table only for tasks that have assignees.
ALTER TABLE task ADD COLUMN assignees_total INTEGER NOT NULL DEFAULT 0 CHECK (assignees_total >= 0);

-- Tasks of the same status, and alike in having assignees, a lane, an archive date and a due date, share a bucket: 0 to 47.
-- A list filtered by these reads only the buckets that it shows, and merges them in its order.
ALTER TABLE task ADD COLUMN bucket INTEGER AS (
  status + 3 * (assignees_total > 0) + 6 * (workflow_lane_id IS NOT NULL) + 12 * is_archived
  + 24 * (due_on IS NOT NULL)) VIRTUAL;

-- With the bucket, a filtered list of a project skips what it does not show without reading the rows.
DROP INDEX task_order;
CREATE INDEX task_order ON task (workspace_id, project_id, position, id, bucket);

-- One index for each filter of a workspace's tasks, in the default order. Most tasks are only in the first two.
CREATE INDEX task_bucket ON task (workspace_id, bucket, created_at, id);
CREATE INDEX task_project ON task (workspace_id, project_id, is_archived, created_at, id);
DROP INDEX task_lane;
CREATE INDEX task_lane ON task (workspace_id, workflow_lane_id, is_archived, created_at, id)
 WHERE workflow_lane_id IS NOT NULL;
CREATE INDEX task_due ON task (workspace_id, is_archived, due_on, created_at, id) WHERE due_on IS NOT NULL;
-- For lists sorted by the last change.
CREATE INDEX task_updated ON task (workspace_id, is_archived, updated_at, id);

CREATE TABLE task_assignee (
  workspace_id BLOB NOT NULL,
  task_id      BLOB NOT NULL,
  user_id      BLOB NOT NULL,
  -- Those of the task, so that the index sorts a member's tasks.
  created_at   INTEGER NOT NULL,
  is_archived  INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, task_id, user_id),
  FOREIGN KEY (workspace_id, task_id) REFERENCES task (workspace_id, id) ON DELETE CASCADE,
  -- A member who leaves is unassigned.
  FOREIGN KEY (workspace_id, user_id) REFERENCES member (workspace_id, user_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX task_assignee_member ON task_assignee (workspace_id, user_id, is_archived, created_at, task_id);

-- The labels of a task are sorted in the same way.
DROP TRIGGER task_label_stays;
DROP INDEX task_label_label;
ALTER TABLE task_label ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_label ADD COLUMN is_archived INTEGER NOT NULL DEFAULT 0;
UPDATE task_label SET created_at = t.created_at FROM task t
 WHERE t.workspace_id = task_label.workspace_id AND t.id = task_label.task_id;
CREATE INDEX task_label_label ON task_label (workspace_id, label_id, is_archived, created_at, task_id);
CREATE TRIGGER task_label_stays BEFORE UPDATE OF workspace_id, task_id, label_id ON task_label BEGIN
  SELECT RAISE(ABORT, 'immutable:task_label');
END;
CREATE TRIGGER task_label_dates AFTER INSERT ON task_label BEGIN
  UPDATE task_label SET (created_at, is_archived) = (
    SELECT created_at, is_archived FROM task WHERE workspace_id = NEW.workspace_id AND id = NEW.task_id)
   WHERE workspace_id = NEW.workspace_id AND task_id = NEW.task_id AND label_id = NEW.label_id;
END;

CREATE TRIGGER task_archives_references AFTER UPDATE OF archived_at ON task
WHEN NEW.is_archived <> OLD.is_archived BEGIN
  UPDATE task_assignee SET is_archived = NEW.is_archived WHERE workspace_id = NEW.workspace_id AND task_id = NEW.id;
  UPDATE task_label SET is_archived = NEW.is_archived WHERE workspace_id = NEW.workspace_id AND task_id = NEW.id;
END;

CREATE TRIGGER assignee_count_insert AFTER INSERT ON task_assignee BEGIN
  UPDATE task SET assignees_total = assignees_total + 1 WHERE workspace_id = NEW.workspace_id AND id = NEW.task_id;
END;
CREATE TRIGGER assignee_count_delete AFTER DELETE ON task_assignee BEGIN
  UPDATE task SET assignees_total = assignees_total - 1 WHERE workspace_id = OLD.workspace_id AND id = OLD.task_id;
END;
CREATE TRIGGER assignee_stays BEFORE UPDATE OF workspace_id, task_id, user_id ON task_assignee
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.task_id IS NOT OLD.task_id OR NEW.user_id IS NOT OLD.user_id BEGIN
  SELECT RAISE(ABORT, 'immutable:task_assignee');
END;

-- The counters of projects leave archived tasks out; the plan counts them.
DROP TRIGGER task_count_insert;
DROP TRIGGER task_count_update;
DROP TRIGGER task_count_delete;
CREATE TRIGGER task_count_insert AFTER INSERT ON task BEGIN
  UPDATE workspace_count SET tasks = tasks + 1 WHERE workspace_id = NEW.workspace_id;
  UPDATE project SET tasks_open = tasks_open + (NEW.status = 0),
                     tasks_in_progress = tasks_in_progress + (NEW.status = 1),
                     tasks_done = tasks_done + (NEW.status = 2)
   WHERE workspace_id = NEW.workspace_id AND id = NEW.project_id AND NEW.archived_at IS NULL;
END;
CREATE TRIGGER task_count_update AFTER UPDATE OF status, project_id, archived_at ON task
WHEN NEW.status <> OLD.status OR NEW.project_id <> OLD.project_id
  OR NEW.is_archived <> OLD.is_archived BEGIN
  UPDATE project SET tasks_open = tasks_open - (OLD.status = 0),
                     tasks_in_progress = tasks_in_progress - (OLD.status = 1),
                     tasks_done = tasks_done - (OLD.status = 2)
   WHERE workspace_id = OLD.workspace_id AND id = OLD.project_id AND OLD.archived_at IS NULL;
  UPDATE project SET tasks_open = tasks_open + (NEW.status = 0),
                     tasks_in_progress = tasks_in_progress + (NEW.status = 1),
                     tasks_done = tasks_done + (NEW.status = 2)
   WHERE workspace_id = NEW.workspace_id AND id = NEW.project_id AND NEW.archived_at IS NULL;
END;
CREATE TRIGGER task_count_delete AFTER DELETE ON task BEGIN
  UPDATE workspace_count SET tasks = tasks - 1 WHERE workspace_id = OLD.workspace_id;
  UPDATE project SET tasks_open = tasks_open - (OLD.status = 0),
                     tasks_in_progress = tasks_in_progress - (OLD.status = 1),
                     tasks_done = tasks_done - (OLD.status = 2)
   WHERE workspace_id = OLD.workspace_id AND id = OLD.project_id AND OLD.archived_at IS NULL;
END;
