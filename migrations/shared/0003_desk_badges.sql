-- Whom of a county's directory a desk user is, so that nobody reads a complaint about himself.
CREATE TABLE shared.desk_badge (
  desk_user uuid NOT NULL REFERENCES shared.desk_user (id),
  county text NOT NULL REFERENCES shared.county (code),
  badge text NOT NULL,
  PRIMARY KEY (desk_user, county)
);
