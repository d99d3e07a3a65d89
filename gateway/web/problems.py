"""Errors as problem documents (RFC 9457): a stable `code`, a status that follows from it, and what to do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.inbox import InboxClosed, TooManyAsks

MEDIA_TYPE: Final = "application/problem+json"

PROBLEMS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "bad_request": 400,
        "malformed": 400,
        "unauthorised": 401,
        "bad_code": 401,
        "forbidden": 403,
        "cross_origin": 403,
        "not_recognised": 403,
        "not_found": 404,
        "method_not_allowed": 405,
        "slow_request": 408,
        "not_redeemed": 409,
        "not_served": 409,
        "too_large": 413,
        "invalid": 422,
        "idempotency_reused": 422,
        "too_many_requests": 429,
        "too_many_attempts": 429,
        "internal": 500,
        "not_ready": 503,
        "busy": 503,
        "stopping": 503,
        "storage_unavailable": 503,
        "too_many_streams": 503,
        "too_many_connections": 503,
    }
)
"""Every code of a problem document and the status it comes with."""

_OF_STATUS: Final = {400: "malformed", 404: "not_found", 405: "method_not_allowed"}
_DETAILS: Final = {
    "malformed": "The body is not readable as JSON in UTF-8, or nested too deep.",
    "not_found": "There is nothing at this address; /openapi.json lists what there is.",
    "method_not_allowed": "This address does not take this method; the header Allow names those it takes.",
}
RETRY_S: Final = 1


class Problem(Exception):
    """A request is refused: `code` is one of `PROBLEMS`, `detail` a sentence that says why and what to do.

    `retry_after_s` tells the asker when it makes sense to ask again (whole seconds); `reason` is why, as a code, where
    the code alone does not say it.
    """

    def __init__(self, code: str, detail: str, *, retry_after_s: int | None = None, reason: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.reason = reason

    @property
    def status(self) -> int:
        """The HTTP status."""
        return PROBLEMS[self.code]


class WrongField(BaseModel):
    """One thing that is wrong with a request's fields."""

    at: str = Field(description="Where: `body.seen[2].rssi_dbm`.")
    problem: str


class ProblemDocument(BaseModel):
    """What an error looks like (RFC 9457)."""

    type: str = "about:blank"
    status: int
    code: str = Field(description="Stable; documented with the routes.")
    detail: str
    reason: str | None = Field(
        default=None, description="Of `not_redeemed` and `not_served`: why; documented with the routes."
    )
    errors: list[WrongField] | None = None


def respond(problem: Problem, *, close: bool = False, errors: list[dict[str, str]] | None = None) -> JSONResponse:
    """The response that a problem is; `close` ends the connection after it."""
    document: dict[str, Any] = {"type": "about:blank", "status": problem.status, "code": problem.code}
    document["detail"] = problem.detail
    if problem.reason is not None:
        document["reason"] = problem.reason
    if errors is not None:
        document["errors"] = errors
    headers = {"connection": "close"} if close else {}
    if problem.status == 401:
        headers["www-authenticate"] = "Bearer"
    if problem.retry_after_s is not None:
        headers["retry-after"] = str(problem.retry_after_s)
    return JSONResponse(document, problem.status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make `app` answer every error with a problem document."""
    app.add_exception_handler(Problem, _refused)
    app.add_exception_handler(HTTPException, _standard)
    app.add_exception_handler(RequestValidationError, _wrong_fields)
    app.add_exception_handler(StorageUnavailable, _unavailable)
    app.add_exception_handler(TooManyAsks, _unavailable)
    app.add_exception_handler(InboxClosed, _unavailable)


async def _refused(_: Request, problem: Exception) -> JSONResponse:
    assert isinstance(problem, Problem)  # noqa: S101 - what it is registered for
    return respond(problem)


async def _standard(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    code = _OF_STATUS.get(error.status_code, "bad_request")
    response = respond(Problem(code, _DETAILS.get(code, "The request cannot be understood.")))
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


async def _wrong_fields(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is registered for
    if any(each["type"] == "json_invalid" for each in error.errors()):
        return respond(Problem("malformed", _DETAILS["malformed"]))
    errors = [{"at": _place(each["loc"]), "problem": str(each["msg"])} for each in error.errors()[:20]]
    return respond(Problem("invalid", "Some fields are missing, unknown or wrong; see errors."), errors=errors)


async def _unavailable(_: Request, error: Exception) -> JSONResponse:
    code = {StorageUnavailable: "storage_unavailable", TooManyAsks: "busy"}.get(type(error), "stopping")
    detail = {
        "storage_unavailable": "The gateway cannot write now. Ask again in a moment, with the same Idempotency-Key.",
        "busy": "Too many requests wait for an answer. Ask again in a moment.",
        "stopping": "The gateway is stopping. Ask again in a minute.",
    }[code]
    return respond(Problem(code, detail, retry_after_s=RETRY_S))


def _place(loc: tuple[int | str, ...]) -> str:
    text = ""
    for step in loc:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
