"""A fleet of gateways without shops: their events, their patience and their count, for a broker and a head office."""
