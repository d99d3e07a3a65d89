"""A document fetched by HTTPS into a file: what is there already is not fetched again, and never more than announced.

What comes is not believed until its digest is the one that was signed: the server is trusted with nothing but our time.
"""

import hashlib
import os
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from gateway.documents.refusal import DocumentRefused
from gateway.documents.verify import check_content
from gateway.runtime.files import replace_file, sync_directory
from gateway.runtime.tls import client_context

SILENT_S: Final = 30.0
"""A server that says nothing for so long (seconds) is gone."""
PAUSES_S: Final = (0.2, 1.0, 3.0, 10.0)
"""Between attempts that brought nothing new; one that brought something begins them anew (seconds)."""

_PIECE: Final = 1 << 16
_ETAG_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fetched, and what is known of it: only exactly that is taken."""

    name: str
    url: str
    size: int
    digest: str
    ca: Path | None = None


class Unreachable(Exception):
    """The server could not be asked, or broke off: what came is kept, and asking again goes on from there."""


def fetch(wanted: Wanted, path: Path, pauses_s: tuple[float, ...] = PAUSES_S, silent_s: float = SILENT_S) -> None:
    """Bring what is `wanted` to `path`, durably; a part of it is kept beside, also when this process is killed.

    Proxies are those of the environment.

    Raises:
        DocumentRefused: `bad_url`, `not_there` (the server says so), `wrong_size`, `wrong_digest`, `missing`.
        Unreachable: after every pause.
        OSError: the disk did not take it.
    """
    part = Part(path)
    opener = _opener(wanted)
    left = iter(pauses_s)
    problem = ""
    while part.size < wanted.size:
        before = part.size
        try:
            _go_on(wanted, part, opener, silent_s)
        except (URLError, HTTPException, TimeoutError, ConnectionError, ssl.SSLError) as error:
            problem = _words(error)
        else:
            problem = "it broke off"
        if part.size < wanted.size:
            left = iter(pauses_s) if part.size > before else left
            _wait(left, wanted, problem)
    digest = part.digest()
    if digest != wanted.digest:
        part.forget()
        check_content(wanted.name, wanted.size, wanted.digest, wanted.size, digest)
    part.complete()


class Part:
    """What has come so far, in a file beside the place of the whole, and the server's word for its version."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._tag = path.with_name(f"{path.name}.etag")

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return self._part.stat().st_size if self._part.exists() else 0

    @property
    def tag(self) -> str:
        """The strong ETag of what they are of; empty where the server gave none, and then nothing is resumed."""
        return self._tag.read_text() if self._tag.exists() else ""

    def begin(self, tag: str) -> None:
        """Start anew."""
        self.forget()
        if tag:
            replace_file(self._tag, tag.encode())

    def writer(self) -> IO[bytes]:
        """To write what comes next."""
        return os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb")

    def digest(self) -> str:
        """`sha256:` and hex of what there is."""
        with self._part.open("rb") as file:
            return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()

    def complete(self) -> None:
        """It is whole: durable under its own name from now on."""
        with self._part.open("rb") as file:
            os.fsync(file.fileno())
        self._part.replace(self._path)
        self._tag.unlink(missing_ok=True)
        sync_directory(self._path.parent)

    def forget(self) -> None:
        """Nothing of it is of use."""
        self._part.unlink(missing_ok=True)
        self._tag.unlink(missing_ok=True)


def _go_on(wanted: Wanted, part: Part, opener: urllib.request.OpenerDirector, silent_s: float) -> None:
    """One request, from where the part ends."""
    request = urllib.request.Request(wanted.url, headers={"Accept-Encoding": "identity"})  # noqa: S310 - checked: https
    if part.size and part.tag:
        request.add_header("Range", f"bytes={part.size}-")
        request.add_header("If-Range", part.tag)
    try:
        with opener.open(request, timeout=silent_s) as response:
            if response.status != 206 or not _continues(response, part.size, wanted.size):
                part.begin(_tag_of(response))
            _write(response, part, wanted)
    except HTTPError as error:
        error.close()
        if error.code == 416:
            part.forget()
        elif error.code in {401, 403, 404, 410}:
            problem = f"the server answers {error.code} where the document should be"
            raise DocumentRefused("not_there", problem, "Put it there and send the manifest again") from error
        elif 300 <= error.code < 400:
            raise _elsewhere() from error
        else:
            raise


def _write(response: HTTPResponse, part: Part, wanted: Wanted) -> None:
    size = part.size
    with part.writer() as file:
        for piece in _pieces(response):
            size += len(piece)
            if size > wanted.size:
                part.forget()
                problem = f"its server sends more than the {wanted.size} bytes of its manifest"
                raise DocumentRefused("wrong_size", problem, "Send document and manifest again, together")
            file.write(piece)


def _pieces(response: HTTPResponse) -> Iterator[bytes]:
    while piece := response.read1(_PIECE):
        yield piece


def _continues(response: HTTPResponse, start: int, size: int) -> bool:
    return response.headers.get("Content-Range", "").replace(" ", "").startswith(f"bytes{start}-{size - 1}/")


def _tag_of(response: HTTPResponse) -> str:
    tag = response.headers.get("ETag", "")
    return tag if tag.startswith('"') and len(tag) < _ETAG_CHARACTERS and tag.isascii() else ""


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only where the first request could have gone itself: the same host and port, by HTTPS."""

    def redirect_request(
        self, request: urllib.request.Request, file: Any, code: int, message: str, headers: Any, url: str
    ) -> urllib.request.Request | None:
        before, after = urlsplit(request.full_url), urlsplit(url)
        if (before.scheme, before.netloc) != (after.scheme, after.netloc):
            file.close()
            raise _elsewhere()
        return super().redirect_request(request, file, code, message, headers, url)


def _elsewhere() -> DocumentRefused:
    problem = "its server redirects to another host or scheme"
    return DocumentRefused("bad_url", problem, "Name the place where the document is")


def _opener(wanted: Wanted) -> urllib.request.OpenerDirector:
    parts = urlsplit(wanted.url)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        problem = "its url is not of the form https://HOST[:PORT]/PATH"
        raise DocumentRefused("bad_url", problem, "Serve it by HTTPS, with no password in the url")
    try:
        context = client_context(wanted.ca)
    except OSError as error:
        problem = f"the file of [trust] ca cannot be used ({error.strerror or 'it is no certificate'})"
        raise DocumentRefused("missing", problem, "Correct trust.ca") from error
    return urllib.request.build_opener(
        urllib.request.ProxyHandler(), urllib.request.HTTPSHandler(context=context), _SameHost()
    )


def _wait(left: Iterator[float], wanted: Wanted, problem: str, sleep: Callable[[float], None] = time.sleep) -> None:
    pause_s = next(left, None)
    if pause_s is None:
        msg = f"the server {urlsplit(wanted.url).hostname} gives no more of it: {problem}"
        raise Unreachable(msg)
    sleep(pause_s)


def _words(error: Exception) -> str:
    """What went wrong, without the url: it may hold a secret."""
    if isinstance(error, HTTPError):
        return f"it answers {error.code}"
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({reason.verify_message})"
    if isinstance(reason, TimeoutError):
        return "it says nothing"
    return getattr(reason, "strerror", None) or type(reason).__name__
