"""Which campaign fires for a moment, for whom, and why not."""
