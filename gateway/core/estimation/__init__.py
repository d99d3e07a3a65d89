"""Where a visitor is: evidence to a zone and how sure it is, by the best way that a shop's documents allow."""
