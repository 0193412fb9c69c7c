"""Signing in to the county desk: passwords, codes, sessions, and who may go where."""
