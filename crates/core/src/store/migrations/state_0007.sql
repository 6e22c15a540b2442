-- Civitai Link: the sites that this computer is paired with. The keys are in the system's keyring or in files of their own.
CREATE TABLE link_rooms (
    -- 'com' or 'red'.
    site TEXT NOT NULL PRIMARY KEY,
    -- The relay that the key is for.
    url TEXT NOT NULL,
    -- 'keyring' or 'file'. NULL: the site has removed this computer.
    kept_in TEXT,
    -- Tells one pairing from the next.
    paired_at INTEGER NOT NULL,
    -- How it stands, as the process that keeps the link said last.
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    -- As JSON.
    problem TEXT,
    next_try INTEGER
) STRICT;

-- What the sites asked for that takes time: written down before it is begun.
CREATE TABLE link_commands (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL,
    -- The site's own.
    id TEXT NOT NULL,
    -- 'add' or 'remove'.
    deed TEXT NOT NULL,
    -- As checked, as JSON.
    resource TEXT NOT NULL,
    -- As it came, as JSON.
    created_at TEXT NOT NULL,
    -- 'pending', 'processing', 'success', 'error', 'canceled'.
    status TEXT NOT NULL,
    -- In words for the site.
    error TEXT,
    -- What a person said: 'once', 'session', 'deny'.
    word TEXT,
    -- What a person is asked about; NULL together.
    title TEXT,
    copies INTEGER,
    bytes INTEGER,
    download INTEGER,
    asked_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- The status that was handed to an open connection last.
    told TEXT,
    -- The site asked to show it no more.
    hidden INTEGER NOT NULL DEFAULT 0,
    UNIQUE (site, id)
) STRICT;
CREATE INDEX link_commands_open ON link_commands (site, number) WHERE status IN ('pending', 'processing');
CREATE INDEX link_commands_untold ON link_commands (site, number) WHERE told IS NOT status;
