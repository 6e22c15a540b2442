-- What cannot be recomputed.
CREATE TABLE roots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path BLOB NOT NULL UNIQUE,
    layout TEXT NOT NULL,
    added_at INTEGER NOT NULL
) STRICT;

-- One row per choice the user has made; a missing row means the default.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
