-- Open cases follow a changed routing table, changed offices and declared relatives.

-- How far the open cases have been looked at since the last change, so that whatever process goes
-- on, goes on there. One row.
CREATE TABLE rerouting (
  one integer PRIMARY KEY CHECK (one = 1),
  -- The directory's and the routing table's version.
  version text NOT NULL,
  -- Whole rounds in which nothing had to be moved.
  clean integer NOT NULL,
  after_at timestamptz NOT NULL,
  after_id uuid NOT NULL,
  moved integer NOT NULL
);

-- Letters to the office that no longer has a case.
ALTER TABLE letter DROP CONSTRAINT letter_recipient_check;
ALTER TABLE letter ADD CONSTRAINT letter_recipient_check
  CHECK (recipient IN ('office', 'complainant', 'desk', 'above', 'former'));
