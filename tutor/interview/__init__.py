"""Interview: turns to the next move."""
