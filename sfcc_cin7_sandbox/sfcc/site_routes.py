"""The sites of the organisation, as the Data API lists them: GET /sites and GET /sites/{id}."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.merchant.world import Site, World
from sfcc_cin7_sandbox.sfcc.gate import DATA, Call, Gate
from sfcc_cin7_sandbox.sfcc.problems import OCAPI_VERSION, Fault, answer

SITES = DATA + "/sites"


class SiteRoutes:
    """Serves what the world has."""

    def __init__(self, world: World, gate: Gate) -> None:
        self._sites = {site.id: site for site in world.sites}
        self._gate = gate

    @property
    def routes(self) -> list[BaseRoute]:
        return [
            Route(SITES, self._gate.ocapi(self._list), methods=["GET"]),
            Route(SITES + "/{site_id}", self._gate.ocapi(self._get), methods=["GET"]),
        ]

    def _list(self, call: Call) -> Response:
        asked = call.request.query_params
        try:
            start, count = int(asked.get("start", "0")), int(asked.get("count", "25"))
        except ValueError:
            start = count = -1
        if start < 0 or not 1 <= count <= 200:
            raise Fault(400, "MalformedParameterException", "count is 1 to 200, start 0 or more.")
        page = list(self._sites.values())[start : start + count]
        return answer(
            {
                "_v": OCAPI_VERSION,
                "_type": "sites",
                "count": len(page),
                "data": [_shown(site, call) for site in page],
                "start": start,
                "total": len(self._sites),
            }
        )

    def _get(self, call: Call) -> Response:
        site_id = call.path("site_id")
        if site_id not in self._sites:
            raise Fault(404, "SiteNotFoundException", f"No site '{site_id}'.", siteId=site_id)
        return answer({"_v": OCAPI_VERSION, **_shown(self._sites[site_id], call)})


def _shown(site: Site, call: Call) -> dict[str, Any]:
    base = SITES.format(version=call.path("version"))
    return {
        "_type": "site",
        "id": site.id,
        "display_name": {"default": site.id},
        "link": f"{base}/{site.id}",
        "storefront_status": "online",
    }
