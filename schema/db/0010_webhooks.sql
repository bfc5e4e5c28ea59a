-- Webhooks. The journal is their outbox: each webhook has a place in it, and only what is attempted gets a row.

CREATE TABLE webhook (
  seq             INTEGER PRIMARY KEY,
  workspace_id    BLOB NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  id              BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  name            TEXT NOT NULL CHECK (name <> ''),
  url             TEXT NOT NULL CHECK (url LIKE 'https://_%' OR url LIKE 'http://_%'),
  -- A JSON array of event types, noun.* and *.
  events          TEXT NOT NULL CHECK (json_type(events) = 'array' AND json_array_length(events) > 0),
  -- Only events of this board. No foreign key: the deletion of the board is an event of it as well.
  board_id        BLOB CHECK (length(board_id) = 16),
  payload         TEXT NOT NULL CHECK (payload = 'full' OR payload = 'thin'),
  is_active       INTEGER NOT NULL CHECK (is_active = 0 OR is_active = 1),
  -- Why and when the server switched it off; NULL if a client did.
  disabled_reason TEXT CHECK (disabled_reason <> ''),
  disabled_at     INTEGER CHECK (disabled_at IS NULL OR is_active = 0),
  -- The bytes that sign the deliveries. They are needed to sign, so there is no digest of them.
  key             BLOB NOT NULL CHECK (length(key) BETWEEN 16 AND 512),
  -- The key before the last rotation, and until when it signs as well.
  old_key         BLOB CHECK (length(old_key) BETWEEN 16 AND 512),
  old_key_until   INTEGER CHECK ((old_key_until IS NULL) = (old_key IS NULL)),
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  UNIQUE (workspace_id, id),
  CHECK ((disabled_reason IS NULL) = (disabled_at IS NULL))
) STRICT;
CREATE INDEX webhook_order ON webhook (workspace_id, created_at, id);

-- How far the deliveries of a webhook have come. Clients do not see it.
CREATE TABLE webhook_progress (
  workspace_id    BLOB NOT NULL,
  webhook_id      BLOB NOT NULL,
  -- The last sequence of the journal that was examined.
  cursor          INTEGER NOT NULL CHECK (cursor >= 0),
  -- The first failure since the last success.
  failing_since   INTEGER,
  -- A second range of the journal: events to deliver again, after recovery_cursor and up to recovery_until.
  recovery_cursor INTEGER CHECK (recovery_cursor >= 0),
  recovery_until  INTEGER,
  recovery_only   TEXT CHECK (recovery_only = 'failed' OR recovery_only = 'all'),
  PRIMARY KEY (workspace_id, webhook_id),
  CHECK ((recovery_cursor IS NULL) = (recovery_until IS NULL)),
  CHECK ((recovery_cursor IS NULL) = (recovery_only IS NULL)),
  FOREIGN KEY (workspace_id, webhook_id) REFERENCES webhook (workspace_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The deliveries that were attempted or skipped, each with all its attempts.
CREATE TABLE webhook_delivery (
  seq              INTEGER PRIMARY KEY,
  workspace_id     BLOB NOT NULL,
  id               BLOB NOT NULL CHECK (length(id) = 16),
  webhook_id       BLOB NOT NULL,
  -- The event. The body is made from the journal at each attempt; a test has no event there, and keeps its body here.
  event_id         BLOB NOT NULL CHECK (length(event_id) = 16),
  sequence         INTEGER CHECK (sequence >= 1),
  event            TEXT NOT NULL CHECK (event <> ''),
  body             TEXT CHECK ((body IS NULL) = (sequence IS NOT NULL)),
  cause            TEXT NOT NULL CHECK (cause = 'event' OR cause = 'recovery' OR cause = 'redelivery' OR cause = 'test'),
  status           TEXT NOT NULL CHECK (status = 'pending' OR status = 'delivered' OR status = 'failed' OR status = 'skipped'),
  attempts         INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  -- When it is attempted next.
  due_at           INTEGER CHECK ((due_at IS NOT NULL) = (status = 'pending')),
  -- The result of the last attempt.
  response_status  INTEGER CHECK (response_status BETWEEN 100 AND 999),
  duration_ms      INTEGER CHECK (duration_ms >= 0),
  error            TEXT,
  response_excerpt TEXT,
  created_at       INTEGER NOT NULL,
  delivered_at     INTEGER CHECK ((delivered_at IS NOT NULL) = (status = 'delivered')),
  UNIQUE (workspace_id, id),
  FOREIGN KEY (workspace_id, webhook_id) REFERENCES webhook (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX webhook_delivery_order ON webhook_delivery (workspace_id, webhook_id, created_at, id);
CREATE INDEX webhook_delivery_status ON webhook_delivery (workspace_id, webhook_id, status, created_at, id);
CREATE INDEX webhook_delivery_event ON webhook_delivery (workspace_id, webhook_id, event_id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_delivery_waits ON webhook_delivery (workspace_id, webhook_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_delivery_age ON webhook_delivery (created_at);

-- A row never changes its workspace: every counter and every composite key relies on it.
CREATE TRIGGER webhook_stays BEFORE UPDATE OF workspace_id, id ON webhook
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'immutable:webhook');
END;
CREATE TRIGGER webhook_delivery_stays BEFORE UPDATE OF workspace_id, id, webhook_id, event_id, sequence, event ON webhook_delivery
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id OR NEW.webhook_id IS NOT OLD.webhook_id
  OR NEW.event_id IS NOT OLD.event_id OR NEW.sequence IS NOT OLD.sequence OR NEW.event IS NOT OLD.event BEGIN
  SELECT RAISE(ABORT, 'immutable:webhook_delivery');
END;

-- A board is of the same workspace when it is chosen.
CREATE TRIGGER webhook_board_insert BEFORE INSERT ON webhook
WHEN NEW.board_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM board WHERE workspace_id = NEW.workspace_id AND id = NEW.board_id) BEGIN
  SELECT RAISE(ABORT, 'foreign:board');
END;
CREATE TRIGGER webhook_board_update BEFORE UPDATE OF board_id ON webhook
WHEN NEW.board_id IS NOT NULL AND NEW.board_id IS NOT OLD.board_id
  AND NOT EXISTS (SELECT 1 FROM board WHERE workspace_id = NEW.workspace_id AND id = NEW.board_id) BEGIN
  SELECT RAISE(ABORT, 'foreign:board');
END;

CREATE TRIGGER webhook_limit BEFORE INSERT ON webhook
WHEN (SELECT c.webhooks >= p.webhooks FROM workspace w JOIN plan p ON p.name = w.plan
      JOIN workspace_count c ON c.workspace_id = w.id WHERE w.id = NEW.workspace_id) BEGIN
  SELECT RAISE(ABORT, 'limit:webhooks');
END;
CREATE TRIGGER webhook_count_insert AFTER INSERT ON webhook BEGIN
  UPDATE workspace_count SET webhooks = webhooks + 1 WHERE workspace_id = NEW.workspace_id;
  INSERT INTO webhook_progress (workspace_id, webhook_id, cursor)
    SELECT workspace_id, NEW.id, latest FROM journal WHERE workspace_id = NEW.workspace_id;
END;
CREATE TRIGGER webhook_count_delete AFTER DELETE ON webhook BEGIN
  UPDATE workspace_count SET webhooks = webhooks - 1 WHERE workspace_id = OLD.workspace_id;
END;

-- What waits is given up when a webhook is switched off, whoever does it.
CREATE TRIGGER webhook_goes_off AFTER UPDATE OF is_active ON webhook
WHEN OLD.is_active = 1 AND NEW.is_active = 0 BEGIN
  UPDATE webhook_delivery SET status = 'failed', due_at = NULL, error = coalesce(error, 'The webhook was switched off')
   WHERE workspace_id = NEW.workspace_id AND webhook_id = NEW.id AND due_at IS NOT NULL;
  UPDATE webhook_progress SET failing_since = NULL, recovery_cursor = NULL, recovery_until = NULL, recovery_only = NULL
   WHERE workspace_id = NEW.workspace_id AND webhook_id = NEW.id;
END;
