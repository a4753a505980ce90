"""How dates and numbers are written where Django's French differs from ours."""
