"""Numbered SQL files, forward only: `shared/` once a database, `county/` once a county schema."""
