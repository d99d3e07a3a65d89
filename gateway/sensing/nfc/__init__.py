"""NFC readers, by PC/SC."""
