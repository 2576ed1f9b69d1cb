"""Progress: what survives, and what to practise next."""
