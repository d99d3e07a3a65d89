"""Settings that head office sends: a heading and tables, as the settings file has them."""

import pytest

from gateway.documents.refusal import DocumentRefused
from gateway.documents.settings import compile_settings
from gateway.model.documents import SentSettings

HEADING = 'document = "settings"\nserial = 3\n'


def test_tables_are_taken_as_written() -> None:
    raw = HEADING + 'tenant = "acme"\nstore = "0042"\n[logs]\nlevel = "warning"\n[presence]\nvisit_gap_s = 600\n'
    tables: dict[str, dict[str, object]] = {"logs": {"level": "warning"}, "presence": {"visit_gap_s": 600}}
    assert compile_settings(raw.encode()) == SentSettings(3, tables, "acme", "0042")


@pytest.mark.parametrize(
    ("raw", "code", "key"),
    [
        ("document = ", "malformed", ""),
        ("serial = 3", "invalid", "document"),
        ('document = "settings"\nserial = -1', "invalid", "serial"),
        (HEADING + 'level = "warning"', "invalid", "level"),
    ],
)
def test_what_is_no_settings_document_is_refused_by_key(raw: str, code: str, key: str) -> None:
    with pytest.raises(DocumentRefused) as caught:
        compile_settings(raw.encode())
    assert (caught.value.code, caught.value.key) == (code, key)
