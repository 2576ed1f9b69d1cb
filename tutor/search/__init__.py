"""Search: notes to evidence."""
