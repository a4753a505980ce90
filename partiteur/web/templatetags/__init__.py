"""What templates may call; built into every template by the settings."""
