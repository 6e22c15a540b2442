-- What was done to files, step by step: written down before it is begun, so that after a crash it can be told and mended,
-- and kept afterwards, so that it can be undone.
CREATE TABLE actions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    -- 'rename', 'move', 'trash'.
    what TEXT NOT NULL,
    -- 'begun', 'done', 'undoing', 'undone', 'failed'.
    state TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    title TEXT NOT NULL,
    models INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    -- As JSON, in the order in which they are taken.
    steps TEXT NOT NULL,
    problem TEXT
) STRICT;
