"""People: one Django app, closed by default. Views read, actions write, `droits` says who may."""
