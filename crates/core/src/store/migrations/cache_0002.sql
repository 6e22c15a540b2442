-- Which tool measured an imported hash; NULL otherwise.
ALTER TABLE files ADD COLUMN hash_source TEXT;
-- The hash was kept without a read although the change time moved (a rename): to be read again when there is time.
ALTER TABLE files ADD COLUMN recheck INTEGER NOT NULL DEFAULT 0;
CREATE INDEX files_to_recheck ON files (changed_ns) WHERE recheck;
-- What was believed before the file was read in full and turned out to be wrong, as JSON.
ALTER TABLE files ADD COLUMN corrected TEXT;
-- When the file's AutoV1 was last looked up without a result, so that it is not asked about at every start.
ALTER TABLE files ADD COLUMN quick_at INTEGER;

-- When everything that is chosen had been written beside the file.
ALTER TABLE files ADD COLUMN sidecars_at INTEGER;

-- By which hash Civitai's version was found; NULL where it was not found.
ALTER TABLE resolutions ADD COLUMN matched_by TEXT;
UPDATE resolutions SET matched_by = 'sha256' WHERE state = 'matched';
-- Since when Civitai, asked again about a match, no longer knows it.
ALTER TABLE resolutions ADD COLUMN removed_at INTEGER;

-- Every different answer about a version, oldest first: what Civitai once said outlives its deletion there.
CREATE TABLE answers (
    version_id INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    -- Of what the answer says, its ever-changing counts left out.
    digest BLOB NOT NULL,
    raw TEXT NOT NULL,
    PRIMARY KEY (version_id, first_at)
) STRICT;
INSERT INTO answers (version_id, first_at, last_at, digest, raw)
    SELECT s.version_id, v.fetched_at, v.fetched_at, x'', s.raw
    FROM version_sources s JOIN versions v ON v.id = s.version_id;
DROP TABLE version_sources;
