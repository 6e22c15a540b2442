-- A download, from the wish to the file in its place. Kept where every commit reaches the disk: what was once told to be
-- done must still be done after a power cut.
CREATE TABLE downloads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The order in which they run.
    position REAL NOT NULL,
    wanted TEXT NOT NULL,
    title TEXT NOT NULL,
    model_id INTEGER,
    version_id INTEGER,
    file_id INTEGER,
    kind TEXT NOT NULL,
    base_model TEXT,
    root_id INTEGER NOT NULL,
    folder BLOB NOT NULL,
    name TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    -- The state's name, and all of it as JSON.
    stage TEXT NOT NULL,
    state TEXT NOT NULL,
    -- What Civitai says of the file. NULL: it does not say.
    size_kb REAL,
    sha256 BLOB,
    -- The unfinished file, and which one it is: another in its place is not ours.
    part BLOB,
    part_volume INTEGER,
    part_inode INTEGER,
    -- What the server said of the file at the first answer.
    validator TEXT,
    total INTEGER,
    -- The parts of the unfinished file that have reached the disk.
    durable TEXT NOT NULL DEFAULT '[]',
    received INTEGER NOT NULL DEFAULT 0,
    -- How often all bytes were there and were not the right ones.
    mismatches INTEGER NOT NULL DEFAULT 0,
    -- How often in a row it ended without a new byte.
    failures INTEGER NOT NULL DEFAULT 0,
    -- Bytes a second; NULL: as the settings say.
    rate_limit INTEGER,
    added_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
-- One writer per place, and one download per wish.
CREATE UNIQUE INDEX downloads_by_place ON downloads (folder, name) WHERE stage NOT IN ('done', 'failed', 'cancelled');
CREATE UNIQUE INDEX downloads_by_wish ON downloads (wanted, root_id) WHERE stage NOT IN ('done', 'failed', 'cancelled');
CREATE INDEX downloads_by_position ON downloads (position);

-- Where downloads go in a root, as JSON; NULL: where its layout's UI looks.
ALTER TABLE roots ADD COLUMN places TEXT;
