"""The access token: fetched once for all threads, and again before it runs out."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from sfcc_cin7.systems.http import retries
from sfcc_cin7.systems.http.errors import Refused
from sfcc_cin7.systems.http.outcomes import Call, exchange, unreadable
from sfcc_cin7.systems.sfcc.connection import SfccConnection
from sfcc_cin7.values.clock import Clock

OPERATION = "POST /dwsso/oauth2/access_token"
REFRESH_EARLY = timedelta(seconds=90)
"""Longer than a call may take, so that a token does not run out under way."""


class AccessToken:
    """A client-credentials token of Account Manager. One thread fetches it, the others wait."""

    operation = OPERATION

    def __init__(
        self,
        http: httpx.Client,
        connection: SfccConnection,
        clock: Clock,
        new_id: Callable[[], str],
        scope: str,
    ) -> None:
        self._http = http
        self._connection = connection
        self._clock = clock
        self._new_id = new_id
        self._scope = scope
        self._lock = threading.Lock()
        self._held: tuple[str, datetime] | None = None  # and until when it is good

    def current(self, refused: str | None = None) -> str:
        """A token to use now; `refused` is one that the API did not accept although it seemed good.

        Raises:
            Refused: the credentials or the scopes are not accepted; the message names what to fix.
            Unavailable: Account Manager does not answer.
        """
        with self._lock:
            held = self._held
            if held is None or self._clock.now() >= held[1] or held[0] == refused:
                held = self._held = self._fetch()
            return held[0]

    def _fetch(self) -> tuple[str, datetime]:
        call = Call("sfcc", self.operation, "read", self._new_id())
        try:
            answer = retries.read(
                lambda: exchange(self._http, call, self._request()), self._clock.sleep
            )
        except Refused as error:
            raise Refused(
                "sfcc",
                call.operation,
                error.status,
                self._advice(error),
                error.correlation_id,
                error.code,
            ) from None
        token = answer.get("access_token") if isinstance(answer, dict) else None
        lifetime = answer.get("expires_in") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not isinstance(lifetime, int):
            raise unreadable(call, "access_token, expires_in")
        early = min(REFRESH_EARLY, timedelta(seconds=lifetime) / 2)
        return token, self._clock.now() + timedelta(seconds=lifetime) - early

    def _request(self) -> httpx.Request:
        """Account Manager form-decodes both halves of Basic, so they are percent-encoded first."""
        connection = self._connection
        return self._signed(
            connection.token_url,
            {"grant_type": "client_credentials", "scope": self._scope},
            connection.client_id,
            connection.client_secret,
        )

    def _signed(
        self, url: str, form: dict[str, str], client_id: str, secret: SecretStr
    ) -> httpx.Request:
        """With Basic credentials, both halves percent-encoded."""
        halves = quote(client_id, safe=""), quote(secret.get_secret_value(), safe="")
        request = self._http.build_request("POST", url, data=form)
        return next(httpx.BasicAuth(*halves).auth_flow(request))

    def _advice(self, error: Refused) -> str:
        return _advice(error, self._scope)


class GuestToken(AccessToken):
    """A guest's token of Shopper Login (SLAS), for one site; its scopes are the client's."""

    operation = "POST /oauth2/token"

    def __init__(
        self,
        http: httpx.Client,
        connection: SfccConnection,
        clock: Clock,
        new_id: Callable[[], str],
        site: str,
    ) -> None:
        super().__init__(http, connection, clock, new_id, scope="")
        self._site = site

    def _request(self) -> httpx.Request:
        connection = self._connection
        return self._signed(
            connection.guest_token_url,
            {"grant_type": "client_credentials", "channel_id": self._site},
            connection.shopper_client_id,
            connection.shopper_client_secret,
        )

    def _advice(self, error: Refused) -> str:
        return (
            f"Shopper Login gives no guest token for {self._site}: check SFCC_SHOPPER_CLIENT_ID and"
            f" its secret, and that the client is private and has this site ({error.message})."
        )


def _advice(error: Refused, scope: str) -> str:
    if error.code == "invalid_client":
        return "Account Manager does not accept the SFCC client id and secret: check both."
    if error.code == "invalid_scope":
        _tenant, *wanted = scope.split()
        return (
            f"The SFCC API client lacks a scope: allow {' and '.join(wanted)} for it in"
            f" Account Manager, and check the organization id ({error.message})."
        )
    return error.message
