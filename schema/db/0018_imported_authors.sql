-- Comments that were imported are marked, also those of users here.

-- The name of the author of an imported comment, as the file gives it.
ALTER TABLE comment RENAME COLUMN imported_author TO imported_author_before;
ALTER TABLE comment ADD COLUMN imported_author TEXT CHECK (imported_author <> '');
UPDATE comment SET imported_author = imported_author_before WHERE imported_author_before IS NOT NULL;
ALTER TABLE comment DROP COLUMN imported_author_before;

-- Who is deleted leaves no name.
CREATE TRIGGER comment_author_deleted AFTER UPDATE OF author_id ON comment
WHEN OLD.author_id IS NOT NULL AND NEW.author_id IS NULL AND NEW.imported_author IS NOT NULL BEGIN
  UPDATE comment SET imported_author = NULL WHERE seq = NEW.seq;
END;
