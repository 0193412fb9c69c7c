-- The limits that a matter had before its present ones: each in force from its day until the next
-- ones are, so that what was accepted then is still measured by them.
CREATE TABLE former_limit (
  matter text NOT NULL REFERENCES matter (code),
  valid_from date NOT NULL,
  statutory_number integer,
  statutory_unit text,
  statutory_basis text NOT NULL,
  promised_number integer,
  promised_unit text,
  after_close text NOT NULL,
  PRIMARY KEY (matter, valid_from)
);
