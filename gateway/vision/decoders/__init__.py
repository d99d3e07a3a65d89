"""The libraries that decode codes: one file each, and a line in the registry."""
