"""What a guest is shown: prices by the Shopper Products API, each by its price book."""

from collections.abc import Sequence

import httpx

from sfcc_cin7.systems.http import retries
from sfcc_cin7.systems.http.answers import parse
from sfcc_cin7.systems.http.errors import Refused
from sfcc_cin7.systems.http.outcomes import Call, exchange
from sfcc_cin7.systems.sfcc.documents import ShownPrice
from sfcc_cin7.systems.sfcc.token import GuestToken
from sfcc_cin7.systems.sfcc.wire import Wire, rows_of

MOST_AT_ONCE = 24
"""Products of one call (Shopper Products API)."""


class ShopperCalls(Wire):
    """Products as guests see them. It needs a client of its own (`reads_prices`)."""

    @property
    def reads_prices(self) -> bool:
        """Whether the connection has a client for it."""
        return self._connection.reads_prices

    def shown_prices(self, site: str, currency: str, ids: Sequence[str]) -> dict[str, ShownPrice]:
        """GET /products: what a guest of a site is asked for these products (24 at most), by id.
        What is offline, or not there, is left out."""
        call, url = self._call("GET", self._connection.shopper_products_url, "/products")
        params = {
            "ids": ",".join(ids),
            "siteId": site,
            "currency": currency,
            "expand": "prices",
            "perPricebook": "true",
        }
        answer = retries.read(lambda: self._as_guest(call, url, site, params), self._clock.sleep)
        rows, _total = rows_of(call, answer, "data")
        shown = [parse(call, ShownPrice, row) for row in rows]
        return {each.id: each for each in shown}

    def _as_guest(self, call: Call, url: str, site: str, params: dict[str, str]) -> object:
        """Send once; a token that is not accepted any more is renewed once."""
        held = self._guest(site)
        token = held.current()
        try:
            return exchange(self._http, call, self._shopping(call, url, token, params))
        except Refused as error:
            if error.status != 401:
                raise
        renewed = held.current(refused=token)
        return exchange(self._http, call, self._shopping(call, url, renewed, params))

    def _shopping(self, call: Call, url: str, token: str, params: dict[str, str]) -> httpx.Request:
        return self._request(call, url, token, {"Accept": "application/json"}, None, params)

    def _guest(self, site: str) -> GuestToken:
        if site not in self._guest_tokens:
            self._guest_tokens[site] = GuestToken(
                self._http, self._connection, self._clock, self._new_id, site
            )
        return self._guest_tokens[site]
