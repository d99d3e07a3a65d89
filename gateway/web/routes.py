"""The HTTP application: its routes, and how an error looks (RFC 9457)."""

from collections.abc import Callable, Mapping

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from gateway.runtime.health import Health

PROBLEM = "application/problem+json"


def make_app(
    *, health: Health, counters: Callable[[], Mapping[str, object]], ready: Callable[[], bool], version: str
) -> FastAPI:
    """The application. `counters` gives the totals shown beside the conditions; `ready` whether a commit worked yet."""
    app = FastAPI(title="In-store proximity gateway", version=version, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    async def healthz() -> dict[str, object]:
        conditions = [
            {"part": each.part, "code": each.code, "severity": each.severity, "hint": each.hint}
            for each in health.conditions()
        ]
        return {"status": health.status, "version": version, "conditions": conditions, "counters": counters()}

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        if ready():
            return JSONResponse({"ready": True})
        return _problem(503, "not_ready", "The gateway has not written its first commit yet; ask again in a moment.")

    return app


def _problem(status: int, code: str, detail: str) -> JSONResponse:
    document = {"type": "about:blank", "status": status, "code": code, "detail": detail}
    return JSONResponse(document, status_code=status, media_type=PROBLEM)
