-- What the user says a content is, whatever Civitai answers about its hashes.
CREATE TABLE links (
    sha256 BLOB NOT NULL PRIMARY KEY,
    version_id INTEGER NOT NULL,
    linked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which files may be written beside the models of a root, as JSON; NULL: what its layout's UI expects.
ALTER TABLE roots ADD COLUMN sidecars TEXT;
