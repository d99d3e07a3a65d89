-- State and messages, so that one transaction holds both.
-- A body linked to a person is sealed under the key of its day (days since 1970); `day` is NULL where nothing is sealed.

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- Random keys wrapped with the device secret. Without its row, a day is unreadable.
CREATE TABLE day_keys (
    day INTEGER NOT NULL PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT;

-- What a restart needs, and the pace of each stream. `key` is a keyed hash where a row is of a person, else JSON.
CREATE TABLE records (
    kind TEXT NOT NULL,
    key BLOB NOT NULL,
    day INTEGER,
    body BLOB NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

-- How far each source that can resend is committed.
CREATE TABLE positions (
    ordinal INTEGER NOT NULL PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,
    line INTEGER NOT NULL
) STRICT;

-- What head office does not have yet.
CREATE TABLE outbox (
    incarnation TEXT NOT NULL,
    stream TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    day INTEGER NOT NULL,
    recorded_ms INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (incarnation, stream, sequence)
) STRICT, WITHOUT ROWID;

-- Why offers were and were not made, in the order decided. `subject` is a keyed hash.
CREATE TABLE decisions (
    ordinal INTEGER NOT NULL PRIMARY KEY,
    subject BLOB NOT NULL,
    campaign TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    day INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX decisions_by_subject ON decisions (subject, campaign);

INSERT INTO meta (name, value) VALUES ('schema', 1), ('min_code', 1);
