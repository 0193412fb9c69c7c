-- Seals are keyed from here on. NULL: sealed before, with a plain hash.
ALTER TABLE event_seal ADD COLUMN key bytea;

-- What the event's message said, as a keyed hash: it stays when the words are wiped.
ALTER TABLE event_seal ADD COLUMN words bytea;

-- Where the chain ends. Kept apart from it, so that a chain that was cut short is found.
CREATE TABLE event_chain (
  one integer PRIMARY KEY CHECK (one = 1),
  n bigint NOT NULL,
  hash bytea NOT NULL,
  key bytea,
  mac bytea
);

INSERT INTO event_chain (one, n, hash)
SELECT 1, seq, hash FROM event_seal ORDER BY seq DESC LIMIT 1;
