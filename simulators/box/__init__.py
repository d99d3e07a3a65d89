"""A shop in a box: people with goals walk a floor plan, and everything that senses them senses what it would.

One seed is one day. The same day is written to a capture in virtual time, or lived against a running gateway.
"""
