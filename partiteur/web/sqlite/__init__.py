"""SQLite with writers that wait their turn."""
