"""One module a kind of row; each says what is measured beside what, with its goal."""
