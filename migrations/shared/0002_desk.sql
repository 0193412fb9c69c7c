-- Who may sign in to the desk. Users can serve several counties, so these tables are shared.
ALTER TABLE shared.county ADD COLUMN require_totp boolean NOT NULL DEFAULT false;

CREATE TABLE shared.desk_user (
  id uuid PRIMARY KEY,
  login text NOT NULL,
  -- NFKC, case folded: what two people would take for the same login is the same login.
  login_key text NOT NULL UNIQUE,
  name text NOT NULL,
  password_hash text NOT NULL,
  language text NOT NULL CHECK (language IN ('zh-Hans', 'zh-Hant', 'en')),
  must_change boolean NOT NULL,
  -- Encrypted under GATEWAY_SECRET_KEY; null: no code app.
  totp_secret bytea,
  -- The newest half minute whose code was used: a code works once.
  totp_used_step bigint NOT NULL,
  created_at timestamptz NOT NULL,
  disabled_at timestamptz
);

CREATE TABLE shared.desk_role (
  desk_user uuid NOT NULL REFERENCES shared.desk_user (id),
  county text NOT NULL REFERENCES shared.county (code),
  role text NOT NULL
    CHECK (role IN ('operator', 'moderator', 'counter', 'supervisor', 'administrator')),
  PRIMARY KEY (desk_user, county, role)
);
CREATE INDEX desk_role_county ON shared.desk_role (county, desk_user);

CREATE TABLE shared.desk_session (
  -- SHA-256 of 256 random bits; the token itself is in the browser alone.
  token_hash bytea PRIMARY KEY,
  desk_user uuid NOT NULL REFERENCES shared.desk_user (id),
  county text NOT NULL REFERENCES shared.county (code),
  created_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  ended_at timestamptz,
  agent text NOT NULL,
  totp_passed boolean NOT NULL,
  new_device boolean NOT NULL,
  -- Somebody signed in from a new device; shown here until it is put aside.
  notice_at timestamptz,
  notice_agent text
);
CREATE INDEX desk_session_user ON shared.desk_session (desk_user) WHERE ended_at IS NULL;
CREATE INDEX desk_session_seen ON shared.desk_session (seen_at);

CREATE TABLE shared.desk_device (
  token_hash bytea NOT NULL,
  desk_user uuid NOT NULL REFERENCES shared.desk_user (id),
  last_at timestamptz NOT NULL,
  PRIMARY KEY (token_hash, desk_user)
);
CREATE INDEX desk_device_last ON shared.desk_device (last_at);

CREATE TABLE shared.desk_try (
  -- A keyed hash of a login, a network or a device, new every day.
  bucket text PRIMARY KEY,
  n integer NOT NULL,
  free_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL
);
CREATE INDEX desk_try_last ON shared.desk_try (last_at);

-- Only ever added to. No addresses.
CREATE TABLE shared.desk_log (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  -- Null: the command line of the machine.
  actor uuid REFERENCES shared.desk_user (id),
  kind text NOT NULL,
  about uuid REFERENCES shared.desk_user (id),
  county text REFERENCES shared.county (code),
  data jsonb NOT NULL
);
CREATE INDEX desk_log_about ON shared.desk_log (about, at);
CREATE INDEX desk_log_county ON shared.desk_log (county, at);
