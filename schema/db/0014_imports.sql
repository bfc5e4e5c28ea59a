-- Imports: their reports, and which object of a file became which object here.

CREATE TABLE import (
  seq          INTEGER PRIMARY KEY,
  workspace_id BLOB NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  id           BLOB NOT NULL CHECK (length(id) = 16),
  format       TEXT NOT NULL CHECK (format <> ''),
  file_name    TEXT CHECK (file_name <> ''),
  -- JSON arrays, as the API returns them.
  board_ids    TEXT NOT NULL CHECK (json_type(board_ids) = 'array'),
  warnings     TEXT NOT NULL CHECK (json_type(warnings) = 'array'),
  -- How many objects the import has created, updated, left as they were, and left out.
  created      INTEGER NOT NULL CHECK (created >= 0),
  updated      INTEGER NOT NULL CHECK (updated >= 0),
  unchanged    INTEGER NOT NULL CHECK (unchanged >= 0),
  skipped      INTEGER NOT NULL CHECK (skipped >= 0),
  created_at   INTEGER NOT NULL,
  undone_at    INTEGER,
  -- JSON: what undoing it removed and kept.
  undo         TEXT CHECK (undo IS NULL OR (json_type(undo) = 'object' AND undone_at IS NOT NULL)),
  UNIQUE (workspace_id, id)
) STRICT;
CREATE INDEX import_order ON import (workspace_id, created_at, id);

CREATE TRIGGER import_stays BEFORE UPDATE OF workspace_id, id ON import
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'immutable:import');
END;
-- An import is undone once.
CREATE TRIGGER import_stays_undone BEFORE UPDATE OF undone_at ON import WHEN OLD.undone_at IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'undone:import');
END;

-- Objects are known by their ids at the source, so that the same file again creates nothing twice. No foreign key to the
-- object: a row whose object is gone means that it was deleted here.
CREATE TABLE import_object (
  seq          INTEGER PRIMARY KEY,
  workspace_id BLOB NOT NULL,
  -- The numbers of model/imports.rs.
  kind         INTEGER NOT NULL CHECK (kind >= 0),
  -- A digest of the format and the id at the source.
  source       BLOB NOT NULL CHECK (length(source) = 16),
  object_id    BLOB NOT NULL CHECK (length(object_id) = 16),
  -- The import that created the object.
  import_id    BLOB NOT NULL,
  -- The last import that updated it.
  updated_by   BLOB,
  -- A digest per field, as it was imported: so a change here and a change at the source are told apart.
  fields       BLOB NOT NULL CHECK (length(fields) % 8 = 0),
  -- The object's own updated_at after the import.
  updated_at   INTEGER NOT NULL,
  UNIQUE (workspace_id, kind, source),
  FOREIGN KEY (workspace_id, import_id) REFERENCES import (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX import_object_import ON import_object (workspace_id, import_id, seq);
CREATE INDEX import_object_update ON import_object (workspace_id, updated_by) WHERE updated_by IS NOT NULL;

CREATE TRIGGER import_object_stays BEFORE UPDATE OF workspace_id, kind, source ON import_object
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.kind IS NOT OLD.kind OR NEW.source IS NOT OLD.source BEGIN
  SELECT RAISE(ABORT, 'immutable:import_object');
END;

-- The name of the author of an imported comment, who is not a user here.
ALTER TABLE comment ADD COLUMN imported_author TEXT
  CHECK (imported_author IS NULL OR (imported_author <> '' AND author_id IS NULL));
