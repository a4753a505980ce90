"""Hypothesis without a clock: a loaded machine is no fault of a rule."""

from hypothesis import settings

settings.register_profile("sans_delai", deadline=None)
settings.load_profile("sans_delai")
