-- The few tables that all counties of one database share. No foreign key crosses counties.
CREATE TABLE shared.county (
  code text PRIMARY KEY,
  schema_name text NOT NULL UNIQUE,
  name text NOT NULL,
  name_en text NOT NULL,
  -- A request's county comes from its host name; with one county the host is not looked at.
  host text UNIQUE,
  created_at timestamptz NOT NULL
);
