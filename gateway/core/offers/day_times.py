"""Times of day: whether one lies between two others, perhaps past midnight."""


def within(span: tuple[str, str], clock: str) -> bool:
    """Whether `clock` (HH:MM) is at or after the first of `span` and before the second; they may run past midnight."""
    begins, ends = span
    if begins <= ends:
        return begins <= clock < ends
    return clock >= begins or clock < ends
