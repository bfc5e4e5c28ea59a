-- The outbox also carries notices: mails of the server itself to people, such as that a webhook was switched off.

-- A mail is for a recipient or is a notice, so the column of recipients must allow NULL. SQLite cannot change that in
-- place. The trigger that writes to the table is made again, because it must not exist while the table does not.
DROP TRIGGER recipient_ends_mail;

CREATE TABLE new_mail (
  seq            INTEGER PRIMARY KEY,
  workspace_id   BLOB NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  -- The recipient of a card. The text is made from the edition when the mail goes out.
  recipient_id   BLOB,
  -- A notice has its text here.
  notice_id      BLOB CHECK (length(notice_id) = 16),
  notice_to      TEXT CHECK (notice_to <> ''),
  notice_name    TEXT,
  notice_subject TEXT CHECK (notice_subject <> ''),
  notice_text    TEXT,
  -- The sender's address at the time of sending; NULL is the server's default.
  from_address   TEXT,
  from_name      TEXT,
  request_id     TEXT,
  attempts       INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  -- When it is tried next; NULL once it is sent or given up.
  due_at         INTEGER,
  done_at        INTEGER CHECK ((done_at IS NULL) <> (due_at IS NULL)),
  created_at     INTEGER NOT NULL,
  UNIQUE (workspace_id, recipient_id),
  UNIQUE (workspace_id, notice_id),
  CHECK ((recipient_id IS NULL) <> (notice_id IS NULL)),
  CHECK ((notice_id IS NULL) = (notice_to IS NULL) AND (notice_id IS NULL) = (notice_name IS NULL)
     AND (notice_id IS NULL) = (notice_subject IS NULL) AND (notice_id IS NULL) = (notice_text IS NULL)),
  FOREIGN KEY (workspace_id, recipient_id) REFERENCES recipient (workspace_id, id) ON DELETE CASCADE
) STRICT;

INSERT INTO new_mail (seq, workspace_id, recipient_id, from_address, from_name, request_id, attempts, due_at, done_at, created_at)
  SELECT seq, workspace_id, recipient_id, from_address, from_name, request_id, attempts, due_at, done_at, created_at FROM mail;
DROP TABLE mail;
ALTER TABLE new_mail RENAME TO mail;

CREATE INDEX mail_due ON mail (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mail_done ON mail (done_at) WHERE done_at IS NOT NULL;
-- Workspaces take turns when their mails are sent.
CREATE INDEX mail_turn ON mail (workspace_id, due_at) WHERE due_at IS NOT NULL;

-- A mail's row is open as long as its recipient is queued.
CREATE TRIGGER recipient_ends_mail AFTER UPDATE OF status ON recipient
WHEN OLD.status = 'queued' AND NEW.status <> 'queued' BEGIN
  UPDATE mail SET due_at = NULL, done_at = CAST(unixepoch('subsec') * 1000 AS INTEGER)
   WHERE workspace_id = NEW.workspace_id AND recipient_id = NEW.id AND done_at IS NULL;
END;
