-- A complaint from intake to answer. Ids are made in Python (UUIDv7) and never shown to people.

-- Numbers for people come from here, inside the transaction that uses them.
CREATE TABLE counter (
  name text PRIMARY KEY,
  n bigint NOT NULL
);

CREATE TABLE complaint (
  id uuid PRIMARY KEY,
  number text NOT NULL UNIQUE,
  -- SHA-256 of the form's request id: the same id twice is one complaint. Only a hash, because
  -- the tracking code is derived from the id, the text and a secret key.
  request_hash bytea NOT NULL UNIQUE,
  -- Keyed hash of the tracking code; the code itself is never stored.
  code_hash bytea NOT NULL UNIQUE,
  channel text NOT NULL CHECK (channel IN ('web', 'desk', 'api')),
  language text NOT NULL CHECK (language IN ('zh-Hans', 'zh-Hant', 'en')),
  state text NOT NULL,
  sealed boolean NOT NULL,
  -- Who has to act next; empty only when the complaint is over.
  owner text CHECK (owner IN ('desk', 'office', 'complainant')),
  office text,
  -- The next deadline, whatever it is for; no open complaint is without one.
  next_at timestamptz,
  next_kind text,
  -- The answer's due day and where it came from (R13); NULL when sealed, which is handed over.
  due_on date,
  limit_number integer,
  limit_unit text,
  limit_start date,
  calendar_version text,
  unit text,
  staff_badge text,
  subject_state text NOT NULL
    CHECK (subject_state IN ('identified', 'unidentified', 'unit', 'sealed')),
  matter text,
  receipt_number text,
  accepted_on date,
  happened_on date,
  happened_at time,
  share_contact boolean NOT NULL,
  publish boolean NOT NULL,
  -- Words of the complainant; all NULL when sealed, where the secret row holds them encrypted.
  place text,
  badge_typed text,
  staff_name text,
  staff_description text,
  body text,
  wish text,
  routing jsonb NOT NULL,
  breach jsonb,
  created_at timestamptz NOT NULL,
  CHECK ((owner IS NULL) = (next_at IS NULL)),
  -- A sealed row tells nothing of who or what: all of that lies encrypted in complaint_secret.
  CHECK (NOT sealed OR (subject_state = 'sealed' AND body IS NULL AND wish IS NULL
    AND place IS NULL AND badge_typed IS NULL AND staff_name IS NULL
    AND staff_description IS NULL AND staff_badge IS NULL AND unit IS NULL AND matter IS NULL
    AND receipt_number IS NULL AND accepted_on IS NULL AND happened_on IS NULL
    AND happened_at IS NULL AND breach IS NULL))
);
CREATE INDEX complaint_next ON complaint (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX complaint_office ON complaint (office, created_at);

-- Contact details and sealed text, encrypted with a key of the complaint's own that is itself
-- wrapped by the secret key: deleting the row destroys what is wiped, in backups too once the
-- secret has rotated.
CREATE TABLE complaint_secret (
  complaint uuid PRIMARY KEY REFERENCES complaint (id),
  wrapped_key bytea NOT NULL,
  contact bytea,
  sealed bytea
);

-- None of a sealed complaint: its codes lie with its text.
CREATE TABLE allegation (
  complaint uuid NOT NULL REFERENCES complaint (id),
  position integer NOT NULL CHECK (position BETWEEN 1 AND 20),
  category text NOT NULL,
  detail text NOT NULL,
  PRIMARY KEY (complaint, position)
);

CREATE TABLE attachment (
  id uuid PRIMARY KEY,
  complaint uuid NOT NULL REFERENCES complaint (id),
  position integer NOT NULL CHECK (position BETWEEN 1 AND 8),
  -- Empty when sealed, and the type then says nothing: both lie with the sealed text.
  name text NOT NULL,
  media_type text NOT NULL,
  size integer NOT NULL,
  -- Of the encrypted bytes, as the attachment store holds them.
  sha256 bytea NOT NULL,
  UNIQUE (complaint, position)
);

-- Timeline for the citizen, audit trail and outbox at once: rows are only ever added.
CREATE TABLE event (
  id uuid PRIMARY KEY,
  complaint uuid NOT NULL REFERENCES complaint (id),
  at timestamptz NOT NULL,
  kind text NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('complainant', 'office', 'desk', 'system')),
  actor text,
  data jsonb NOT NULL
);
CREATE INDEX event_complaint ON event (complaint, at);

-- Events that have not yet been turned into letters; the postman deletes a row with the same
-- transaction that writes the letters.
CREATE TABLE outbox (
  event uuid PRIMARY KEY REFERENCES event (id),
  at timestamptz NOT NULL
);

CREATE TABLE answer (
  id uuid PRIMARY KEY,
  complaint uuid NOT NULL REFERENCES complaint (id),
  office text NOT NULL,
  round integer NOT NULL,
  done text NOT NULL,
  reply text NOT NULL,
  right_of_reply text NOT NULL,
  at timestamptz NOT NULL,
  -- Two people answering at once: the second gets no row and sees what the first wrote.
  UNIQUE (complaint, round)
);

CREATE TABLE finding (
  answer uuid NOT NULL REFERENCES answer (id),
  position integer NOT NULL,
  finding text NOT NULL CHECK (finding IN
    ('substantiated', 'partly', 'unfounded', 'undetermined', 'exonerated')),
  reason text NOT NULL,
  PRIMARY KEY (answer, position)
);

-- A counter of tries for tracking codes, new links and mails; the bucket is a keyed hash that
-- changes daily, so that no visitor's address can be read from it. Two days of buckets are few, so
-- the sweep reads them all; an index on `since` would cost every filing 64 bytes of log.
CREATE TABLE throttle (
  bucket text PRIMARY KEY,
  since timestamptz NOT NULL,
  n integer NOT NULL
);
