-- What a county words itself in its letters; what has no row is said in the default words.
CREATE TABLE message_text (
  key text NOT NULL,
  language text NOT NULL CHECK (language IN ('zh-Hans', 'zh-Hant', 'en')),
  -- 0 for one (or all), 1 for many, of words that count something.
  form integer NOT NULL CHECK (form IN (0, 1)),
  wording text NOT NULL,
  changed_at timestamptz NOT NULL,
  -- A user of the desk.
  changed_by uuid NOT NULL,
  PRIMARY KEY (key, language, form)
);

-- Every process looks at these numbers every few seconds, and reads anew what has moved.
ALTER TABLE data_version DROP CONSTRAINT data_version_kind_check;
ALTER TABLE data_version ADD CONSTRAINT data_version_kind_check
  CHECK (kind IN ('directory', 'routing', 'calendar', 'limits', 'texts'));
