-- As in the other database: the marks are part of what the library shows.
CREATE TABLE library_stamp (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL
) STRICT;
INSERT INTO library_stamp (one, number) VALUES (1, 0);

CREATE TRIGGER marks_added AFTER INSERT ON marks BEGIN UPDATE library_stamp SET number = number + 1; END;
CREATE TRIGGER marks_removed AFTER DELETE ON marks BEGIN UPDATE library_stamp SET number = number + 1; END;
CREATE TRIGGER marks_changed AFTER UPDATE ON marks BEGIN UPDATE library_stamp SET number = number + 1; END;
