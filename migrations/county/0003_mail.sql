-- Letters: one row per event and recipient. The text is rendered when it is sent and never kept.
CREATE TABLE letter (
  id uuid PRIMARY KEY,
  event uuid NOT NULL REFERENCES event (id),
  complaint uuid NOT NULL REFERENCES complaint (id),
  template text NOT NULL,
  recipient text NOT NULL CHECK (recipient IN ('office', 'complainant', 'desk')),
  office text,
  language text NOT NULL CHECK (language IN ('zh-Hans', 'zh-Hant', 'en')),
  state text NOT NULL CHECK (state IN ('waiting', 'sent', 'given_up', 'dropped')),
  -- Counted at the claim, so that a letter that kills its worker is not tried for ever; whoever
  -- marks the letter must name the count that it claimed.
  attempts integer NOT NULL,
  -- When it is due. A claim moves this to the end of its lease: who dies holding a letter leaves
  -- it due again by itself.
  next_at timestamptz NOT NULL,
  last_error text NOT NULL,
  created_at timestamptz NOT NULL,
  done_at timestamptz,
  UNIQUE (event, recipient)
);
CREATE INDEX letter_waiting ON letter (next_at) WHERE state = 'waiting';
CREATE INDEX letter_given_up ON letter (created_at) WHERE state = 'given_up';
CREATE INDEX letter_complaint ON letter (complaint);

-- An office's way in: sha256 of 256 random bits, for one case and one office.
CREATE TABLE link (
  token_hash bytea PRIMARY KEY,
  complaint uuid NOT NULL REFERENCES complaint (id),
  office text NOT NULL,
  -- The letter that brought it, which may have been swept meanwhile.
  letter uuid,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX link_complaint ON link (complaint);
CREATE INDEX link_expires ON link (expires_at);

-- What the county desk must look at: given-up letters, unidentified persons and so on.
CREATE TABLE desk_task (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  complaint uuid REFERENCES complaint (id),
  letter uuid UNIQUE REFERENCES letter (id),
  created_at timestamptz NOT NULL,
  done_at timestamptz
);
CREATE INDEX desk_task_open ON desk_task (created_at) WHERE done_at IS NULL;
