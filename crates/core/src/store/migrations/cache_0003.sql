-- What is in the user's vault at Civitai, as last read.
CREATE TABLE vault_items (
    id INTEGER NOT NULL PRIMARY KEY,
    version_id INTEGER NOT NULL,
    -- As JSON.
    item TEXT NOT NULL
) STRICT;
CREATE INDEX vault_items_by_version ON vault_items (version_id);

-- The vault as a whole: one row, or none before it was first read.
CREATE TABLE vault_info (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    state TEXT,
    -- How full it is, as JSON; NULL: there is none, or it is not known.
    info TEXT,
    -- When it was last read as a whole.
    synced_at INTEGER,
    -- Why the last reading failed or is not whole, as JSON.
    problem TEXT
) STRICT;
