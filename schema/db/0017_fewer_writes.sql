-- The creation of a task, and any change that is recorded, writes to fewer pages and runs fewer triggers.

-- The newest sequence of a journal is that of its newest event, so nothing is written for it. When that event is deleted, its
-- sequence becomes the `floor`: the newest sequence is never below it.
ALTER TABLE journal RENAME COLUMN latest TO floor;
CREATE TRIGGER event_newest_deleted AFTER DELETE ON event
WHEN NOT EXISTS (SELECT 1 FROM event WHERE workspace_id = OLD.workspace_id AND sequence > OLD.sequence) BEGIN
  UPDATE journal SET floor = max(floor, OLD.sequence) WHERE workspace_id = OLD.workspace_id;
END;
CREATE VIEW journal_state (workspace_id, journal_id, latest) AS
SELECT workspace_id, journal_id,
       max(floor, ifnull((SELECT max(sequence) FROM event WHERE event.workspace_id = journal.workspace_id), 0))
  FROM journal;

DROP TRIGGER webhook_count_insert;
CREATE TRIGGER webhook_count_insert AFTER INSERT ON webhook BEGIN
  UPDATE workspace_count SET webhooks = webhooks + 1 WHERE workspace_id = NEW.workspace_id;
  INSERT INTO webhook_progress (workspace_id, webhook_id, cursor)
    SELECT workspace_id, NEW.id, latest FROM journal_state WHERE workspace_id = NEW.workspace_id;
END;

-- New tasks are not noted in search_queue: the index lacks all that come after this one in the order of `seq`.
CREATE TABLE search_mark (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  task_seq INTEGER NOT NULL
) STRICT;
INSERT INTO search_mark (only_row, task_seq) SELECT 1, ifnull(max(seq), 0) FROM task;

-- No task that is not backdated has a later creation time.
ALTER TABLE workspace_count ADD COLUMN newest_task_at INTEGER;
UPDATE workspace_count SET newest_task_at = (
  SELECT max(created_at) FROM task WHERE workspace_id = workspace_count.workspace_id AND is_backdated = 0);

-- One trigger does what six did: SQLite sets up a program for each.
DROP TRIGGER task_limit;
DROP TRIGGER task_lane_insert;
DROP TRIGGER task_search_insert;
DROP TRIGGER task_count_insert;
DROP TRIGGER task_backdated_insert;
DROP TRIGGER task_backdated_update;
CREATE TRIGGER task_insert AFTER INSERT ON task BEGIN
  -- The time of the last change bounds a creation time in the future, which would make all later tasks backdated.
  UPDATE workspace_count
     SET tasks = tasks + 1,
         newest_task_at = max(ifnull(newest_task_at, min(NEW.created_at, NEW.updated_at)),
                              min(NEW.created_at, NEW.updated_at))
   WHERE workspace_id = NEW.workspace_id;
  -- The plan's limit; see 0001.
  SELECT RAISE(ABORT, 'limit:tasks')
    FROM workspace w JOIN plan p ON p.name = w.plan JOIN workspace_count c ON c.workspace_id = w.id
   WHERE w.id = NEW.workspace_id AND c.tasks > p.tasks;
  -- A task is in a lane of its own board or in none.
  SELECT RAISE(ABORT, 'lane:board')
   WHERE NEW.workflow_lane_id IS NOT NULL AND NOT EXISTS (
     SELECT 1 FROM lane l JOIN project p ON p.workspace_id = l.workspace_id AND p.board_id = l.board_id
      WHERE l.workspace_id = NEW.workspace_id AND l.id = NEW.workflow_lane_id AND p.id = NEW.project_id);
  -- The counters of projects leave archived tasks out; the plan counts them.
  UPDATE project SET tasks_open = tasks_open + (NEW.status = 0),
                     tasks_in_progress = tasks_in_progress + (NEW.status = 1),
                     tasks_done = tasks_done + (NEW.status = 2)
   WHERE workspace_id = NEW.workspace_id AND id = NEW.project_id AND NEW.archived_at IS NULL;
  -- See 0015.
  UPDATE task SET is_backdated = 1
   WHERE seq = NEW.seq AND (NEW.created_at > NEW.updated_at OR NEW.created_at < (
     SELECT newest_task_at FROM workspace_count WHERE workspace_id = NEW.workspace_id));
END;

-- A change that is rolled back must not leave a number behind that another change makes again.
CREATE TRIGGER caller_change_unique AFTER UPDATE OF number ON caller_change BEGIN
  UPDATE caller_change SET number = random() WHERE only_row = 1;
END;

-- The writer remembers who acts with a token, also by name.
DROP TRIGGER token_caller_update;
CREATE TRIGGER token_caller_update AFTER UPDATE OF digest, workspace_id, user_id, scopes, expires_at, name ON token BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER user_caller_insert AFTER INSERT ON user BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER user_caller_update AFTER UPDATE OF id, name ON user BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER user_caller_delete AFTER DELETE ON user BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
