-- What a scan can rebuild. Times are Unix milliseconds UTC unless the name ends in _ns.

-- A path on disk. Several rows may share one content.
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    root_id INTEGER NOT NULL,
    path BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    folder TEXT NOT NULL,
    search TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The fingerprint; NULL together if the path could not be looked at.
    volume INTEGER,
    inode INTEGER,
    size INTEGER NOT NULL DEFAULT 0,
    modified_ns INTEGER,
    changed_ns INTEGER,
    -- NULL where the file system does not keep it.
    born_ns INTEGER,
    -- The row this path is only another way to.
    alias_of INTEGER REFERENCES files (id) ON DELETE SET NULL,
    local_preview BLOB,
    sha256 BLOB,
    provenance TEXT,
    hashed_at INTEGER,
    problem TEXT,
    -- When it was found to be no longer there, in a root that is.
    gone_at INTEGER,
    -- Whether its folder could not be looked into, in a root that could.
    away INTEGER NOT NULL DEFAULT 0,
    added_at INTEGER NOT NULL
) STRICT;
CREATE INDEX files_by_root ON files (root_id);
CREATE INDEX files_by_content ON files (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX files_by_identity ON files (inode, volume);
CREATE INDEX files_by_alias ON files (alias_of) WHERE alias_of IS NOT NULL;

-- What the last scan saw of each root.
CREATE TABLE root_states (
    root_id INTEGER NOT NULL PRIMARY KEY,
    online INTEGER NOT NULL,
    scanned_at INTEGER
) STRICT;

-- All hashes of one content.
CREATE TABLE contents (
    sha256 BLOB NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    blake3 BLOB NOT NULL,
    crc32 BLOB NOT NULL,
    autov1 BLOB,
    autov3 BLOB
) STRICT, WITHOUT ROWID;

-- What Civitai said about one content. No row: it has not been asked.
CREATE TABLE resolutions (
    sha256 BLOB NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('pending', 'matched', 'not_found')),
    version_id INTEGER,
    file_id INTEGER,
    -- What the matched file is; it may differ from what its model is (a VAE of a checkpoint).
    kind TEXT,
    checked_at INTEGER,
    -- When to ask (again); NULL: never by itself.
    retry_at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    problem TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX resolutions_due ON resolutions (retry_at) WHERE retry_at IS NOT NULL;

-- A version as Civitai described it.
CREATE TABLE versions (
    id INTEGER NOT NULL PRIMARY KEY,
    model_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    model_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    base_model TEXT,
    trained_words TEXT NOT NULL,
    air TEXT,
    nsfw_level INTEGER NOT NULL,
    -- The level of the first preview, or the version's where there is none.
    cover_level INTEGER NOT NULL,
    published_at TEXT,
    description TEXT,
    files TEXT NOT NULL,
    previews TEXT NOT NULL,
    preview_count INTEGER NOT NULL,
    preview_is_video INTEGER NOT NULL,
    search TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT;

-- The answer as it came. Apart, so that lists do not have to step over it.
CREATE TABLE version_sources (
    version_id INTEGER NOT NULL PRIMARY KEY,
    raw TEXT NOT NULL
) STRICT;

-- What a model's page says beyond its versions.
CREATE TABLE models (
    id INTEGER NOT NULL PRIMARY KEY,
    creator TEXT,
    description TEXT,
    tags TEXT NOT NULL,
    search TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT;
