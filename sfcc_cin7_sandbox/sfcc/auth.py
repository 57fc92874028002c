"""Account Manager: access tokens for the client-credentials grant."""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus

from starlette.datastructures import FormData
from starlette.responses import Response

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.sfcc.problems import answer, encode
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings


@dataclass(frozen=True)
class Grant:
    """What a token stands for."""

    scopes: frozenset[str]
    expires_at: datetime

    def allows(self, scope: str) -> bool:
        """`.rw` includes the right to read."""
        return scope in self.scopes or f"{scope}.rw" in self.scopes


class AccountManager:
    """Issues tokens and knows the living ones. Tokens do not survive a restart."""

    def __init__(self, clock: Clock, settings: SfccSettings) -> None:
        self._clock = clock
        self._settings = settings
        self._key = secrets.token_bytes(32)
        self._grants: dict[str, Grant] = {}
        self.revoked = False
        """Whether the client's password is refused, and every token that it was given."""

    def token(self, authorization: str, form: FormData) -> Response:
        """Answer of POST /dwsso/oauth2/access_token.

        Both halves of the Basic credentials are form-decoded, so a client must percent-encode
        them. The scope is a list joined by spaces.
        """
        if not self._authentic(authorization):
            return _refused(
                self._settings.invalid_client_status,
                "invalid_client",
                "Client authentication failed",
            )
        if form.get("grant_type") != "client_credentials":
            return _refused(
                400, "unsupported_grant_type", "The grant_type must be client_credentials"
            )
        scopes = frozenset(str(form.get("scope", "")).split())
        unknown = scopes - {self._settings.tenant_scope, *self._settings.allowed_scopes}
        if unknown:
            return _refused(
                400,
                "invalid_scope",
                f"Unknown/invalid scope(s): {sorted(unknown)}",
            )
        now = self._clock.now()
        self._grants = {t: grant for t, grant in self._grants.items() if grant.expires_at > now}
        expires_at = now + self._settings.token_lifetime
        token = self._signed(scopes, expires_at)
        self._grants[token] = Grant(scopes, expires_at)
        return answer(
            {
                "access_token": token,
                "scope": " ".join(sorted(scopes)),
                "token_type": "Bearer",
                "expires_in": int(self._settings.token_lifetime.total_seconds()),
            },
            headers={"Cache-Control": "no-store"},
        )

    def grant(self, authorization: str) -> Grant | None:
        """What the Authorization header of an API call entitles to; None when not valid now."""
        scheme, _, token = authorization.partition(" ")
        grant = self._grants.get(token) if scheme.lower() == "bearer" else None
        if self.revoked:
            return None
        return grant if grant and grant.expires_at > self._clock.now() else None

    def expire(self, authorization: str) -> None:
        """The token of an Authorization header lives no longer."""
        self._grants.pop(authorization.partition(" ")[2], None)

    def _authentic(self, authorization: str) -> bool:
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            decoded = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        client_id, _, secret = decoded.partition(":")
        if self.revoked:
            return False
        return hmac.compare_digest(
            unquote_plus(client_id).encode(), self._settings.client_id.encode()
        ) and hmac.compare_digest(
            unquote_plus(secret).encode(), self._settings.client_secret.encode()
        )

    def _signed(self, scopes: frozenset[str], expires_at: datetime) -> str:
        claims = {
            "sub": self._settings.client_id,
            "aud": self._settings.client_id,
            "scope": sorted(scopes),
            "exp": int(expires_at.timestamp()),
            "jti": secrets.token_urlsafe(16),
        }
        signed = f"{_segment(encode({'typ': 'JWT', 'alg': 'HS256'}))}.{_segment(encode(claims))}"
        signature = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{_segment(signature)}"


def _segment(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _refused(status: int, error: str, description: str) -> Response:
    return answer({"error": error, "error_description": description}, status)
