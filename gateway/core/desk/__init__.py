"""The desk: orders fetched, help given, tickets, returns, slips and prices, each from what is asked to its event."""
