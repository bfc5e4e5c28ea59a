-- Full text over boards, projects and tasks.
--
-- `owner` holds the workspace id in hex, as one word, so that a search meets only its own workspace's entries instead of
-- filtering everybody's. rowid = seq * 4 + kind (0 task, 1 project, 2 board).
CREATE VIRTUAL TABLE search USING fts5 (owner, title, body, tokenize = "unicode61 remove_diacritics 2");

CREATE TRIGGER task_search_insert AFTER INSERT ON task BEGIN
  INSERT INTO search (rowid, owner, title, body)
  VALUES (NEW.seq * 4, lower(hex(NEW.workspace_id)), NEW.label, NEW.description);
END;
CREATE TRIGGER task_search_update AFTER UPDATE OF label, description ON task
WHEN NEW.label IS NOT OLD.label OR NEW.description IS NOT OLD.description BEGIN
  UPDATE search SET title = NEW.label, body = NEW.description WHERE rowid = NEW.seq * 4;
END;
CREATE TRIGGER task_search_delete AFTER DELETE ON task BEGIN
  DELETE FROM search WHERE rowid = OLD.seq * 4;
END;

CREATE TRIGGER project_search_insert AFTER INSERT ON project BEGIN
  INSERT INTO search (rowid, owner, title, body)
  VALUES (NEW.seq * 4 + 1, lower(hex(NEW.workspace_id)), NEW.name, NEW.description);
END;
CREATE TRIGGER project_search_update AFTER UPDATE OF name, description ON project
WHEN NEW.name IS NOT OLD.name OR NEW.description IS NOT OLD.description BEGIN
  UPDATE search SET title = NEW.name, body = NEW.description WHERE rowid = NEW.seq * 4 + 1;
END;
CREATE TRIGGER project_search_delete AFTER DELETE ON project BEGIN
  DELETE FROM search WHERE rowid = OLD.seq * 4 + 1;
END;

CREATE TRIGGER board_search_insert AFTER INSERT ON board BEGIN
  INSERT INTO search (rowid, owner, title, body)
  VALUES (NEW.seq * 4 + 2, lower(hex(NEW.workspace_id)), NEW.name, NEW.description);
END;
CREATE TRIGGER board_search_update AFTER UPDATE OF name, description ON board
WHEN NEW.name IS NOT OLD.name OR NEW.description IS NOT OLD.description BEGIN
  UPDATE search SET title = NEW.name, body = NEW.description WHERE rowid = NEW.seq * 4 + 2;
END;
CREATE TRIGGER board_search_delete AFTER DELETE ON board BEGIN
  DELETE FROM search WHERE rowid = OLD.seq * 4 + 2;
END;

-- What was there before the index.
INSERT INTO search (rowid, owner, title, body)
SELECT seq * 4, lower(hex(workspace_id)), label, description FROM task;
INSERT INTO search (rowid, owner, title, body)
SELECT seq * 4 + 1, lower(hex(workspace_id)), name, description FROM project;
INSERT INTO search (rowid, owner, title, body)
SELECT seq * 4 + 2, lower(hex(workspace_id)), name, description FROM board;
