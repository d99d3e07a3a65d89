-- State and messages, so that one transaction holds both.
-- A body linked to a person is sealed under the key of a day (days since 1970); `day` is NULL where nothing is sealed.
-- A commit appends to few pages and rewrites almost none: a card wears by pages written.

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- Random keys wrapped with the device secret. Without its row, a day is unreadable.
CREATE TABLE day_keys (
    day INTEGER NOT NULL PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT;

-- What a restart needs, but for what `journal` says since. `key` is a keyed hash where a row is of a person, else JSON.
CREATE TABLE records (
    kind TEXT NOT NULL,
    key BLOB NOT NULL,
    day INTEGER,
    body BLOB NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

-- The changes of each commit, in order, until they are folded into `records`.
CREATE TABLE journal (
    ordinal INTEGER NOT NULL PRIMARY KEY,
    day INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- How far each source that can resend is committed.
CREATE TABLE positions (
    ordinal INTEGER NOT NULL PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,
    line INTEGER NOT NULL
) STRICT;

-- Where each event stream stands, of this incarnation and of earlier ones; `events` and `bytes` are in `outbox`.
CREATE TABLE streams (
    incarnation TEXT NOT NULL,
    name TEXT NOT NULL,
    next_sequence INTEGER NOT NULL,
    acked INTEGER NOT NULL,
    events INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    pace BLOB,
    PRIMARY KEY (incarnation, name)
) STRICT, WITHOUT ROWID;

-- What head office does not have yet, in runs of consecutive events: `last` is the sequence of a run's last.
CREATE TABLE outbox (
    incarnation TEXT NOT NULL,
    stream TEXT NOT NULL,
    last INTEGER NOT NULL,
    events INTEGER NOT NULL,
    day INTEGER NOT NULL,
    recorded_ms INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (incarnation, stream, last)
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
