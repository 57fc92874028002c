"""One token for everyone, in time."""

import base64
import threading
from urllib.parse import parse_qsl

import httpx
import pytest

from sfcc_cin7.systems.http.errors import Refused
from sfcc_cin7.systems.sfcc.token import AccessToken
from sfcc_cin7_tests.systems.sfcc.shop import CONNECTION

ORDER = {"orderNo": "1"}


def test_both_halves_of_the_credentials_are_percent_encoded(shop):
    shop.will_say(ORDER).client.order("uk", "1")
    kind, credentials = shop.token_requests[0].headers["authorization"].split()
    assert kind == "Basic"
    assert base64.b64decode(credentials) == b"client%2B1:s%25cret%20%2B%2F"
    assert dict(parse_qsl(shop.token_requests[0].content.decode())) == {
        "grant_type": "client_credentials",
        "scope": "SALESFORCE_COMMERCE_API:zzal_001 sfcc.orders.rw sfcc.products",
    }


def test_a_token_is_kept_and_renewed_before_it_runs_out(shop, clock):
    for pause in (0, 1700, 20):
        clock.sleep(pause)
        shop.will_say(ORDER).client.order("uk", "1")
    sent = [request.headers["authorization"] for request in shop.requests]
    assert sent == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_a_token_that_the_api_refuses_is_renewed_once(shop):
    shop.will_say({"title": "Unauthorized"}, 401).will_say(ORDER)
    assert shop.client.order("uk", "1") == ORDER
    shop.will_say({"title": "Unauthorized"}, 401).will_say({"title": "Unauthorized"}, 401)
    with pytest.raises(Refused):
        shop.client.order("uk", "1")
    assert len(shop.token_requests) == 3


def test_a_refused_write_is_sent_again_with_the_new_token(shop):
    shop.will_say({"title": "Unauthorized"}, 401).will_say(status=204)
    shop.client.set_export_status("uk", "1", "exported")
    assert [request.method for request in shop.requests] == ["PUT", "PUT"]


def test_threads_that_need_a_token_at_once_fetch_one(clock):
    fetched = []
    everyone = threading.Barrier(8)

    def account_manager(request):
        fetched.append(request)
        return httpx.Response(200, json={"access_token": f"t{len(fetched)}", "expires_in": 1800})

    with httpx.Client(transport=httpx.MockTransport(account_manager)) as http:
        token = AccessToken(http, CONNECTION, clock, lambda: "trace-1", "scope")
        held = []

        def need_one(refused=None):
            everyone.wait()
            held.append(token.current(refused))

        for refused in (None, "t1"):
            threads = [threading.Thread(target=need_one, args=(refused,)) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    assert held == ["t1"] * 8 + ["t2"] * 8


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (401, {"error": "invalid_client"}, "does not accept the SFCC client id and secret"),
        (400, {"error": "invalid_scope"}, "lacks a scope: allow sfcc.orders.rw"),
    ],
)
def test_refused_credentials_name_what_to_fix_and_no_secret(shop, status, body, sentence):
    shop.token_answer = (status, body)
    with pytest.raises(Refused, match=sentence) as caught:
        shop.client.order("uk", "1")
    assert "s%cret" not in str(caught.value)
    assert "s%cret" not in repr(CONNECTION)
