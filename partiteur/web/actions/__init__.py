"""The acts: the only writers. Each is keyword-only, asks a permission of `par`, and is one transaction."""
