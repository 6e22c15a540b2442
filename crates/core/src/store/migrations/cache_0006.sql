-- Counts the changes to what the library shows. Whoever keeps a picture of it in memory sees by this number, whichever
-- process changed it, that the picture is old.
CREATE TABLE library_stamp (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL
) STRICT;
INSERT INTO library_stamp (one, number) VALUES (1, 0);

CREATE TRIGGER files_added AFTER INSERT ON files BEGIN UPDATE library_stamp SET number = number + 1; END;
CREATE TRIGGER files_removed AFTER DELETE ON files BEGIN UPDATE library_stamp SET number = number + 1; END;
CREATE TRIGGER files_changed AFTER UPDATE OF root_id, path, name, folder, search, kind, size, modified_ns, alias_of, sha256,
    provenance, problem, gone_at, away, added_at ON files BEGIN UPDATE library_stamp SET number = number + 1; END;

CREATE TRIGGER resolutions_added AFTER INSERT ON resolutions BEGIN UPDATE library_stamp SET number = number + 1; END;
CREATE TRIGGER resolutions_removed AFTER DELETE ON resolutions BEGIN UPDATE library_stamp SET number = number + 1; END;
CREATE TRIGGER resolutions_changed AFTER UPDATE OF state, version_id, kind, matched_by ON resolutions
    BEGIN UPDATE library_stamp SET number = number + 1; END;

CREATE TRIGGER versions_added AFTER INSERT ON versions BEGIN UPDATE library_stamp SET number = number + 1; END;
CREATE TRIGGER versions_removed AFTER DELETE ON versions BEGIN UPDATE library_stamp SET number = number + 1; END;
CREATE TRIGGER versions_changed AFTER UPDATE OF model_id, model_name, kind, base_model, search ON versions
    BEGIN UPDATE library_stamp SET number = number + 1; END;

CREATE TRIGGER models_added AFTER INSERT ON models BEGIN UPDATE library_stamp SET number = number + 1; END;
CREATE TRIGGER models_removed AFTER DELETE ON models BEGIN UPDATE library_stamp SET number = number + 1; END;
CREATE TRIGGER models_changed AFTER UPDATE OF search ON models BEGIN UPDATE library_stamp SET number = number + 1; END;

CREATE TRIGGER root_states_added AFTER INSERT ON root_states BEGIN UPDATE library_stamp SET number = number + 1; END;
CREATE TRIGGER root_states_removed AFTER DELETE ON root_states BEGIN UPDATE library_stamp SET number = number + 1; END;
CREATE TRIGGER root_states_changed AFTER UPDATE OF online ON root_states WHEN old.online <> new.online
    BEGIN UPDATE library_stamp SET number = number + 1; END;
