-- A case's whole life: what may happen once, what stops its clock, what was said on the way.

-- Steps taken. Whoever moves a case names the count that it saw: of two, the second is told.
ALTER TABLE complaint ADD COLUMN steps integer NOT NULL DEFAULT 0;
ALTER TABLE complaint ADD COLUMN returns integer NOT NULL DEFAULT 0;
ALTER TABLE complaint ADD COLUMN assigned boolean NOT NULL DEFAULT false;
ALTER TABLE complaint ADD COLUMN reviews integer NOT NULL DEFAULT 0;
ALTER TABLE complaint ADD COLUMN escalations integer NOT NULL DEFAULT 0;
-- Once: so many working days more, and when that was decided (R5).
ALTER TABLE complaint ADD COLUMN extended_by integer;
ALTER TABLE complaint ADD COLUMN extended_on date;
-- The case that this one was merged into; its complainant gets that one's answer.
ALTER TABLE complaint ADD COLUMN merged_into uuid REFERENCES complaint (id);
ALTER TABLE complaint ADD COLUMN supervised_at timestamptz;
ALTER TABLE complaint ADD COLUMN wiped_at timestamptz;
-- When the system looks at it by itself: a reminder, an escalation, the end of a wait.
ALTER TABLE complaint ADD COLUMN wake_at timestamptz;
UPDATE complaint SET wake_at = next_at WHERE next_at IS NOT NULL;
-- What is sealed is handed over; nobody signs for it and answers.
UPDATE complaint SET state = 'handed_over', next_kind = 'confirm_receipt'
WHERE sealed AND state IN ('dispatched', 'signed');
CREATE INDEX complaint_wake ON complaint (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX complaint_merged ON complaint (merged_into) WHERE merged_into IS NOT NULL;

-- Days on which the answer's clock stood still, because the complainant was asked (R6).
CREATE TABLE clock_stop (
  complaint uuid NOT NULL REFERENCES complaint (id),
  position integer NOT NULL,
  began_on date NOT NULL,
  -- Empty while the complainant is awaited.
  ended_on date CHECK (ended_on >= began_on),
  -- How many working days were told; no more than these stop the clock.
  notified integer NOT NULL CHECK (notified >= 0),
  PRIMARY KEY (complaint, position)
);

-- What people wrote on the way; events hold codes and days, never words of a person.
CREATE TABLE message (
  id uuid PRIMARY KEY,
  complaint uuid NOT NULL REFERENCES complaint (id),
  event uuid NOT NULL REFERENCES event (id),
  kind text NOT NULL CHECK (kind IN
    ('question', 'reply', 'return', 'refusal', 'extension', 'decline', 'assignment', 'dispatch',
     'rating', 'follow_up', 'review', 'decision', 'withdrawal', 'note', 'view', 'reminder')),
  -- Who may read it besides the desk: what is internal is not shown to the complainant.
  for_complainant boolean NOT NULL,
  words text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX message_complaint ON message (complaint, at);

-- Five levels, and whether it was resolved; the newest counts.
CREATE TABLE rating (
  complaint uuid NOT NULL REFERENCES complaint (id),
  answer uuid NOT NULL REFERENCES answer (id),
  level integer NOT NULL CHECK (level BETWEEN 1 AND 5),
  resolved boolean NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (answer)
);
CREATE INDEX rating_complaint ON rating (complaint);

-- People and offices that stepped back from one case; routing uses them at once.
CREATE TABLE recusal (
  complaint uuid NOT NULL REFERENCES complaint (id),
  -- A badge or an office's code.
  who text NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  PRIMARY KEY (complaint, who)
);

-- Raised by itself after three upheld in 90 days or two returns, or by the desk.
CREATE TABLE supervision (
  id uuid PRIMARY KEY,
  complaint uuid NOT NULL REFERENCES complaint (id),
  why text NOT NULL CHECK (why IN ('upheld', 'returned', 'desk')),
  -- What it is about: a badge, a unit's code, or the case itself.
  subject text NOT NULL,
  raised_at timestamptz NOT NULL,
  closed_at timestamptz,
  actor text
);
CREATE INDEX supervision_open ON supervision (raised_at) WHERE closed_at IS NULL;
CREATE INDEX supervision_complaint ON supervision (complaint);

-- Whom a complaint was upheld against by its newest answer, so that three in 90 days are found
-- without reading complaints: a badge, else a unit's code.
CREATE TABLE upheld (
  complaint uuid PRIMARY KEY,
  subject text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX upheld_subject ON upheld (subject, at);

-- The chain over the event log: a background step seals events within seconds. Each row's hash
-- covers the row before and the event's content.
CREATE TABLE event_seal (
  seq bigint PRIMARY KEY,
  event uuid NOT NULL UNIQUE REFERENCES event (id),
  hash bytea NOT NULL
);

-- What became of a month's complaints, counted by the background; `days` is how many answers took
-- how many calendar days, so that months can be added up and medians still be told.
CREATE TABLE figure (
  month date NOT NULL,
  kind text NOT NULL CHECK (kind IN ('all', 'unit', 'category')),
  name text NOT NULL,
  counts jsonb NOT NULL,
  days jsonb NOT NULL,
  counted_at timestamptz NOT NULL,
  PRIMARY KEY (month, kind, name)
);

-- Letters to the office above a late one.
ALTER TABLE letter DROP CONSTRAINT letter_recipient_check;
ALTER TABLE letter ADD CONSTRAINT letter_recipient_check
  CHECK (recipient IN ('office', 'complainant', 'desk', 'above'));

-- The desk's lists, each along its own next deadlines; only the few cases that stand in one.
CREATE INDEX complaint_desk ON complaint (next_at) WHERE owner = 'desk' AND next_at IS NOT NULL;
CREATE INDEX complaint_unidentified ON complaint (next_at)
  WHERE subject_state = 'unidentified' AND next_at IS NOT NULL;
CREATE INDEX complaint_sealed ON complaint (next_at) WHERE sealed AND next_at IS NOT NULL;
CREATE INDEX complaint_supervised ON complaint (next_at)
  WHERE supervised_at IS NOT NULL AND next_at IS NOT NULL;
-- Likely duplicates: a unit's complaints of one time.
CREATE INDEX complaint_unit ON complaint (unit, created_at);
-- An answer is told to everybody whose complaint was merged into the answered one.
ALTER TABLE letter DROP CONSTRAINT letter_event_recipient_key;
ALTER TABLE letter ADD CONSTRAINT letter_event_recipient_complaint_key
  UNIQUE (event, recipient, complaint);
-- Nothing asks for an office's cases in the order of their filing; a filing need not log it.
DROP INDEX complaint_office;
