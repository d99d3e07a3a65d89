"""The settings document: what head office sets of a gateway, from TOML with the tables of the settings file.

Which tables and keys it may set, and to what, is for `gateway.settings.sent` to say: the options know it themselves.
"""

import tomllib
from typing import Any, Final, Literal

from pydantic import Field

from gateway.documents.form import Form, Name, fill, invalid
from gateway.documents.refusal import DocumentRefused
from gateway.model.documents import SentSettings

DOCUMENT: Final = "settings"


class _Heading(Form):
    document: Literal["settings"]
    serial: int = Field(ge=0)
    tenant: Name | None = None
    store: Name | None = None


def compile_settings(raw: bytes) -> SentSettings:
    """The settings written in `raw`: a heading, and tables.

    Raises:
        DocumentRefused: `malformed`, or `invalid`: the heading is wrong, or what follows it is no table.
    """
    written = _toml(raw)
    heading = fill(_Heading, {key: written.pop(key) for key in _Heading.model_fields if key in written}, DOCUMENT)
    for name, table in written.items():
        if not isinstance(table, dict):
            raise invalid(DOCUMENT, name, "this key is not known", "Write keys below the table they belong to")
    return SentSettings(heading.serial, written, heading.tenant, heading.store)


def _toml(raw: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(raw.decode())
    except ValueError as error:
        problem = f"it is not TOML: {error}"
        raise DocumentRefused("malformed", problem, "Correct it at that place", document=DOCUMENT) from error
