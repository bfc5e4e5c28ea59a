-- SQLite copies each page that a statement changes if it cannot rule out that the statement fails after its first change: a foreign key
-- may fail, or a function, or RAISE(ABORT). So that a new task needs no copies, it is refused before anything is changed, with
-- RAISE(FAIL), triggers take the place of its foreign keys, and `tackboard doctor` that of CHECKs with functions.

-- The table's definition is changed in place: the rows stay as they are.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql =
  replace(replace(replace(replace(replace(sql,
    ',
  FOREIGN KEY (workspace_id, project_id) REFERENCES project (workspace_id, id) ON DELETE CASCADE', ''),
    ',
  FOREIGN KEY (workspace_id, workflow_lane_id) REFERENCES lane (workspace_id, id)', ''),
    ' CHECK (length(id) = 16)', ''),
    'CHECK (length(position) BETWEEN 1 AND 64)', 'CHECK (position <> '''')'),
    ' CHECK (due_on IS NULL OR due_on IS date(due_on))', '')
 WHERE type = 'table' AND name = 'task';
PRAGMA writable_schema = RESET;

DROP TRIGGER task_insert;
CREATE TRIGGER task_refused BEFORE INSERT ON task BEGIN
  -- The plan's limit; see 0001.
  SELECT RAISE(FAIL, 'limit:tasks')
    FROM workspace_count c JOIN workspace w ON w.id = c.workspace_id JOIN plan p ON p.name = w.plan
   WHERE c.workspace_id = NEW.workspace_id AND c.tasks >= p.tasks;
  -- A task is in a project, and in a lane of its own board or in none.
  SELECT RAISE(FAIL, 'missing:project') WHERE NOT EXISTS (
    SELECT 1 FROM project WHERE workspace_id = NEW.workspace_id AND id = NEW.project_id);
  SELECT RAISE(FAIL, 'lane:board')
   WHERE NEW.workflow_lane_id IS NOT NULL AND NOT EXISTS (
     SELECT 1 FROM lane l JOIN project p ON p.workspace_id = l.workspace_id AND p.board_id = l.board_id
      WHERE l.workspace_id = NEW.workspace_id AND l.id = NEW.workflow_lane_id AND p.id = NEW.project_id);
END;
CREATE TRIGGER task_counted AFTER INSERT ON task BEGIN
  -- The insertion itself tells whether a task is backdated; see 0015.
  UPDATE workspace_count
     SET tasks = tasks + 1,
         newest_task_at = CASE WHEN NEW.is_backdated OR newest_task_at >= NEW.created_at THEN newest_task_at
                               ELSE NEW.created_at END
   WHERE workspace_id = NEW.workspace_id;
  -- The counters of projects leave archived tasks out; the plan counts them.
  UPDATE project SET tasks_open = tasks_open + (NEW.status = 0),
                     tasks_in_progress = tasks_in_progress + (NEW.status = 1),
                     tasks_done = tasks_done + (NEW.status = 2)
   WHERE workspace_id = NEW.workspace_id AND id = NEW.project_id AND NEW.archived_at IS NULL;
END;
CREATE TRIGGER task_project_update BEFORE UPDATE OF project_id ON task WHEN NOT EXISTS (
  SELECT 1 FROM project WHERE workspace_id = NEW.workspace_id AND id = NEW.project_id) BEGIN
  SELECT RAISE(ABORT, 'missing:project');
END;
-- Lanes are left by lane_leaves_tasks; see 0002.
CREATE TRIGGER project_takes_tasks AFTER DELETE ON project BEGIN
  DELETE FROM task WHERE workspace_id = OLD.workspace_id AND project_id = OLD.id;
END;
