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

-- Every event stream of this incarnation, and those of earlier ones that have something left.
CREATE TABLE streams (
    number INTEGER NOT NULL PRIMARY KEY,
    incarnation TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (incarnation, name)
) STRICT;

-- Where each stream stands: `events` and `bytes` are in `outbox`, those of `hour` (since 1970) and of the hour before it
-- were added then. Some change with every commit, so they are short and apart from what does not.
CREATE TABLE tallies (
    stream INTEGER NOT NULL PRIMARY KEY,
    next_sequence INTEGER NOT NULL,
    acked INTEGER NOT NULL,
    events INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    hour INTEGER,
    hour_events INTEGER,
    hour_bytes INTEGER,
    before_events INTEGER,
    before_bytes INTEGER
) STRICT;

-- What head office does not have yet, in runs of consecutive events: `last` is the sequence of a run's last. In the order
-- written, so that a commit appends to one end and not to one for each stream.
CREATE TABLE outbox (
    ordinal INTEGER NOT NULL PRIMARY KEY,
    stream INTEGER NOT NULL,
    last INTEGER NOT NULL,
    events INTEGER NOT NULL,
    day INTEGER NOT NULL,
    recorded_ms INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (stream, last)
) STRICT;

-- Why offers were and were not made, in the order decided. `subject` and `campaign` are keyed hashes, others each day.
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
