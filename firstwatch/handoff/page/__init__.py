"""The parts of the engineer's page, by subject."""
