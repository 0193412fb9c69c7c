-- The county's own time limits of a complaint's life; what has no row is the default.
CREATE TABLE case_limit (
  kind text PRIMARY KEY,
  number integer NOT NULL CHECK (number BETWEEN 1 AND 90),
  unit text NOT NULL CHECK (unit IN ('working_day', 'calendar_day')),
  changed_at timestamptz NOT NULL
);

-- An enquiry and a request for help are answered sooner than a complaint; the desk says which it is.
-- NULL: a complaint, as nearly all are, so that a filing logs nothing for it.
ALTER TABLE complaint ADD COLUMN kind text CHECK (kind IN ('enquiry', 'help'));
