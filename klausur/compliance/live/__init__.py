"""A meeting that is held in a real browser, and what is seen of it."""
