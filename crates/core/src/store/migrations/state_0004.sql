-- What the user notes of a content. By its hash, so that it stays with it wherever its file goes.
CREATE TABLE marks (
    sha256 BLOB NOT NULL PRIMARY KEY,
    favourite INTEGER NOT NULL DEFAULT 0,
    -- 1 to 5; 0: none.
    rating INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    -- A list of text, as JSON, in the order of the alphabet.
    tags TEXT NOT NULL DEFAULT '[]',
    -- Note and tags in lower case.
    search TEXT NOT NULL DEFAULT '',
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A search with a name.
CREATE TABLE views (
    name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE,
    -- A `LibraryQuery` as JSON.
    query TEXT NOT NULL,
    saved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
