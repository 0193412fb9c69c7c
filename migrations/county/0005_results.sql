-- Results for everybody: when a month was counted, what was released of a case, what was praised.

-- A month that is to be counted again has no time, or an old one. Whoever counts holds its row.
CREATE TABLE figure_month (
  month date PRIMARY KEY,
  counted_at timestamptz
);

-- What everybody may read of a case. Its words are written for this and hold no names; wiping the
-- case cuts the tie to it.
CREATE TABLE published_result (
  id uuid PRIMARY KEY,
  complaint uuid UNIQUE REFERENCES complaint (id),
  title text NOT NULL,
  problem text NOT NULL,
  outcome text NOT NULL,
  unit text NOT NULL,
  category text NOT NULL,
  released_at timestamptz NOT NULL,
  released_by text NOT NULL,
  withdrawn_at timestamptz,
  withdrawn_by text
);
CREATE INDEX published_result_shown ON published_result (id) WHERE withdrawn_at IS NULL;
-- The desk's list of cases that may be released.
CREATE INDEX complaint_publishable ON complaint (id)
  WHERE publish AND NOT sealed AND state IN ('closed', 'archived');

-- Praise of a unit or one of its people; counted once somebody at the desk has read it.
CREATE TABLE commendation (
  id uuid PRIMARY KEY,
  -- SHA-256 of the form's request id: the same id twice is one.
  request_hash bytea NOT NULL UNIQUE,
  unit text NOT NULL,
  staff_badge text,
  nickname text NOT NULL,
  words text NOT NULL,
  created_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'counted', 'refused')),
  decided_at timestamptz,
  decided_by text
);
CREATE INDEX commendation_waiting ON commendation (id) WHERE state = 'waiting';
CREATE INDEX commendation_counted ON commendation (created_at) WHERE state = 'counted';
