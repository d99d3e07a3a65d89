"""What survives a power cut: database, ledger, outbox, documents, sealed under keys of their day."""
