-- Digital cards, the people they are sent to, and the mail that carries them.

-- Uploaded cover images. A row never changes, so that its URL can be kept by a browser for ever.
CREATE TABLE cover (
  seq          INTEGER PRIMARY KEY,
  workspace_id BLOB NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  id           BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  media_type   TEXT NOT NULL CHECK (media_type IN ('image/png', 'image/jpeg', 'image/webp')),
  bytes        BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 2097152),
  created_at   INTEGER NOT NULL,
  UNIQUE (workspace_id, id)
) STRICT;

CREATE TABLE card (
  seq          INTEGER PRIMARY KEY,
  workspace_id BLOB NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  id           BLOB NOT NULL CHECK (length(id) = 16),
  -- Goes up with every change of what a recipient sees; each revision that was sent is kept as an edition.
  revision     INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1),
  title        TEXT NOT NULL CHECK (title <> ''),
  message      TEXT NOT NULL,
  -- A cover is a picture elsewhere, one of ours, or none.
  cover_url    TEXT CHECK (cover_url LIKE 'https://_%'),
  cover_id     BLOB CHECK (cover_id IS NULL OR cover_url IS NULL),
  accent_color TEXT NOT NULL CHECK (accent_color GLOB '#[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]'),
  -- NULL: the title.
  subject      TEXT CHECK (subject <> ''),
  -- NULL: the name that the sender's address has.
  sender_name  TEXT CHECK (sender_name <> ''),
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  UNIQUE (workspace_id, id),
  FOREIGN KEY (workspace_id, cover_id) REFERENCES cover (workspace_id, id)
) STRICT;
CREATE INDEX card_order ON card (workspace_id, created_at, id);
CREATE INDEX card_cover ON card (workspace_id, cover_id) WHERE cover_id IS NOT NULL;

-- What a card was when it was sent: what somebody has received does not change afterwards, and a mail that is tried again
-- says the same as the first time. Made by the first sending of a revision.
CREATE TABLE edition (
  seq          INTEGER PRIMARY KEY,
  workspace_id BLOB NOT NULL,
  card_id      BLOB NOT NULL,
  revision     INTEGER NOT NULL,
  title        TEXT NOT NULL,
  message      TEXT NOT NULL,
  cover_url    TEXT,
  cover_id     BLOB,
  accent_color TEXT NOT NULL,
  subject      TEXT,
  sender_name  TEXT,
  UNIQUE (workspace_id, card_id, revision),
  FOREIGN KEY (workspace_id, card_id) REFERENCES card (workspace_id, id) ON DELETE CASCADE,
  FOREIGN KEY (workspace_id, cover_id) REFERENCES cover (workspace_id, id)
) STRICT;
CREATE INDEX edition_cover ON edition (workspace_id, cover_id) WHERE cover_id IS NOT NULL;

-- Somebody a card was made out to, under an id that nobody can guess: it is all that the public pages ask for.
CREATE TABLE recipient (
  seq             INTEGER PRIMARY KEY,
  workspace_id    BLOB NOT NULL,
  id              BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  card_id         BLOB NOT NULL,
  revision        INTEGER NOT NULL,
  -- Addresses compare trimmed and lower-cased, so only that form is stored.
  email           TEXT NOT NULL CHECK (email = lower(trim(email)) AND email LIKE '%_@_%'),
  -- SHA-256 of the address: what a suppression holds, which outlives the address itself.
  email_digest    BLOB NOT NULL CHECK (length(email_digest) = 32),
  name            TEXT NOT NULL,
  -- The values of the card's merge tags: a JSON object of texts.
  merge_tags      TEXT NOT NULL CHECK (json_type(merge_tags) = 'object'),
  -- link: only the card's URL was handed out, nothing is mailed.
  status          TEXT NOT NULL CHECK (status IN ('link', 'queued', 'sent', 'failed')),
  -- What the mail server said last, where it refused or put off.
  reply           TEXT,
  sent_at         INTEGER,
  opens           INTEGER NOT NULL DEFAULT 0 CHECK (opens >= 0),
  opened_at       INTEGER,
  views           INTEGER NOT NULL DEFAULT 0 CHECK (views >= 0),
  viewed_at       INTEGER,
  unsubscribed_at INTEGER,
  created_at      INTEGER NOT NULL,
  UNIQUE (workspace_id, id),
  FOREIGN KEY (workspace_id, card_id, revision) REFERENCES edition (workspace_id, card_id, revision) ON DELETE CASCADE
) STRICT;
CREATE INDEX recipient_order ON recipient (workspace_id, card_id, created_at, id);
CREATE INDEX recipient_edition ON recipient (workspace_id, card_id, revision);
CREATE INDEX recipient_email ON recipient (workspace_id, email_digest);
CREATE INDEX recipient_age ON recipient (created_at);

-- The outbox: a row for each mail, written with its recipient. Its text is made from the edition when it goes out.
CREATE TABLE mail (
  seq          INTEGER PRIMARY KEY,
  workspace_id BLOB NOT NULL,
  recipient_id BLOB NOT NULL,
  -- The sender's address at the time of sending; NULL is the server's default.
  from_address TEXT,
  from_name    TEXT,
  attempts     INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  -- When it is to be tried next; NULL once it is sent or given up.
  due_at       INTEGER,
  done_at      INTEGER CHECK ((done_at IS NULL) <> (due_at IS NULL)),
  created_at   INTEGER NOT NULL,
  UNIQUE (workspace_id, recipient_id),
  FOREIGN KEY (workspace_id, recipient_id) REFERENCES recipient (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX mail_due ON mail (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mail_done ON mail (done_at) WHERE done_at IS NOT NULL;

-- Recipients that are gone: an old link can say so instead of "unknown", and can still unsubscribe. Of the person there is
-- the address's digest alone, as in a suppression.
CREATE TABLE gone_recipient (
  id           BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  workspace_id BLOB NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  email_digest BLOB NOT NULL CHECK (length(email_digest) = 32),
  gone_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX gone_recipient_age ON gone_recipient (gone_at);
CREATE INDEX gone_recipient_workspace ON gone_recipient (workspace_id);

-- Addresses that want no more cards from a workspace. Only the digest is kept, so that erasing a person can leave it.
CREATE TABLE suppression (
  workspace_id BLOB NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  email_digest BLOB NOT NULL CHECK (length(email_digest) = 32),
  created_at   INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, email_digest)
) STRICT, WITHOUT ROWID;

-- Addresses that a workspace's cards can come from.
CREATE TABLE email_account (
  seq          INTEGER PRIMARY KEY,
  workspace_id BLOB NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  id           BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  address      TEXT NOT NULL CHECK (address = lower(trim(address)) AND address LIKE '%_@_%'),
  name         TEXT CHECK (name <> ''),
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  UNIQUE (workspace_id, address)
) STRICT;
CREATE INDEX email_account_order ON email_account (workspace_id, created_at, id);

-- Lets an automation send a card: one a card, decided by the constraint.
CREATE TABLE integration_config (
  seq          INTEGER PRIMARY KEY,
  workspace_id BLOB NOT NULL,
  id           BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  card_id      BLOB NOT NULL,
  user_id      BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  UNIQUE (workspace_id, card_id),
  FOREIGN KEY (workspace_id, card_id) REFERENCES card (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX integration_config_user ON integration_config (user_id);

-- What a card's recipients did, kept by triggers.
CREATE TABLE card_count (
  workspace_id    BLOB NOT NULL,
  card_id         BLOB NOT NULL,
  recipients      INTEGER NOT NULL DEFAULT 0 CHECK (recipients >= 0),
  queued          INTEGER NOT NULL DEFAULT 0 CHECK (queued >= 0),
  sent            INTEGER NOT NULL DEFAULT 0 CHECK (sent >= 0),
  failed          INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
  -- Recipients who opened at least once, and how often all of them did.
  opened          INTEGER NOT NULL DEFAULT 0 CHECK (opened >= 0),
  opens           INTEGER NOT NULL DEFAULT 0 CHECK (opens >= 0),
  viewed          INTEGER NOT NULL DEFAULT 0 CHECK (viewed >= 0),
  views           INTEGER NOT NULL DEFAULT 0 CHECK (views >= 0),
  unsubscribed    INTEGER NOT NULL DEFAULT 0 CHECK (unsubscribed >= 0),
  -- The first of all; they stay when the recipient goes.
  first_opened_at INTEGER,
  first_viewed_at INTEGER,
  PRIMARY KEY (workspace_id, card_id),
  FOREIGN KEY (workspace_id, card_id) REFERENCES card (workspace_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TRIGGER card_stays BEFORE UPDATE OF workspace_id, id ON card
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'immutable:card');
END;
CREATE TRIGGER recipient_stays BEFORE UPDATE OF workspace_id, id, card_id, revision ON recipient
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id
  OR NEW.card_id IS NOT OLD.card_id OR NEW.revision IS NOT OLD.revision BEGIN
  SELECT RAISE(ABORT, 'immutable:recipient');
END;
CREATE TRIGGER gone_recipient_stays BEFORE UPDATE OF workspace_id, id, email_digest ON gone_recipient
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id OR NEW.email_digest IS NOT OLD.email_digest BEGIN
  SELECT RAISE(ABORT, 'immutable:gone_recipient');
END;
CREATE TRIGGER email_account_stays BEFORE UPDATE OF workspace_id, id ON email_account
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'immutable:email_account');
END;
CREATE TRIGGER integration_config_stays BEFORE UPDATE OF workspace_id, id, card_id ON integration_config
WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.id IS NOT OLD.id OR NEW.card_id IS NOT OLD.card_id BEGIN
  SELECT RAISE(ABORT, 'immutable:integration_config');
END;
CREATE TRIGGER edition_stays BEFORE UPDATE ON edition BEGIN
  SELECT RAISE(ABORT, 'immutable:edition');
END;
CREATE TRIGGER cover_stays BEFORE UPDATE ON cover BEGIN
  SELECT RAISE(ABORT, 'immutable:cover');
END;

CREATE TRIGGER card_limit BEFORE INSERT ON card
WHEN (SELECT c.cards >= p.cards FROM workspace w JOIN plan p ON p.name = w.plan
      JOIN workspace_count c ON c.workspace_id = w.id WHERE w.id = NEW.workspace_id) BEGIN
  SELECT RAISE(ABORT, 'limit:cards');
END;
CREATE TRIGGER card_count_insert AFTER INSERT ON card BEGIN
  UPDATE workspace_count SET cards = cards + 1 WHERE workspace_id = NEW.workspace_id;
  INSERT INTO card_count (workspace_id, card_id) VALUES (NEW.workspace_id, NEW.id);
END;
CREATE TRIGGER card_count_delete AFTER DELETE ON card BEGIN
  UPDATE workspace_count SET cards = cards - 1 WHERE workspace_id = OLD.workspace_id;
END;

-- A cover goes when no card and no edition shows it any more.
CREATE TRIGGER card_drops_cover AFTER UPDATE OF cover_id ON card
WHEN OLD.cover_id IS NOT NULL AND NEW.cover_id IS NOT OLD.cover_id BEGIN
  DELETE FROM cover WHERE workspace_id = OLD.workspace_id AND id = OLD.cover_id
    AND NOT EXISTS (SELECT 1 FROM card WHERE workspace_id = OLD.workspace_id AND cover_id = OLD.cover_id)
    AND NOT EXISTS (SELECT 1 FROM edition WHERE workspace_id = OLD.workspace_id AND cover_id = OLD.cover_id);
END;
CREATE TRIGGER card_leaves_cover AFTER DELETE ON card WHEN OLD.cover_id IS NOT NULL BEGIN
  DELETE FROM cover WHERE workspace_id = OLD.workspace_id AND id = OLD.cover_id
    AND NOT EXISTS (SELECT 1 FROM card WHERE workspace_id = OLD.workspace_id AND cover_id = OLD.cover_id)
    AND NOT EXISTS (SELECT 1 FROM edition WHERE workspace_id = OLD.workspace_id AND cover_id = OLD.cover_id);
END;
CREATE TRIGGER edition_leaves_cover AFTER DELETE ON edition WHEN OLD.cover_id IS NOT NULL BEGIN
  DELETE FROM cover WHERE workspace_id = OLD.workspace_id AND id = OLD.cover_id
    AND NOT EXISTS (SELECT 1 FROM card WHERE workspace_id = OLD.workspace_id AND cover_id = OLD.cover_id)
    AND NOT EXISTS (SELECT 1 FROM edition WHERE workspace_id = OLD.workspace_id AND cover_id = OLD.cover_id);
END;

-- No card to somebody who wants none, whoever inserts it.
CREATE TRIGGER recipient_wants_none BEFORE INSERT ON recipient
WHEN EXISTS (SELECT 1 FROM suppression WHERE workspace_id = NEW.workspace_id AND email_digest = NEW.email_digest) BEGIN
  SELECT RAISE(ABORT, 'unsubscribed');
END;
-- And none of those that wait.
CREATE TRIGGER suppression_reaches_recipients AFTER INSERT ON suppression BEGIN
  UPDATE recipient SET unsubscribed_at = NEW.created_at
   WHERE workspace_id = NEW.workspace_id AND email_digest = NEW.email_digest;
  UPDATE recipient SET status = 'failed', reply = 'The recipient has unsubscribed'
   WHERE workspace_id = NEW.workspace_id AND email_digest = NEW.email_digest AND status = 'queued';
END;
-- A mail's row is open as long as its recipient is queued.
CREATE TRIGGER recipient_ends_mail AFTER UPDATE OF status ON recipient
WHEN OLD.status = 'queued' AND NEW.status <> 'queued' BEGIN
  UPDATE mail SET due_at = NULL, done_at = CAST(unixepoch('subsec') * 1000 AS INTEGER)
   WHERE workspace_id = NEW.workspace_id AND recipient_id = NEW.id AND done_at IS NULL;
END;

-- An edition goes with the last of those it was made for.
CREATE TRIGGER recipient_leaves_edition AFTER DELETE ON recipient BEGIN
  DELETE FROM edition WHERE workspace_id = OLD.workspace_id AND card_id = OLD.card_id AND revision = OLD.revision
    AND NOT EXISTS (SELECT 1 FROM recipient
                     WHERE workspace_id = OLD.workspace_id AND card_id = OLD.card_id AND revision = OLD.revision);
END;

CREATE TRIGGER recipient_count_insert AFTER INSERT ON recipient BEGIN
  UPDATE card_count
     SET recipients = recipients + 1,
         queued = queued + (NEW.status = 'queued'), sent = sent + (NEW.status = 'sent'), failed = failed + (NEW.status = 'failed'),
         opened = opened + (NEW.opens > 0), opens = opens + NEW.opens,
         viewed = viewed + (NEW.views > 0), views = views + NEW.views,
         unsubscribed = unsubscribed + (NEW.unsubscribed_at IS NOT NULL)
   WHERE workspace_id = NEW.workspace_id AND card_id = NEW.card_id;
END;
CREATE TRIGGER recipient_count_update AFTER UPDATE OF status, opens, views, unsubscribed_at ON recipient BEGIN
  UPDATE card_count
     SET queued = queued - (OLD.status = 'queued') + (NEW.status = 'queued'),
         sent = sent - (OLD.status = 'sent') + (NEW.status = 'sent'),
         failed = failed - (OLD.status = 'failed') + (NEW.status = 'failed'),
         opened = opened - (OLD.opens > 0) + (NEW.opens > 0), opens = opens - OLD.opens + NEW.opens,
         viewed = viewed - (OLD.views > 0) + (NEW.views > 0), views = views - OLD.views + NEW.views,
         unsubscribed = unsubscribed - (OLD.unsubscribed_at IS NOT NULL) + (NEW.unsubscribed_at IS NOT NULL),
         first_opened_at = min(coalesce(first_opened_at, NEW.opened_at), coalesce(NEW.opened_at, first_opened_at)),
         first_viewed_at = min(coalesce(first_viewed_at, NEW.viewed_at), coalesce(NEW.viewed_at, first_viewed_at))
   WHERE workspace_id = NEW.workspace_id AND card_id = NEW.card_id;
END;
CREATE TRIGGER recipient_count_delete AFTER DELETE ON recipient BEGIN
  UPDATE card_count
     SET recipients = recipients - 1,
         queued = queued - (OLD.status = 'queued'), sent = sent - (OLD.status = 'sent'), failed = failed - (OLD.status = 'failed'),
         opened = opened - (OLD.opens > 0), opens = opens - OLD.opens,
         viewed = viewed - (OLD.views > 0), views = views - OLD.views,
         unsubscribed = unsubscribed - (OLD.unsubscribed_at IS NOT NULL)
   WHERE workspace_id = OLD.workspace_id AND card_id = OLD.card_id;
  -- Not where the whole workspace goes: nothing of it stays.
  INSERT INTO gone_recipient (id, workspace_id, email_digest, gone_at)
    SELECT OLD.id, id, OLD.email_digest, CAST(unixepoch('subsec') * 1000 AS INTEGER)
      FROM workspace WHERE id = OLD.workspace_id
    ON CONFLICT DO NOTHING;
END;
