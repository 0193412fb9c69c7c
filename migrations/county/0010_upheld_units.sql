-- The unit of each upheld complaint beside its person, so that three against different people of
-- one unit are found as well. NULL where the running version before this one wrote the row.
ALTER TABLE upheld ADD COLUMN unit text;
UPDATE upheld SET unit = (SELECT c.unit FROM complaint AS c WHERE c.id = upheld.complaint);
CREATE INDEX upheld_unit ON upheld (unit, at);
CREATE INDEX supervision_subject ON supervision (subject) WHERE closed_at IS NULL;
