"""Who may ask for what: every route lets in whom the documented table names, and nobody else."""

import re
from pathlib import Path
from typing import Final

from tests.web.shop import ADA, DISPLAY, IT, STAFF, TILL, bearer, open_shop

WIRE: Final = Path(__file__).parents[2] / "docs" / "wire.md"
ROW: Final = re.compile(r"^\| `(GET|POST|PUT|DELETE) (/v1/[^`]+)` \| ([a-z, ]+) \|", re.MULTILINE)
SCOPES: Final = {
    "member": ADA,
    "till": TILL,
    "staff": STAFF,
    "it": IT,
    "display": DISPLAY,
    "visitor": bearer("visitor", None),
}
OPEN: Final = {"anyone", "whoever has a code"}


async def test_each_route_lets_in_whom_the_table_names(tmp_path: Path) -> None:
    rows = {(method, path): set(who.split(", ")) for method, path, who in ROW.findall(WIRE.read_text())}
    assert len(rows) > 25
    async with open_shop(tmp_path) as shop:
        for (method, path), who in rows.items():
            address, let_in = re.sub(r"\{[^}]*\}", "x", path), who & set(SCOPES)
            for scope, credential in SCOPES.items():
                if scope in let_in and path == "/v1/live":
                    continue  # a stream, which does not end: its own tests read it
                async with shop.client(credential) as client:
                    answer = await client.request(method, address)
                refused = answer.status_code == 403 and answer.json()["code"] == "forbidden"
                assert refused == (not who <= OPEN and scope not in let_in), (method, path, scope)
            async with shop.client() as client:
                unknown = (await client.request(method, address)).status_code == 401
            assert unknown == (not who & OPEN), (method, path)
