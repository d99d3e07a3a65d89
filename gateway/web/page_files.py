"""The pages: files of this package, read once, served with a strict policy; nothing is loaded from elsewhere."""

import gzip
import re
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER: Final = Path(__file__).parent / "pages"
PAGES: Final = {"/m/{marker}": "shopper.html", "/": "index.html", "/live": "live.html", "/api": "api/index.html"}
"""Addresses that people type, and their files. Every file is also at `/pages/` and its path."""
FILMS: Final = "shopper.html"
"""The one page that may ask for a camera."""
MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}


def policy(simulator: str | None) -> str:
    """The Content-Security-Policy (CSP level 3) of the pages, which may also speak to `simulator`."""
    connect = "'self'" if simulator is None else f"'self' {simulator}"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src {connect}; manifest-src 'self'; worker-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )


def page_routes(simulator: str | None, folder: Path = FOLDER) -> list[Route]:
    """A route for every file in `folder` whose kind is known, and the addresses that people type."""
    csp = policy(simulator)
    files = sorted(each for each in folder.rglob("*") if each.is_file() and each.suffix in MEDIA_TYPES)
    served = {each.relative_to(folder).as_posix(): _PageFile(each, csp) for each in files}
    routes = [Route(f"/pages/{name}", page.answer, methods=["GET"]) for name, page in served.items()]
    typed = [Route(path, served[name].answer, methods=["GET"]) for path, name in PAGES.items() if name in served]
    return routes + typed


class _PageFile:
    """One file, answered from memory, packed to who can unpack it; who has it already gets 304 (RFC 9110, 13.1.2)."""

    def __init__(self, path: Path, csp: str) -> None:
        self._content = path.read_bytes()
        self._packed = gzip.compress(self._content, mtime=0)
        self._media_type = MEDIA_TYPES[path.suffix]
        self._headers = {
            "etag": f'W/"{sha256(self._content).hexdigest()[:32]}"',
            "cache-control": "no-cache",
            "vary": "accept-encoding",
            "content-security-policy": csp,
        }
        if path.name == FILMS:
            self._headers["permissions-policy"] = "camera=(self), geolocation=(), microphone=()"

    async def answer(self, request: Request) -> Response:
        """The file, or 304 to who names its entity tag."""
        if self._headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=self._headers)
        if not _unpacks(request.headers.get("accept-encoding", "")):
            return Response(self._content, headers=self._headers, media_type=self._media_type)
        packed = self._headers | {"content-encoding": "gzip"}
        return Response(self._packed, headers=packed, media_type=self._media_type)


def _unpacks(accepted: str) -> bool:
    """Whether gzip is among what an `Accept-Encoding` names, and not as what is not wanted (`q=0`)."""
    named = (each.partition(";") for each in accepted.replace(" ", "").lower().split(","))
    return any(coding == "gzip" and not re.fullmatch(r"q=0(\.0*)?", weight) for coding, _, weight in named)
