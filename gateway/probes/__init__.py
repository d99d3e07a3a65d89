"""What a gateway needs of its machine, looked at and judged: each probe sees facts, then says what they mean.

A file a probe: a frozen dataclass of what was seen, a function that looks, a pure one that judges.
"""
