-- Up to when what is told of sign-ins from new devices was put aside on this device; NULL: up to its
-- last use, as a version of the software before this one leaves it.
ALTER TABLE shared.desk_device ADD COLUMN told_at timestamptz;
