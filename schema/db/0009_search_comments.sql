-- Full text also over comments and labels. Both find their tasks.
--
-- rowid = seq * 8 + kind (0 task, 1 project, 2 board, 3 comment, 4 label): the two bits of 0003 have no room for more kinds.
-- So the index is built again.
DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5 (
  owner, title, body, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2"
);
DELETE FROM search_queue;

DROP TRIGGER task_search_insert;
DROP TRIGGER task_search_update;
DROP TRIGGER task_search_delete;
DROP TRIGGER project_search_insert;
DROP TRIGGER project_search_update;
DROP TRIGGER project_search_delete;
DROP TRIGGER board_search_insert;
DROP TRIGGER board_search_update;
DROP TRIGGER board_search_delete;

CREATE TRIGGER task_search_insert AFTER INSERT ON task BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 8);
END;
CREATE TRIGGER task_search_update AFTER UPDATE OF label, description ON task
WHEN NEW.label IS NOT OLD.label OR NEW.description IS NOT OLD.description BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 8);
END;
CREATE TRIGGER task_search_delete AFTER DELETE ON task BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (OLD.seq * 8);
END;

CREATE TRIGGER project_search_insert AFTER INSERT ON project BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 8 + 1);
END;
CREATE TRIGGER project_search_update AFTER UPDATE OF name, description ON project
WHEN NEW.name IS NOT OLD.name OR NEW.description IS NOT OLD.description BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 8 + 1);
END;
CREATE TRIGGER project_search_delete AFTER DELETE ON project BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (OLD.seq * 8 + 1);
END;

CREATE TRIGGER board_search_insert AFTER INSERT ON board BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 8 + 2);
END;
CREATE TRIGGER board_search_update AFTER UPDATE OF name, description ON board
WHEN NEW.name IS NOT OLD.name OR NEW.description IS NOT OLD.description BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 8 + 2);
END;
CREATE TRIGGER board_search_delete AFTER DELETE ON board BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (OLD.seq * 8 + 2);
END;

CREATE TRIGGER comment_search_insert AFTER INSERT ON comment BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 8 + 3);
END;
CREATE TRIGGER comment_search_update AFTER UPDATE OF text ON comment WHEN NEW.text IS NOT OLD.text BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 8 + 3);
END;
CREATE TRIGGER comment_search_delete AFTER DELETE ON comment BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (OLD.seq * 8 + 3);
END;

CREATE TRIGGER label_search_insert AFTER INSERT ON label BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 8 + 4);
END;
CREATE TRIGGER label_search_update AFTER UPDATE OF name ON label WHEN NEW.name IS NOT OLD.name BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (NEW.seq * 8 + 4);
END;
CREATE TRIGGER label_search_delete AFTER DELETE ON label BEGIN
  INSERT OR IGNORE INTO search_queue (doc) VALUES (OLD.seq * 8 + 4);
END;

INSERT INTO search_queue (doc)
SELECT seq * 8 FROM task UNION ALL SELECT seq * 8 + 1 FROM project UNION ALL SELECT seq * 8 + 2 FROM board
UNION ALL SELECT seq * 8 + 3 FROM comment UNION ALL SELECT seq * 8 + 4 FROM label;
