-- Tasks are inserted in the order of their creation times, except for imports and after a clock was set back. Those that may not
-- be are backdated. So the search index, which is sorted by `seq`, finds the others in the order of a list.
ALTER TABLE task ADD COLUMN is_backdated INTEGER NOT NULL DEFAULT 0 CHECK (is_backdated = 0 OR is_backdated = 1);
UPDATE task SET is_backdated = 1 WHERE created_at > updated_at OR seq IN (
  SELECT seq FROM (
    SELECT seq, created_at, max(created_at) OVER (PARTITION BY workspace_id ORDER BY seq) AS latest FROM task)
   WHERE created_at < latest);
CREATE INDEX task_backdated ON task (workspace_id, is_archived, created_at, id) WHERE is_backdated = 1;

-- No other task that is not backdated has a later creation time than `updated_at`, whose index is there anyway.
CREATE TRIGGER task_backdated_insert AFTER INSERT ON task
WHEN NEW.created_at > NEW.updated_at OR NEW.created_at < max(
  ifnull((SELECT max(updated_at) FROM task WHERE workspace_id = NEW.workspace_id AND is_archived = 0), NEW.created_at),
  ifnull((SELECT max(updated_at) FROM task WHERE workspace_id = NEW.workspace_id AND is_archived = 1), NEW.created_at))
BEGIN
  UPDATE task SET is_backdated = 1 WHERE seq = NEW.seq;
END;
CREATE TRIGGER task_backdated_update AFTER UPDATE OF updated_at ON task WHEN NEW.updated_at < NEW.created_at BEGIN
  UPDATE task SET is_backdated = 1 WHERE seq = NEW.seq;
END;
