"""Errors that more than one layer speaks of."""


class StorageUnavailable(Exception):
    """The disk takes nothing now (full, failing, read-only); what was to be written was left out whole.

    `problem` says what the disk answered, `hint` what a person can do. Trying again later may succeed.
    """

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(f"{problem}: {hint}")
        self.problem = problem
        self.hint = hint
