"""A storefront that answers what a test tells it to."""

from urllib.parse import parse_qsl

import httpx

from sfcc_cin7.systems.sfcc import SfccClient, SfccConnection
from sfcc_cin7.values import decimal_json

CONNECTION = SfccConnection.model_validate(
    {
        "api_url": "https://abc.api.example/",
        "instance_url": "https://shop.example",
        "account_manager_url": "https://account.example",
        "organization_id": "f_ecom_zzal_001",
        "client_id": "client+1",
        "client_secret": "s%cret +/",
    }
)


class Shop:
    """Gives tokens that last half an hour, and else the answers that were put in line."""

    def __init__(self, clock, connection=CONNECTION):
        self.requests = []
        self.token_requests = []
        self.answers = []
        self.token_answer = None
        transport = httpx.MockTransport(self._answer)
        self.client = SfccClient(connection, clock, transport, new_id=lambda: "trace-1")

    def will_say(self, body=None, status=200, headers=None):
        self.answers.append((status, body, headers))
        return self

    def asked(self, index=-1):
        return dict(parse_qsl(self.requests[index].url.query.decode()))

    def sent(self, index=-1):
        return decimal_json.loads(self.requests[index].content)

    def _answer(self, request):
        if request.url.path == "/dwsso/oauth2/access_token":
            self.token_requests.append(request)
            token = {"access_token": f"token-{len(self.token_requests)}", "expires_in": 1800}
            status, body = self.token_answer or (200, token)
            return httpx.Response(status, content=decimal_json.dumps(body))
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, body, headers = answer
        text = "" if body is None else body if isinstance(body, str) else decimal_json.dumps(body)
        return httpx.Response(status, content=text, headers=headers)
