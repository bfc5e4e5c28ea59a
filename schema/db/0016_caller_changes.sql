-- The number of changes to what decides who a caller is. A connection that remembers callers reads only this after a commit.
-- Triggers for INSERT too: INSERT OR REPLACE deletes a row without its triggers for DELETE.
CREATE TABLE caller_change (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  number   INTEGER NOT NULL
) STRICT;
INSERT INTO caller_change (only_row, number) VALUES (1, 0);

CREATE TRIGGER token_caller_insert AFTER INSERT ON token BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER token_caller_update AFTER UPDATE OF digest, workspace_id, user_id, scopes, expires_at ON token BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER token_caller_delete AFTER DELETE ON token BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER integration_key_caller_insert AFTER INSERT ON integration_key BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER integration_key_caller_update AFTER UPDATE OF digest, user_id, id, home_workspace_id ON integration_key BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER integration_key_caller_delete AFTER DELETE ON integration_key BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER member_caller_insert AFTER INSERT ON member BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER member_caller_update AFTER UPDATE OF workspace_id, user_id, role ON member BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER member_caller_delete AFTER DELETE ON member BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER workspace_caller_insert AFTER INSERT ON workspace BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER workspace_caller_update AFTER UPDATE OF id, plan, extra_api_calls ON workspace BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER workspace_caller_delete AFTER DELETE ON workspace BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER plan_caller_insert AFTER INSERT ON plan BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER plan_caller_update AFTER UPDATE OF name, api_calls ON plan BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
CREATE TRIGGER plan_caller_delete AFTER DELETE ON plan BEGIN
  UPDATE caller_change SET number = number + 1 WHERE only_row = 1;
END;
