-- What a head office keeps (PostgreSQL 14 or newer). Every statement may run again; docs/head-office.md explains each table.

-- An event once, whatever the number of its deliveries. A unique key of a partitioned table has to contain what it is
-- partitioned by; an event has the same recordedtime whenever it comes, so this is the key (source, id).
CREATE TABLE IF NOT EXISTS events (
    source text NOT NULL,
    id uuid NOT NULL,
    recordedtime timestamptz NOT NULL,
    sequence bigint NOT NULL,
    covers_from bigint NOT NULL CHECK (covers_from BETWEEN 1 AND sequence),  -- below sequence for event.dropped only
    type text NOT NULL,
    subject text,
    time timestamptz NOT NULL,
    data jsonb NOT NULL,
    deliveries integer NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, id, recordedtime)
) PARTITION BY RANGE (recordedtime);

-- What is here of each stream, always changed in the transaction that stores the events.
CREATE TABLE IF NOT EXISTS streams (
    source text PRIMARY KEY,
    stored int8multirange NOT NULL,                        -- every sequence that a row of events accounts for
    written_off int8multirange NOT NULL DEFAULT '{}',      -- what an operator gave up, or retention removed
    contiguous bigint NOT NULL GENERATED ALWAYS AS (lower('{[1,)}'::int8multirange - (stored + written_off)) - 1) STORED,
    owed boolean NOT NULL DEFAULT true                     -- whether an ack is due
);

CREATE INDEX IF NOT EXISTS streams_owed ON streams (source) WHERE owed;

-- What is missing, from the events themselves: no bookkeeping can hide a hole from it.
CREATE OR REPLACE VIEW gaps AS
SELECT source, lower(hole) AS first, upper(hole) - 1 AS last
FROM (
    SELECT source, range_agg(int8range(covers_from, sequence, '[]')) AS present FROM events GROUP BY source
) AS kept
JOIN streams USING (source),
unnest(int8multirange(int8range(1, upper(present))) - present - written_off) AS hole;

-- Streams whose bookkeeping and events disagree; empty unless somebody deleted rows by hand.
CREATE OR REPLACE VIEW discrepancies AS
SELECT source, stored - written_off - coalesce(present, '{}') AS stored_without_rows, coalesce(present, '{}') - stored AS rows_not_counted
FROM streams
LEFT JOIN (
    SELECT source, range_agg(int8range(covers_from, sequence, '[]')) AS present FROM events GROUP BY source
) AS kept USING (source)
WHERE stored - written_off <> coalesce(present, '{}') - written_off;
