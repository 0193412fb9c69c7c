-- What a county publishes: units, sections, windows, staff, matters, offices, routing, calendar.
-- Codes are the county's own and are what people read, so they are the keys.

-- One row: what the county says about itself (telephones are for people without internet).
CREATE TABLE county_profile (
  code text PRIMARY KEY,
  name text NOT NULL,
  name_en text NOT NULL,
  address text NOT NULL,
  hotline text NOT NULL,
  desk_phone text NOT NULL,
  desk_email text NOT NULL
);

-- Web processes keep directory, routing and calendar in memory and reload when a number moves.
CREATE TABLE data_version (
  kind text PRIMARY KEY CHECK (kind IN ('directory', 'routing', 'calendar')),
  version bigint NOT NULL,
  changed_at timestamptz NOT NULL
);

CREATE TABLE unit (
  code text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN
    ('department', 'town', 'bureau', 'government', 'petition', 'discipline', 'hotline', 'upper')),
  name text NOT NULL,
  name_en text NOT NULL,
  address text NOT NULL,
  phone text NOT NULL,
  hours text NOT NULL,
  functions text NOT NULL,
  -- A badge; no foreign key, because staff point at units and keys here cannot be deferred.
  head_badge text,
  position integer NOT NULL
);

CREATE TABLE section (
  code text PRIMARY KEY,
  unit text NOT NULL REFERENCES unit (code),
  name text NOT NULL,
  name_en text NOT NULL,
  floor text NOT NULL,
  room text NOT NULL,
  phone text NOT NULL,
  duties text NOT NULL,
  position integer NOT NULL
);
CREATE INDEX section_unit ON section (unit);

-- Windows of the service hall.
CREATE TABLE service_window (
  code text PRIMARY KEY,
  name text NOT NULL,
  hall text NOT NULL,
  section text REFERENCES section (code),
  position integer NOT NULL
);

CREATE TABLE staff (
  badge text PRIMARY KEY,
  -- The number as people retype it: NFKC, upper case, no spaces, O as 0, I and L as 1.
  badge_key text NOT NULL UNIQUE,
  placard text,
  placard_key text UNIQUE,
  unit text NOT NULL REFERENCES unit (code),
  section text REFERENCES section (code),
  service_window text REFERENCES service_window (code),
  name text NOT NULL,
  -- The person's own reading where a dictionary guesses wrongly (单 仇 曾); may be empty.
  pinyin text NOT NULL,
  post text NOT NULL,
  rank text NOT NULL CHECK (rank IN
    ('head', 'deputy_head', 'leader', 'chief', 'clerk', 'contracted', 'village', 'operator')),
  duties text NOT NULL,
  superior text,
  since date NOT NULL,
  -- Staff who left stay known for their time.
  until date,
  CHECK (until IS NULL OR until >= since)
);
CREATE INDEX staff_unit ON staff (unit);

CREATE TABLE matter (
  code text PRIMARY KEY,
  unit text NOT NULL REFERENCES unit (code),
  section text REFERENCES section (code),
  name text NOT NULL,
  name_en text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('approval', 'service', 'parallel')),
  statutory_number integer CHECK (statutory_number > 0),
  statutory_unit text CHECK (statutory_unit IN ('working_day', 'calendar_day', 'half_day', 'hour')),
  statutory_basis text NOT NULL,
  promised_number integer CHECK (promised_number > 0),
  promised_unit text CHECK (promised_unit IN ('working_day', 'calendar_day', 'half_day', 'hour')),
  after_close text NOT NULL CHECK (after_close IN ('same_day', 'next_workday')),
  basis text NOT NULL,
  fee text NOT NULL,
  fee_basis text NOT NULL,
  steps text NOT NULL,
  place text NOT NULL,
  valid_from date NOT NULL,
  position integer NOT NULL,
  CHECK ((statutory_number IS NULL) = (statutory_unit IS NULL)),
  CHECK ((promised_number IS NULL) = (promised_unit IS NULL))
);
CREATE INDEX matter_unit ON matter (unit);

CREATE TABLE matter_material (
  matter text NOT NULL REFERENCES matter (code),
  position integer NOT NULL,
  name text NOT NULL,
  copies text NOT NULL,
  note text NOT NULL,
  PRIMARY KEY (matter, position)
);

-- A parallel-approval table: the lead unit (matter.unit) hands on, each unit has its own limit,
-- the lead unit puts together (domain.md R11).
CREATE TABLE parallel_step (
  matter text NOT NULL REFERENCES matter (code),
  position integer NOT NULL,
  role text NOT NULL CHECK (role IN ('hand_on', 'unit', 'put_together')),
  unit text NOT NULL REFERENCES unit (code),
  limit_number integer NOT NULL CHECK (limit_number > 0),
  limit_unit text NOT NULL CHECK (limit_unit IN ('working_day', 'calendar_day', 'half_day', 'hour')),
  PRIMARY KEY (matter, position)
);

-- Receipts as the county's own system knows them; what a citizen types is kept with the complaint.
CREATE TABLE receipt (
  number text PRIMARY KEY,
  number_key text NOT NULL UNIQUE,
  matter text NOT NULL REFERENCES matter (code),
  accepted_at timestamptz NOT NULL,
  decided_at timestamptz
);

-- Each unit's part in the parallel approval of one receipt: when it was handed the file and when it
-- was done; NULL while that has not happened. Its limit stands in parallel_step.
CREATE TABLE receipt_step (
  receipt text NOT NULL REFERENCES receipt (number),
  position integer NOT NULL,
  unit text NOT NULL REFERENCES unit (code),
  started_on date,
  finished_on date,
  PRIMARY KEY (receipt, position),
  CHECK (finished_on IS NULL OR finished_on >= started_on)
);

CREATE TABLE office (
  code text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN
    ('unit', 'town-discipline', 'stationed-discipline', 'bureau', 'government',
     'hotline-supervisor', 'petition', 'discipline', 'discipline-internal', 'upper')),
  unit text REFERENCES unit (code),
  name text NOT NULL,
  name_en text NOT NULL,
  email text NOT NULL,
  phone text NOT NULL,
  address text NOT NULL,
  above text,
  head_badge text
);

CREATE TABLE office_member (
  office text NOT NULL REFERENCES office (code),
  badge text NOT NULL REFERENCES staff (badge),
  PRIMARY KEY (office, badge)
);

-- Kept by the county desk; used by routing at once, in both directions.
CREATE TABLE declared_relative (
  badge text NOT NULL REFERENCES staff (badge),
  relative_badge text NOT NULL REFERENCES staff (badge),
  PRIMARY KEY (badge, relative_badge)
);

CREATE TABLE routing_rule (
  rank integer PRIMARY KEY,
  clause_or_code text NOT NULL,
  subject text NOT NULL,
  unit_kind text NOT NULL,
  receives text NOT NULL,
  hidden_from text NOT NULL,
  why text NOT NULL
);

-- A year that has no row here is unknown, never guessed (R12).
CREATE TABLE calendar_year (
  year integer PRIMARY KEY,
  notice text NOT NULL
);

CREATE TABLE calendar_day (
  day date NOT NULL,
  kind text NOT NULL CHECK (kind IN ('off', 'work', 'closure')),
  note text NOT NULL,
  -- A typhoon may close a make-up working day, so a day can stand here twice.
  PRIMARY KEY (day, kind)
);
