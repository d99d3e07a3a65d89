"""A head office that consumes: events into PostgreSQL, once each, and acks for what is stored without a hole."""
