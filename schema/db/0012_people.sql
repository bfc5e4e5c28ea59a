-- People: passwords, sessions, one-use sign-in links, invitations.

-- This file's own id. Cookies are shared by all ports of a host, so the name of the session cookie contains a part of it.
CREATE TABLE installation (
  only               INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
  id                 BLOB NOT NULL CHECK (length(id) = 16),
  -- The origin of links that the server used last, for commands that print a link.
  origin             TEXT,
  -- When a request last had a forwarding header although no proxy was trusted.
  forwarded_seen_at  INTEGER
) STRICT;
INSERT INTO installation (only, id) VALUES (1, randomblob(16));

-- A table of its own, so that no query for a user reads a hash by accident.
CREATE TABLE password (
  user_id    BLOB NOT NULL PRIMARY KEY REFERENCES user (id) ON DELETE CASCADE,
  -- A PHC string: algorithm, parameters, salt and hash.
  hash       TEXT NOT NULL CHECK (hash LIKE '$argon2id$%'),
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Only digests of cookies and codes are kept: whoever reads this file cannot sign in with them.
CREATE TABLE session (
  id           BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  user_id      BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  digest       BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  -- The browser's name for itself, so that people recognize their sessions.
  user_agent   TEXT CHECK (length(user_agent) BETWEEN 1 AND 200),
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL CHECK (last_used_at >= created_at)
) STRICT;
CREATE INDEX session_user ON session (user_id, created_at, id);
CREATE INDEX session_use ON session (last_used_at);
CREATE INDEX session_age ON session (created_at);

CREATE TABLE sign_in_link (
  digest     BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
  user_id    BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_link_user ON sign_in_link (user_id);
CREATE INDEX sign_in_link_age ON sign_in_link (expires_at);

CREATE TABLE invitation (
  id           BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  workspace_id BLOB NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  -- Addresses compare trimmed and lower-cased, so only that form is stored.
  email        TEXT NOT NULL CHECK (email = lower(trim(email)) AND email LIKE '%_@_%'),
  role         TEXT NOT NULL CHECK (role = 'owner' OR role = 'admin' OR role = 'member' OR role = 'viewer'),
  digest       BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  -- NULL: invited by a command. An invitation never outlives the membership of the person who made it.
  invited_by   BLOB,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  UNIQUE (workspace_id, email),
  FOREIGN KEY (workspace_id, invited_by) REFERENCES member (workspace_id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX invitation_order ON invitation (workspace_id, created_at, id);
CREATE INDEX invitation_person ON invitation (email);
CREATE INDEX invitation_inviter ON invitation (workspace_id, invited_by);
CREATE INDEX invitation_age ON invitation (expires_at);

-- The person, the place and the role of an invitation are what its link promises.
CREATE TRIGGER invitation_stays BEFORE UPDATE ON invitation
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id OR NEW.email IS NOT OLD.email
  OR NEW.role IS NOT OLD.role BEGIN
  SELECT RAISE(ABORT, 'immutable:invitation');
END;

CREATE TRIGGER member_stays BEFORE UPDATE OF workspace_id, user_id ON member
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.user_id IS NOT OLD.user_id BEGIN
  SELECT RAISE(ABORT, 'immutable:member');
END;

-- A workspace always has an owner, unless the workspace itself is deleted.
CREATE TRIGGER member_last_owner_demoted BEFORE UPDATE OF role ON member
WHEN OLD.role = 'owner' AND NEW.role <> 'owner'
  AND NOT EXISTS (SELECT 1 FROM member WHERE workspace_id = OLD.workspace_id AND role = 'owner' AND user_id <> OLD.user_id)
BEGIN
  SELECT RAISE(ABORT, 'last_owner:member');
END;
CREATE TRIGGER member_last_owner_removed BEFORE DELETE ON member
WHEN OLD.role = 'owner' AND EXISTS (SELECT 1 FROM workspace WHERE id = OLD.workspace_id)
  AND NOT EXISTS (SELECT 1 FROM member WHERE workspace_id = OLD.workspace_id AND role = 'owner' AND user_id <> OLD.user_id)
BEGIN
  SELECT RAISE(ABORT, 'last_owner:member');
END;

-- A person who is removed from the last workspace is signed out everywhere.
CREATE TRIGGER member_sessions_end AFTER DELETE ON member
WHEN NOT EXISTS (SELECT 1 FROM member WHERE user_id = OLD.user_id) BEGIN
  DELETE FROM session WHERE user_id = OLD.user_id;
  DELETE FROM sign_in_link WHERE user_id = OLD.user_id;
END;

-- Signing in again and again keeps at most 100 sessions per person: the oldest end.
CREATE TRIGGER session_limit AFTER INSERT ON session BEGIN
  DELETE FROM session WHERE id IN (
    SELECT id FROM session WHERE user_id = NEW.user_id ORDER BY created_at DESC, id DESC LIMIT -1 OFFSET 100);
END;

ALTER TABLE plan ADD COLUMN members INTEGER CHECK (members >= 0);
UPDATE plan SET members = 1 WHERE name = 'personal' OR name = 'pro';

ALTER TABLE workspace_count ADD COLUMN members INTEGER NOT NULL DEFAULT 0 CHECK (members >= 0);
UPDATE workspace_count SET members = (SELECT count(*) FROM member WHERE workspace_id = workspace_count.workspace_id);

CREATE TRIGGER member_limit BEFORE INSERT ON member
WHEN (SELECT c.members >= p.members FROM workspace w JOIN plan p ON p.name = w.plan
      JOIN workspace_count c ON c.workspace_id = w.id WHERE w.id = NEW.workspace_id)
  AND NOT EXISTS (SELECT 1 FROM member WHERE workspace_id = NEW.workspace_id AND user_id = NEW.user_id) BEGIN
  SELECT RAISE(ABORT, 'limit:members');
END;
CREATE TRIGGER member_count_insert AFTER INSERT ON member BEGIN
  UPDATE workspace_count SET members = members + 1 WHERE workspace_id = NEW.workspace_id;
END;
CREATE TRIGGER member_count_delete AFTER DELETE ON member BEGIN
  UPDATE workspace_count SET members = members - 1 WHERE workspace_id = OLD.workspace_id;
END;

-- Nobody can accept an invitation to a full workspace, so none is made.
CREATE TRIGGER invitation_member_limit BEFORE INSERT ON invitation
WHEN (SELECT c.members >= p.members FROM workspace w JOIN plan p ON p.name = w.plan
      JOIN workspace_count c ON c.workspace_id = w.id WHERE w.id = NEW.workspace_id) BEGIN
  SELECT RAISE(ABORT, 'limit:members');
END;
-- The same on every plan: each invitation can send a mail.
CREATE TRIGGER invitation_limit BEFORE INSERT ON invitation
WHEN (SELECT 1 FROM invitation WHERE workspace_id = NEW.workspace_id LIMIT 1 OFFSET 199) IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'limit:invitations');
END;
