"""A document that is not taken, and why, in words for the person who sent it."""

from gateway.model.health import Condition


class DocumentRefused(Exception):
    """The document is not taken and nothing changed.

    `code` is stable, `problem` says what is wrong, `hint` what to do; `document` is the document's name or its
    file's, and `key` the path to what is wrong (`zones[2].polygon`), empty where it is the whole.
    """

    def __init__(self, code: str, problem: str, hint: str, *, document: str = "", key: str = "") -> None:
        self.code = code
        self.problem = problem
        self.hint = hint
        self.document = document
        self.key = key
        place = ": ".join(part for part in (document, key) if part)
        super().__init__(f"{place + ': ' if place else ''}{problem}. {hint}.")

    def condition(self, part: str) -> Condition:
        """What health says of `part` for it."""
        said = f"{self.key}: {self.problem}" if self.key else self.problem
        return Condition(part, self.code, "warning", str(self), {"said": said})

    def within(self, file: str) -> "DocumentRefused":
        """The same refusal, said of the file that the document was read from."""
        return DocumentRefused(self.code, self.problem, self.hint, document=file, key=self.key)
