-- What a content is by its first bytes, and how long the header of a safetensors file says that it is. NULL: not looked at.
ALTER TABLE contents ADD COLUMN form TEXT;
ALTER TABLE contents ADD COLUMN promised INTEGER;
CREATE INDEX contents_without_form ON contents (sha256) WHERE form IS NULL;
CREATE INDEX contents_of_other_form ON contents (form) WHERE form <> 'safetensors';
CREATE INDEX contents_of_wrong_length ON contents (sha256) WHERE promised <> size;

-- Every file that counts as a copy of what was read in full.
CREATE INDEX files_measured ON files (sha256, size, root_id)
    WHERE provenance = 'measured' AND alias_of IS NULL AND gone_at IS NULL AND away = 0 AND recheck = 0;
CREATE INDEX files_corrected ON files (id) WHERE corrected IS NOT NULL;
CREATE INDEX files_gone ON files (gone_at) WHERE gone_at IS NOT NULL;
CREATE INDEX resolutions_by_tensors ON resolutions (sha256) WHERE matched_by = 'tensors';

-- The published versions of a model, as its page or a list named them last.
CREATE TABLE model_versions (
    model_id INTEGER NOT NULL,
    version_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    base_model TEXT,
    published_at TEXT,
    early_access INTEGER NOT NULL,
    -- Of the file that is offered first.
    size INTEGER NOT NULL,
    PRIMARY KEY (model_id, version_id)
) STRICT, WITHOUT ROWID;

-- When Civitai was last asked for a model's versions, whether or not it listed the model.
CREATE TABLE model_checks (
    model_id INTEGER NOT NULL PRIMARY KEY,
    checked_at INTEGER NOT NULL
) STRICT;

-- Sidecars and previews whose model is not beside them, as last seen.
CREATE TABLE orphans (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    root_id INTEGER NOT NULL,
    path BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    proof TEXT NOT NULL,
    size INTEGER NOT NULL
) STRICT;
