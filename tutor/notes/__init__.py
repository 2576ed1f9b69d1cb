"""Notes: text to `Note`."""
