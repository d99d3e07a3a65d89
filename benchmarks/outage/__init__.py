"""The parts of the backlog's benchmark: the outbox of a long outage, the shop that drains it, who takes it."""
