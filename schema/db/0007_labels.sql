-- Labels, comments, and what a lane shows about itself.

-- Shown, never enforced.
ALTER TABLE lane ADD COLUMN wip_limit INTEGER CHECK (wip_limit >= 1);
ALTER TABLE lane ADD COLUMN color TEXT CHECK (color GLOB '#[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]');

CREATE TABLE label (
  seq          INTEGER PRIMARY KEY,
  workspace_id BLOB NOT NULL,
  id           BLOB NOT NULL CHECK (length(id) = 16),
  board_id     BLOB NOT NULL,
  name         TEXT NOT NULL CHECK (name <> ''),
  -- The name without case, computed by the program: SQLite folds ASCII only.
  folded_name  TEXT NOT NULL CHECK (folded_name <> ''),
  color        TEXT NOT NULL CHECK (color GLOB '#[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]'),
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  UNIQUE (workspace_id, id),
  UNIQUE (workspace_id, board_id, folded_name),
  FOREIGN KEY (workspace_id, board_id) REFERENCES board (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX label_order ON label (workspace_id, board_id, created_at, id);

-- A label stays on its board: its tasks would be left with a label of another board.
CREATE TRIGGER label_stays BEFORE UPDATE OF workspace_id, id, board_id ON label
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id OR NEW.board_id IS NOT OLD.board_id BEGIN
  SELECT RAISE(ABORT, 'immutable:label');
END;

-- The same on every plan: a label is for people to choose from a list.
CREATE TRIGGER label_limit BEFORE INSERT ON label
WHEN (SELECT 1 FROM label WHERE workspace_id = NEW.workspace_id AND board_id = NEW.board_id
       LIMIT 1 OFFSET 199) IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'limit:labels');
END;

CREATE TABLE task_label (
  workspace_id BLOB NOT NULL,
  task_id      BLOB NOT NULL,
  label_id     BLOB NOT NULL,
  PRIMARY KEY (workspace_id, task_id, label_id),
  FOREIGN KEY (workspace_id, task_id) REFERENCES task (workspace_id, id) ON DELETE CASCADE,
  FOREIGN KEY (workspace_id, label_id) REFERENCES label (workspace_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX task_label_label ON task_label (workspace_id, label_id);

-- A task has labels of its own board only.
CREATE TRIGGER task_label_board BEFORE INSERT ON task_label
WHEN NOT EXISTS (
  SELECT 1 FROM task t JOIN project p ON p.workspace_id = t.workspace_id AND p.id = t.project_id
    JOIN label l ON l.workspace_id = p.workspace_id AND l.board_id = p.board_id
   WHERE t.workspace_id = NEW.workspace_id AND t.id = NEW.task_id AND l.id = NEW.label_id) BEGIN
  SELECT RAISE(ABORT, 'label:board');
END;
CREATE TRIGGER task_label_stays BEFORE UPDATE ON task_label BEGIN
  SELECT RAISE(ABORT, 'immutable:task_label');
END;

-- On another board, a task keeps the labels that exist there under the same name, and loses the others.
CREATE TRIGGER task_moves_labels AFTER UPDATE OF project_id ON task WHEN NEW.project_id <> OLD.project_id BEGIN
  INSERT OR IGNORE INTO task_label (workspace_id, task_id, label_id)
  SELECT t.workspace_id, t.task_id, there.id
    FROM task_label t
    JOIN label here ON here.workspace_id = t.workspace_id AND here.id = t.label_id
    JOIN project p ON p.workspace_id = t.workspace_id AND p.id = NEW.project_id
    JOIN label there ON there.workspace_id = t.workspace_id AND there.board_id = p.board_id
                    AND there.folded_name = here.folded_name
   WHERE t.workspace_id = NEW.workspace_id AND t.task_id = NEW.id;
  DELETE FROM task_label WHERE workspace_id = NEW.workspace_id AND task_id = NEW.id AND NOT EXISTS (
    SELECT 1 FROM label l JOIN project p ON p.workspace_id = l.workspace_id AND p.board_id = l.board_id
     WHERE l.workspace_id = task_label.workspace_id AND l.id = task_label.label_id AND p.id = NEW.project_id);
END;
-- CROSS JOIN keeps the order of the loops: from the project's tasks to their labels.
CREATE TRIGGER project_moves_labels AFTER UPDATE OF board_id ON project WHEN NEW.board_id <> OLD.board_id BEGIN
  INSERT OR IGNORE INTO task_label (workspace_id, task_id, label_id)
  SELECT t.workspace_id, t.id, there.id
    FROM task t
   CROSS JOIN task_label tl ON tl.workspace_id = t.workspace_id AND tl.task_id = t.id
   CROSS JOIN label here ON here.workspace_id = tl.workspace_id AND here.id = tl.label_id
   CROSS JOIN label there ON there.workspace_id = tl.workspace_id AND there.board_id = NEW.board_id
                    AND there.folded_name = here.folded_name
   WHERE t.workspace_id = NEW.workspace_id AND t.project_id = NEW.id;
  DELETE FROM task_label
   WHERE workspace_id = NEW.workspace_id
     AND task_id IN (SELECT id FROM task WHERE workspace_id = NEW.workspace_id AND project_id = NEW.id)
     AND NOT EXISTS (SELECT 1 FROM label l WHERE l.workspace_id = task_label.workspace_id
                        AND l.id = task_label.label_id AND l.board_id = NEW.board_id);
END;

CREATE TABLE comment (
  seq          INTEGER PRIMARY KEY,
  workspace_id BLOB NOT NULL,
  id           BLOB NOT NULL CHECK (length(id) = 16),
  task_id      BLOB NOT NULL,
  -- Not a member: who has left the workspace is still the author.
  author_id    BLOB REFERENCES user (id) ON DELETE SET NULL,
  text         TEXT NOT NULL CHECK (text <> ''),
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  edited_at    INTEGER,
  UNIQUE (workspace_id, id),
  FOREIGN KEY (workspace_id, task_id) REFERENCES task (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX comment_order ON comment (workspace_id, task_id, created_at, id);
CREATE INDEX comment_author ON comment (author_id) WHERE author_id IS NOT NULL;

CREATE TRIGGER comment_stays BEFORE UPDATE OF workspace_id, id, task_id ON comment
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id OR NEW.task_id IS NOT OLD.task_id BEGIN
  SELECT RAISE(ABORT, 'immutable:comment');
END;

ALTER TABLE task ADD COLUMN comments_total INTEGER NOT NULL DEFAULT 0 CHECK (comments_total >= 0);

CREATE TRIGGER comment_limit BEFORE INSERT ON comment
WHEN (SELECT comments_total >= 5000 FROM task WHERE workspace_id = NEW.workspace_id AND id = NEW.task_id) BEGIN
  SELECT RAISE(ABORT, 'limit:comments');
END;
CREATE TRIGGER comment_count_insert AFTER INSERT ON comment BEGIN
  UPDATE task SET comments_total = comments_total + 1 WHERE workspace_id = NEW.workspace_id AND id = NEW.task_id;
END;
CREATE TRIGGER comment_count_delete AFTER DELETE ON comment BEGIN
  UPDATE task SET comments_total = comments_total - 1 WHERE workspace_id = OLD.workspace_id AND id = OLD.task_id;
END;
