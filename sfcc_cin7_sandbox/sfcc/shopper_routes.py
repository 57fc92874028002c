"""What a shopper sees of products: the Shopper Products API, and guest tokens for it (SLAS).

`perPricebook` lists under `tieredPrices` what each applicable price book asks for a product, by
least quantity; `price` is the lowest of them for a single unit (Shopper Products; ProductPriceModel
of the Script API). A product that is offline, or that there is none of, is left out of the answer.
"""

import base64
import binascii
import hmac
import secrets
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote_plus
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.merchant.world import Site, World
from sfcc_cin7_sandbox.sfcc.order_query import check_known
from sfcc_cin7_sandbox.sfcc.price_books import PriceBooks
from sfcc_cin7_sandbox.sfcc.problems import Problem, answer
from sfcc_cin7_sandbox.sfcc.products import Products
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings

TOKENS = "/shopper/auth/v1/organizations/{organization}/oauth2/token"
PRODUCTS = "/product/shopper-products/v1/organizations/{organization}/products"
PARAMETERS = frozenset({"ids", "siteId", "currency", "perPricebook", "expand", "locale"})
MOST_IDS = 24
LIFETIME = 1800
SCOPE = "sfcc.shopper-products"


class ShopperRoutes:
    """Serves guests of a private client; a token is good for the site that it was asked for."""

    def __init__(
        self,
        world: World,
        products: Products,
        prices: PriceBooks,
        clock: Clock,
        faults: Faults,
        settings: SfccSettings,
    ) -> None:
        self._sites = {site.id: site for site in world.sites}
        self._products = products
        self._prices = prices
        self._clock = clock
        self._faults = faults
        self._settings = settings
        self._guests: dict[str, tuple[str, datetime]] = {}

    @property
    def routes(self) -> list[BaseRoute]:
        return [
            Route(TOKENS, self._token, methods=["POST"]),
            Route(PRODUCTS, self._list, methods=["GET"]),
        ]

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        if not self._authentic(request.headers.get("authorization", "")):
            return answer({"status_code": "401", "message": "Client authentication failed"}, 401)
        site = str(form.get("channel_id", ""))
        if form.get("grant_type") != "client_credentials" or site not in self._sites:
            return answer({"status_code": "400", "message": "channel_id is invalid"}, 400)
        token = secrets.token_urlsafe(24)
        now = self._clock.now()
        self._guests[token] = (site, now)
        return answer(
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": LIFETIME,
                "scope": SCOPE,
                "usid": str(uuid4()),
            }
        )

    async def _list(self, request: Request) -> Response:
        correlation_id = request.headers.get("correlation-id") or str(uuid4())
        try:
            response = self._listed(request)
        except Problem as problem:
            response = problem.response(correlation_id)
        response.headers["x-correlation-id"] = correlation_id
        return response

    def _listed(self, request: Request) -> Response:
        if self._faults.hit("sfcc.429"):
            raise Problem(429, "too-many-requests", "Too many requests. Try again later.")
        query = request.query_params
        site = self._entitled(request)
        check_known(query, PARAMETERS)
        currency = query.get("currency", site.currency)
        if currency != site.currency:
            raise Problem(400, "unsupported-currency", f"The site does not sell in {currency}.")
        ids = [each for each in query.get("ids", "").split(",") if each]
        if not 1 <= len(ids) <= MOST_IDS:
            raise Problem(400, "invalid-ids", f"'ids' names 1 to {MOST_IDS} products.")
        per_book = query.get("perPricebook", "false") == "true" and self._settings.prices_by_book
        rows = [
            self._shown(site, product_id, per_book)
            for product_id in ids
            if (known := self._products.get(product_id)) is not None and known["online"]
        ]
        return answer({"limit": len(rows), "total": len(rows), "data": rows})

    def _shown(self, site: Site, product_id: str, per_book: bool) -> dict[str, Any]:
        row: dict[str, Any] = {"id": product_id, "currency": site.currency}
        by_book = self._prices.shown(site, product_id)
        singles = [found for prices in by_book.values() if (found := _single(prices)) is not None]
        if singles:
            row["price"] = min(singles)
        if per_book:
            row["tieredPrices"] = [
                {"pricebook": book, "quantity": least, "price": amount}
                for book, prices in by_book.items()
                for least, amount in sorted(prices.items())
            ]
        return row

    def _entitled(self, request: Request) -> Site:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        held = self._guests.get(token) if scheme.lower() == "bearer" else None
        if held is None or (self._clock.now() - held[1]).total_seconds() >= LIFETIME:
            raise Problem(401, "invalid-access-token", "The access token is invalid or expired.")
        if request.path_params["organization"] != self._settings.organization:
            raise Problem(403, "forbidden", "Access denied.")
        site_id = request.query_params.get("siteId")
        if site_id not in self._sites:
            raise Problem(404, "site-not-found", f"No site '{site_id}'.")
        if site_id != held[0]:
            raise Problem(403, "forbidden", "The token was issued for another site.")
        return self._sites[site_id]

    def _authentic(self, authorization: str) -> bool:
        scheme, _, encoded = authorization.partition(" ")
        try:
            decoded = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        client, _, secret = decoded.partition(":")
        return (
            scheme.lower() == "basic"
            and hmac.compare_digest(unquote_plus(client), self._settings.shopper_client_id)
            and hmac.compare_digest(unquote_plus(secret), self._settings.shopper_client_secret)
        )


def _single(prices: dict[Decimal, Decimal]) -> Decimal | None:
    least = [quantity for quantity in prices if quantity <= 1]
    return prices[max(least)] if least else None
