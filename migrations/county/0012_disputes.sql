-- Two lists of the desk, each along an index of what it shows and nothing else: disputes no longer
-- among all that waits there, sealed cases without a receipt no longer among those that have one.
CREATE INDEX complaint_disputed ON complaint (next_at)
  WHERE state = 'disputed' AND owner = 'desk' AND next_at IS NOT NULL;
DROP INDEX complaint_sealed;
CREATE INDEX complaint_sealed ON complaint (next_at)
  WHERE sealed AND next_at IS NOT NULL
    AND state IN ('received', 'accepted', 'dispatched', 'handed_over');
