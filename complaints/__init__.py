"""A complaint from intake to archive; knows the board below it and nothing above it."""
