-- Full text over boards, projects and tasks.
--
-- `owner` holds the workspace id in hex, as one word, so that a search meets only its own workspace's entries instead of
-- filtering everybody's. rowid = seq * 4 + kind (0 task, 1 project, 2 board).
-- The index keeps no text of its own: what a hit shows is read from its row.
CREATE VIRTUAL TABLE search USING fts5 (
  owner, title, body, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2"
);

-- Entries that no longer say what their row says. FTS5 writes a segment at every savepoint, which would double what a
-- small change costs; so triggers only note what has changed, and the program brings the index up to date once a
-- transaction, just before COMMIT. What another program changes waits here for the next transaction of ours.
CREATE TABLE search_queue (doc INTEGER PRIMARY KEY) STRICT;

CREATE TRIGGER task_search_insert AFTER INSERT ON task BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 4);
END;
CREATE TRIGGER task_search_update AFTER UPDATE OF label, description ON task
WHEN NEW.label IS NOT OLD.label OR NEW.description IS NOT OLD.description BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 4);
END;
CREATE TRIGGER task_search_delete AFTER DELETE ON task BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (OLD.seq * 4);
END;

CREATE TRIGGER project_search_insert AFTER INSERT ON project BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 4 + 1);
END;
CREATE TRIGGER project_search_update AFTER UPDATE OF name, description ON project
WHEN NEW.name IS NOT OLD.name OR NEW.description IS NOT OLD.description BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 4 + 1);
END;
CREATE TRIGGER project_search_delete AFTER DELETE ON project BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (OLD.seq * 4 + 1);
END;

CREATE TRIGGER board_search_insert AFTER INSERT ON board BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 4 + 2);
END;
CREATE TRIGGER board_search_update AFTER UPDATE OF name, description ON board
WHEN NEW.name IS NOT OLD.name OR NEW.description IS NOT OLD.description BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 4 + 2);
END;
CREATE TRIGGER board_search_delete AFTER DELETE ON board BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (OLD.seq * 4 + 2);
END;

-- What was there before the index.
INSERT INTO search_queue (doc)
SELECT seq * 4 FROM task UNION ALL SELECT seq * 4 + 1 FROM project UNION ALL SELECT seq * 4 + 2 FROM board;
