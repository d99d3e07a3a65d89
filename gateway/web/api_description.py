"""`/openapi.json`: the interface described by its own code (OpenAPI 3.1), for app developers and the page `/api`."""

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse


def description_route(app: FastAPI) -> APIRouter:
    """The route; the description is made at the first request and kept."""
    router = APIRouter()

    @router.get("/openapi.json", response_class=JSONResponse)
    async def get_openapi() -> JSONResponse:
        """This description."""
        return JSONResponse(app.openapi(), headers={"cache-control": "no-cache"})

    return router
