-- Smaller indexes for the events of a task and of a card. Their ids are unique, so the workspace is not needed to find the
-- events, and fewer pages are written per change.
DROP INDEX event_task;
DROP INDEX event_card;
CREATE INDEX event_task ON event (task_id, sequence) WHERE task_id IS NOT NULL;
CREATE INDEX event_card ON event (card_id, sequence) WHERE card_id IS NOT NULL;
