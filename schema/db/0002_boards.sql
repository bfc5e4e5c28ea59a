-- The board API's own rows: boards, projects, lanes, tasks, subtasks.
--
-- `seq` is the rowid under a name of ours, so that VACUUM keeps it; the search index refers to it. `position` sorts
-- bytewise, ties by id; the program keeps the keys short.

CREATE TABLE board (
  seq               INTEGER PRIMARY KEY,
  workspace_id      BLOB NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  id                BLOB NOT NULL CHECK (length(id) = 16),
  name              TEXT NOT NULL CHECK (name <> ''),
  description       TEXT,
  icon              TEXT NOT NULL,
  accent_color      TEXT NOT NULL CHECK (accent_color GLOB '#[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]'),
  background_color  TEXT NOT NULL CHECK (background_color GLOB '#[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]'),
  layout_preference TEXT NOT NULL CHECK (layout_preference IN ('kanban', 'simple')),
  created_at        INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL,
  UNIQUE (workspace_id, id)
) STRICT;
CREATE INDEX board_order ON board (workspace_id, created_at, id);

CREATE TABLE project (
  seq               INTEGER PRIMARY KEY,
  workspace_id      BLOB NOT NULL,
  id                BLOB NOT NULL CHECK (length(id) = 16),
  board_id          BLOB NOT NULL,
  name              TEXT NOT NULL CHECK (name <> ''),
  description       TEXT,
  position          TEXT NOT NULL CHECK (length(position) BETWEEN 1 AND 64),
  -- Tasks by status, kept by the task triggers below.
  tasks_open        INTEGER NOT NULL DEFAULT 0 CHECK (tasks_open >= 0),
  tasks_in_progress INTEGER NOT NULL DEFAULT 0 CHECK (tasks_in_progress >= 0),
  tasks_done        INTEGER NOT NULL DEFAULT 0 CHECK (tasks_done >= 0),
  created_at        INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL,
  UNIQUE (workspace_id, id),
  FOREIGN KEY (workspace_id, board_id) REFERENCES board (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX project_order ON project (workspace_id, board_id, position, id);

CREATE TABLE lane (
  seq          INTEGER PRIMARY KEY,
  workspace_id BLOB NOT NULL,
  id           BLOB NOT NULL CHECK (length(id) = 16),
  board_id     BLOB NOT NULL,
  name         TEXT NOT NULL CHECK (name <> ''),
  position     TEXT NOT NULL CHECK (length(position) BETWEEN 1 AND 64),
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  UNIQUE (workspace_id, id),
  FOREIGN KEY (workspace_id, board_id) REFERENCES board (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX lane_order ON lane (workspace_id, board_id, position, id);

CREATE TABLE task (
  seq              INTEGER PRIMARY KEY,
  workspace_id     BLOB NOT NULL,
  id               BLOB NOT NULL CHECK (length(id) = 16),
  project_id       BLOB NOT NULL,
  -- ON DELETE SET NULL would clear workspace_id too; the trigger lane_leaves_tasks clears this one alone.
  workflow_lane_id BLOB,
  label            TEXT NOT NULL CHECK (label <> ''),
  description      TEXT,
  -- No IN: for a list of this length SQLite would build a temporary table at each insert.
  status           INTEGER NOT NULL DEFAULT 0 CHECK (status = 0 OR status = 1 OR status = 2),
  position         TEXT NOT NULL CHECK (length(position) BETWEEN 1 AND 64),
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  UNIQUE (workspace_id, id),
  FOREIGN KEY (workspace_id, project_id) REFERENCES project (workspace_id, id) ON DELETE CASCADE,
  FOREIGN KEY (workspace_id, workflow_lane_id) REFERENCES lane (workspace_id, id)
) STRICT;
CREATE INDEX task_order ON task (workspace_id, project_id, position, id);
CREATE INDEX task_lane ON task (workspace_id, workflow_lane_id) WHERE workflow_lane_id IS NOT NULL;

CREATE TABLE subtask (
  seq          INTEGER PRIMARY KEY,
  workspace_id BLOB NOT NULL,
  id           BLOB NOT NULL CHECK (length(id) = 16),
  task_id      BLOB NOT NULL,
  label        TEXT NOT NULL CHECK (label <> ''),
  is_completed INTEGER NOT NULL DEFAULT 0 CHECK (is_completed IN (0, 1)),
  position     TEXT NOT NULL CHECK (length(position) BETWEEN 1 AND 64),
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  UNIQUE (workspace_id, id),
  FOREIGN KEY (workspace_id, task_id) REFERENCES task (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX subtask_order ON subtask (workspace_id, task_id, position, id);

-- Rows stay in their workspace; see 0001.
CREATE TRIGGER board_stays BEFORE UPDATE OF workspace_id, id ON board
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'immutable:board');
END;
CREATE TRIGGER project_stays BEFORE UPDATE OF workspace_id, id ON project
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'immutable:project');
END;
-- A lane also stays on its board: its tasks would be left with a lane of another board.
CREATE TRIGGER lane_stays BEFORE UPDATE OF workspace_id, id, board_id ON lane
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id OR NEW.board_id IS NOT OLD.board_id BEGIN
  SELECT RAISE(ABORT, 'immutable:lane');
END;
CREATE TRIGGER task_stays BEFORE UPDATE OF workspace_id, id ON task
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'immutable:task');
END;
CREATE TRIGGER subtask_stays BEFORE UPDATE OF workspace_id, id, task_id ON subtask
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id OR NEW.task_id IS NOT OLD.task_id BEGIN
  SELECT RAISE(ABORT, 'immutable:subtask');
END;

-- Plan limits; see 0001. Subtasks and lanes have none.
CREATE TRIGGER board_limit BEFORE INSERT ON board
WHEN (SELECT c.boards >= p.boards FROM workspace w JOIN plan p ON p.name = w.plan
      JOIN workspace_count c ON c.workspace_id = w.id WHERE w.id = NEW.workspace_id) BEGIN
  SELECT RAISE(ABORT, 'limit:boards');
END;
CREATE TRIGGER project_limit BEFORE INSERT ON project
WHEN (SELECT c.projects >= p.projects FROM workspace w JOIN plan p ON p.name = w.plan
      JOIN workspace_count c ON c.workspace_id = w.id WHERE w.id = NEW.workspace_id) BEGIN
  SELECT RAISE(ABORT, 'limit:projects');
END;
CREATE TRIGGER task_limit BEFORE INSERT ON task
WHEN (SELECT c.tasks >= p.tasks FROM workspace w JOIN plan p ON p.name = w.plan
      JOIN workspace_count c ON c.workspace_id = w.id WHERE w.id = NEW.workspace_id) BEGIN
  SELECT RAISE(ABORT, 'limit:tasks');
END;

-- Counters. Rows that go through ON DELETE CASCADE fire these too.
CREATE TRIGGER board_count_insert AFTER INSERT ON board BEGIN
  UPDATE workspace_count SET boards = boards + 1 WHERE workspace_id = NEW.workspace_id;
END;
CREATE TRIGGER board_count_delete AFTER DELETE ON board BEGIN
  UPDATE workspace_count SET boards = boards - 1 WHERE workspace_id = OLD.workspace_id;
END;
CREATE TRIGGER project_count_insert AFTER INSERT ON project BEGIN
  UPDATE workspace_count SET projects = projects + 1 WHERE workspace_id = NEW.workspace_id;
END;
CREATE TRIGGER project_count_delete AFTER DELETE ON project BEGIN
  UPDATE workspace_count SET projects = projects - 1 WHERE workspace_id = OLD.workspace_id;
END;
CREATE TRIGGER task_count_insert AFTER INSERT ON task BEGIN
  UPDATE workspace_count SET tasks = tasks + 1 WHERE workspace_id = NEW.workspace_id;
  UPDATE project SET tasks_open = tasks_open + (NEW.status = 0),
                     tasks_in_progress = tasks_in_progress + (NEW.status = 1),
                     tasks_done = tasks_done + (NEW.status = 2)
   WHERE workspace_id = NEW.workspace_id AND id = NEW.project_id;
END;
CREATE TRIGGER task_count_update AFTER UPDATE OF status, project_id ON task
WHEN NEW.status <> OLD.status OR NEW.project_id <> OLD.project_id BEGIN
  UPDATE project SET tasks_open = tasks_open - (OLD.status = 0),
                     tasks_in_progress = tasks_in_progress - (OLD.status = 1),
                     tasks_done = tasks_done - (OLD.status = 2)
   WHERE workspace_id = OLD.workspace_id AND id = OLD.project_id;
  UPDATE project SET tasks_open = tasks_open + (NEW.status = 0),
                     tasks_in_progress = tasks_in_progress + (NEW.status = 1),
                     tasks_done = tasks_done + (NEW.status = 2)
   WHERE workspace_id = NEW.workspace_id AND id = NEW.project_id;
END;
CREATE TRIGGER task_count_delete AFTER DELETE ON task BEGIN
  UPDATE workspace_count SET tasks = tasks - 1 WHERE workspace_id = OLD.workspace_id;
  UPDATE project SET tasks_open = tasks_open - (OLD.status = 0),
                     tasks_in_progress = tasks_in_progress - (OLD.status = 1),
                     tasks_done = tasks_done - (OLD.status = 2)
   WHERE workspace_id = OLD.workspace_id AND id = OLD.project_id;
END;

-- A task sits in a lane of its own board or in none.
CREATE TRIGGER task_lane_insert BEFORE INSERT ON task
WHEN NEW.workflow_lane_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM lane l JOIN project p ON p.workspace_id = l.workspace_id AND p.board_id = l.board_id
   WHERE l.workspace_id = NEW.workspace_id AND l.id = NEW.workflow_lane_id AND p.id = NEW.project_id) BEGIN
  SELECT RAISE(ABORT, 'lane:board');
END;
CREATE TRIGGER task_lane_update BEFORE UPDATE OF workflow_lane_id, project_id ON task
WHEN NEW.workflow_lane_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM lane l JOIN project p ON p.workspace_id = l.workspace_id AND p.board_id = l.board_id
   WHERE l.workspace_id = NEW.workspace_id AND l.id = NEW.workflow_lane_id AND p.id = NEW.project_id) BEGIN
  SELECT RAISE(ABORT, 'lane:board');
END;
CREATE TRIGGER lane_leaves_tasks BEFORE DELETE ON lane BEGIN
  UPDATE task SET workflow_lane_id = NULL WHERE workspace_id = OLD.workspace_id AND workflow_lane_id = OLD.id;
END;
CREATE TRIGGER project_moves_board AFTER UPDATE OF board_id ON project WHEN NEW.board_id <> OLD.board_id BEGIN
  UPDATE task SET workflow_lane_id = NULL
   WHERE workspace_id = NEW.workspace_id AND project_id = NEW.id AND workflow_lane_id IS NOT NULL;
END;
