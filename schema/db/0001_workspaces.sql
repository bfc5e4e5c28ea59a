-- Who may do what, and how much of it.
--
-- Conventions of every file here: STRICT tables, ids are UUIDv7 as 16-byte BLOBs, times are milliseconds since
-- 1970-01-01 UTC, and each table of a workspace's data carries workspace_id, so that a query can always name it and a
-- composite foreign key can prove that parent and child belong to the same workspace.

-- A NULL figure means "no limit". Operators change these rows; a change holds from the next request on.
CREATE TABLE plan (
  name               TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
  boards             INTEGER CHECK (boards >= 0),
  projects           INTEGER CHECK (projects >= 0),
  tasks              INTEGER CHECK (tasks >= 0),
  cards              INTEGER CHECK (cards >= 0),
  tokens             INTEGER CHECK (tokens >= 0),
  webhooks           INTEGER CHECK (webhooks >= 0),
  api_calls          INTEGER CHECK (api_calls >= 0),
  webhook_deliveries INTEGER CHECK (webhook_deliveries >= 0),
  card_sends         INTEGER CHECK (card_sends >= 0)
) STRICT, WITHOUT ROWID;

INSERT INTO plan
  (name,       boards, projects, tasks, cards, tokens, webhooks, api_calls, webhook_deliveries, card_sends) VALUES
  ('personal',      5,       25,   500,    10,      5,        0,      1000,                  0,         50),
  ('pro',          25,      100,  2500,   100,     25,        5,     12000,              12000,       2500),
  ('teams',       100,      500, 10000,  1000,    100,       20,     60000,              60000,      20000);

CREATE TABLE workspace (
  id              BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  name            TEXT NOT NULL CHECK (name <> ''),
  slug            TEXT NOT NULL UNIQUE CHECK (slug <> ''),
  plan            TEXT NOT NULL REFERENCES plan (name),
  -- Top-ups: API calls a month on top of the plan's figure.
  extra_api_calls INTEGER NOT NULL DEFAULT 0 CHECK (extra_api_calls >= 0),
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX workspace_plan ON workspace (plan);

-- How many rows of each kind a workspace has. Triggers keep it, so a limit check costs the same at ten and at ten
-- thousand rows.
CREATE TABLE workspace_count (
  workspace_id BLOB NOT NULL PRIMARY KEY REFERENCES workspace (id) ON DELETE CASCADE,
  boards       INTEGER NOT NULL DEFAULT 0 CHECK (boards >= 0),
  projects     INTEGER NOT NULL DEFAULT 0 CHECK (projects >= 0),
  tasks        INTEGER NOT NULL DEFAULT 0 CHECK (tasks >= 0),
  cards        INTEGER NOT NULL DEFAULT 0 CHECK (cards >= 0),
  tokens       INTEGER NOT NULL DEFAULT 0 CHECK (tokens >= 0),
  webhooks     INTEGER NOT NULL DEFAULT 0 CHECK (webhooks >= 0)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER workspace_counts_begin AFTER INSERT ON workspace BEGIN
  INSERT INTO workspace_count (workspace_id) VALUES (NEW.id);
END;

CREATE TABLE user (
  id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  -- Addresses compare trimmed and lower-cased, so only that form is stored.
  email      TEXT NOT NULL UNIQUE CHECK (email = lower(trim(email)) AND email LIKE '%_@_%'),
  name       TEXT NOT NULL CHECK (name <> ''),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE member (
  workspace_id BLOB NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  user_id      BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  role         TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
  created_at   INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_user ON member (user_id);

-- API tokens. Only the SHA-256 digest of the secret is kept: whoever reads this file cannot call with it.
-- Revoking deletes the row, so a revoked token and one that never existed are the same thing.
CREATE TABLE token (
  id           BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  workspace_id BLOB NOT NULL,
  user_id      BLOB NOT NULL,
  name         TEXT NOT NULL CHECK (name <> ''),
  prefix       TEXT NOT NULL CHECK (length(prefix) = 7),
  digest       BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  -- Bits: 1 read, 2 write, 4 delete, 8 admin.
  scopes       INTEGER NOT NULL CHECK (scopes BETWEEN 1 AND 15),
  expires_at   INTEGER NOT NULL,
  last_used_at INTEGER,
  created_at   INTEGER NOT NULL,
  -- Who leaves a workspace loses the tokens for it.
  FOREIGN KEY (workspace_id, user_id) REFERENCES member (workspace_id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX token_order ON token (workspace_id, created_at, id);
CREATE INDEX token_user ON token (workspace_id, user_id);

-- One key a user for the card integration API: making a new one replaces the row, which ends the old key.
CREATE TABLE integration_key (
  user_id           BLOB NOT NULL PRIMARY KEY,
  id                BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  -- The workspace whose monthly quota this key's calls count against.
  home_workspace_id BLOB NOT NULL,
  digest            BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  created_at        INTEGER NOT NULL,
  FOREIGN KEY (home_workspace_id, user_id) REFERENCES member (workspace_id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX integration_key_home ON integration_key (home_workspace_id, user_id);

-- Calls counted in a month (UTC), e.g. 202401. The server counts API calls in memory and writes ahead of itself here, in
-- blocks, so after a crash this may say up to a block too many, never too few.
CREATE TABLE quota_usage (
  workspace_id BLOB NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  metric       TEXT NOT NULL CHECK (metric IN ('api_calls', 'webhook_deliveries', 'card_sends')),
  month        INTEGER NOT NULL CHECK (month BETWEEN 197001 AND 999912 AND month % 100 BETWEEN 1 AND 12),
  used         INTEGER NOT NULL CHECK (used >= 0),
  PRIMARY KEY (workspace_id, metric, month)
) STRICT, WITHOUT ROWID;

-- Answers to POSTs that carried an Idempotency-Key, kept for 24 hours. Written in the transaction of the change itself,
-- so the change and the memory of it are there together or not at all.
CREATE TABLE idempotency (
  workspace_id   BLOB NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  credential_id  BLOB NOT NULL,
  -- Method, path and query: the same key on another operation is another key.
  operation      TEXT NOT NULL,
  key            TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  request_digest BLOB NOT NULL CHECK (length(request_digest) = 32),
  status         INTEGER NOT NULL CHECK (status BETWEEN 200 AND 299),
  body           BLOB NOT NULL,
  created_at     INTEGER NOT NULL,
  UNIQUE (workspace_id, credential_id, operation, key)
) STRICT;
CREATE INDEX idempotency_age ON idempotency (created_at);

-- A row never changes its workspace: every counter and every composite key relies on it.
CREATE TRIGGER token_stays BEFORE UPDATE OF workspace_id, id ON token
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'immutable:token');
END;

-- Plan limits are triggers, so that no race, no batch and no other program with the file open can pass them. A plan
-- without a figure makes the comparison NULL and the trigger silent.
CREATE TRIGGER token_limit BEFORE INSERT ON token
WHEN (SELECT c.tokens >= p.tokens FROM workspace w JOIN plan p ON p.name = w.plan
      JOIN workspace_count c ON c.workspace_id = w.id WHERE w.id = NEW.workspace_id) BEGIN
  SELECT RAISE(ABORT, 'limit:tokens');
END;
CREATE TRIGGER token_count_insert AFTER INSERT ON token BEGIN
  UPDATE workspace_count SET tokens = tokens + 1 WHERE workspace_id = NEW.workspace_id;
END;
CREATE TRIGGER token_count_delete AFTER DELETE ON token BEGIN
  UPDATE workspace_count SET tokens = tokens - 1 WHERE workspace_id = OLD.workspace_id;
END;
