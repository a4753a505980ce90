"""A fictitious territory: one invented département, three invented bailleurs, generated from a seed."""
