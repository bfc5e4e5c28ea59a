-- The journal: one event per committed change that a client can see, written in the change's own transaction.

-- One row per workspace. `latest` is the sequence of its newest event, written once per transaction; the row stays when
-- retention empties the journal.
-- `journal_id` changes when a backup is restored, so that a client notices a journal that went back.
CREATE TABLE journal (
  workspace_id BLOB NOT NULL PRIMARY KEY REFERENCES workspace (id) ON DELETE CASCADE,
  journal_id   BLOB NOT NULL CHECK (length(journal_id) = 16),
  latest       INTEGER NOT NULL DEFAULT 0 CHECK (latest >= 0)
) STRICT, WITHOUT ROWID;

INSERT INTO journal (workspace_id, journal_id) SELECT id, randomblob(16) FROM workspace;

CREATE TRIGGER workspace_journal_begins AFTER INSERT ON workspace BEGIN
  INSERT INTO journal (workspace_id, journal_id) VALUES (NEW.id, randomblob(16));
END;

CREATE TABLE event (
  -- Rows are appended: a new event never splits a page of older ones.
  seq              INTEGER PRIMARY KEY,
  workspace_id     BLOB NOT NULL REFERENCES journal (workspace_id) ON DELETE CASCADE,
  sequence         INTEGER NOT NULL CHECK (sequence >= 1),
  id               BLOB NOT NULL CHECK (length(id) = 16),
  type             TEXT NOT NULL CHECK (type <> ''),
  created_at       INTEGER NOT NULL,
  -- No IN: for a list of this length SQLite would build a temporary table at each insert.
  actor_kind       TEXT NOT NULL CHECK (
    actor_kind = 'token' OR actor_kind = 'key' OR actor_kind = 'session' OR actor_kind = 'recipient'
    OR actor_kind = 'system' OR actor_kind = 'command' OR actor_kind = 'import'),
  actor_user_id    BLOB,
  actor_name       TEXT,
  actor_credential TEXT,
  -- What the event is about. Objects that move also name where they come from. No foreign keys: events outlive objects.
  board_id         BLOB,
  from_board_id    BLOB,
  project_id       BLOB,
  from_project_id  BLOB,
  task_id          BLOB,
  card_id          BLOB,
  -- JSON, as the API returns it: {"label": {"from": …, "to": …}}; the object; what a deletion took along; how many tasks
  -- lost a reference; the names of texts that were cut.
  changes          TEXT,
  data             TEXT NOT NULL,
  deleted          TEXT,
  cleared          TEXT,
  truncated        TEXT,
  UNIQUE (workspace_id, sequence)
) STRICT;
CREATE INDEX event_task ON event (workspace_id, task_id, sequence) WHERE task_id IS NOT NULL;
CREATE INDEX event_card ON event (workspace_id, card_id, sequence) WHERE card_id IS NOT NULL;

-- Only the person behind an event can be taken out of it.
CREATE TRIGGER event_stays BEFORE UPDATE OF workspace_id, sequence, id, type, created_at ON event
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.sequence IS NOT OLD.sequence OR NEW.id IS NOT OLD.id
  OR NEW.type IS NOT OLD.type OR NEW.created_at IS NOT OLD.created_at BEGIN
  SELECT RAISE(ABORT, 'immutable:event');
END;

-- Events name a task's counters, and a list of tasks shows them without reading subtasks.
ALTER TABLE task ADD COLUMN subtasks_total INTEGER NOT NULL DEFAULT 0 CHECK (subtasks_total >= 0);
ALTER TABLE task ADD COLUMN subtasks_completed INTEGER NOT NULL DEFAULT 0 CHECK (subtasks_completed >= 0);
UPDATE task SET subtasks_total = s.total, subtasks_completed = s.completed
  FROM (SELECT workspace_id, task_id, count(*) AS total, sum(is_completed) AS completed
          FROM subtask GROUP BY workspace_id, task_id) s
 WHERE s.workspace_id = task.workspace_id AND s.task_id = task.id;

CREATE TRIGGER subtask_count_insert AFTER INSERT ON subtask BEGIN
  UPDATE task SET subtasks_total = subtasks_total + 1, subtasks_completed = subtasks_completed + NEW.is_completed
   WHERE workspace_id = NEW.workspace_id AND id = NEW.task_id;
END;
CREATE TRIGGER subtask_count_update AFTER UPDATE OF is_completed ON subtask
WHEN NEW.is_completed <> OLD.is_completed BEGIN
  UPDATE task SET subtasks_completed = subtasks_completed - OLD.is_completed + NEW.is_completed
   WHERE workspace_id = NEW.workspace_id AND id = NEW.task_id;
END;
CREATE TRIGGER subtask_count_delete AFTER DELETE ON subtask BEGIN
  UPDATE task SET subtasks_total = subtasks_total - 1, subtasks_completed = subtasks_completed - OLD.is_completed
   WHERE workspace_id = OLD.workspace_id AND id = OLD.task_id;
END;

-- The request that queued a mail, so that the log lines of its delivery name it.
ALTER TABLE mail ADD COLUMN request_id TEXT;
-- Workspaces take turns when their mails are sent.
CREATE INDEX mail_turn ON mail (workspace_id, due_at) WHERE due_at IS NOT NULL;
