"""Head office's documents: verified against trusted keys, compiled to values."""
