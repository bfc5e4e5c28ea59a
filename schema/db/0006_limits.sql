-- Bounds for what no plan limits.

-- The same on every plan: lanes are for people to look at side by side.
CREATE TRIGGER lane_limit BEFORE INSERT ON lane
WHEN (SELECT 1 FROM lane WHERE workspace_id = NEW.workspace_id AND board_id = NEW.board_id
       LIMIT 1 OFFSET 99) IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'limit:lanes');
END;

-- How many card URLs a workspace has made: every tenth counts as a card send.
CREATE TABLE card_link_count (
  workspace_id BLOB NOT NULL PRIMARY KEY REFERENCES workspace (id) ON DELETE CASCADE,
  made         INTEGER NOT NULL CHECK (made >= 0)
) STRICT, WITHOUT ROWID;
