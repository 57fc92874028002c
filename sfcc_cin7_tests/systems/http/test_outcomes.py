"""What an answer means, for a read and for a write."""

import pickle
from decimal import Decimal

import httpx
import pytest

from sfcc_cin7.systems.http.errors import (
    Ambiguous,
    ApiError,
    Conflict,
    NotFound,
    PerhapsThrottled,
    Refused,
    Throttled,
    Unavailable,
)
from sfcc_cin7.systems.http.outcomes import Call, exchange
from sfcc_cin7.values import decimal_json

LIMIT = "You have reached 60 calls per 60 seconds API limit."
PAGE = "<!DOCTYPE html><html><body>Welcome back, jane@example.com</body></html>"


def answer(status=200, *, json=None, text=None, headers=None):
    content = decimal_json.dumps(json) if json is not None else text or ""
    return httpx.Response(status, content=content, headers=headers)


def said(code, words):
    return [{"ErrorCode": code, "Exception": words}]


def outcome(reply, effect, system="cin7"):
    def handler(request):
        if isinstance(reply, Exception):
            raise reply
        return reply

    with httpx.Client(transport=httpx.MockTransport(handler)) as client:
        try:
            return exchange(
                client,
                Call(system, "POST /sale", effect, "trace-1"),
                httpx.Request("POST", "https://example.com/sale", json={"Email": "a@b.example"}),
            )
        except ApiError as error:
            return error


CASES = [
    ("no connection", "cin7", httpx.ConnectError("refused"), Unavailable, Unavailable),
    ("no connection in time", "cin7", httpx.ConnectTimeout("slow"), Unavailable, Unavailable),
    ("pool exhausted", "cin7", httpx.PoolTimeout("full"), Unavailable, Unavailable),
    ("silence", "cin7", httpx.ReadTimeout("timed out"), Unavailable, Ambiguous),
    ("hung up", "cin7", httpx.RemoteProtocolError("disconnected"), Unavailable, Ambiguous),
    ("cut while sending", "cin7", httpx.WriteError("reset"), Unavailable, Ambiguous),
    ("limit under 429", "cin7", answer(429, text=LIMIT), Throttled, Throttled),
    ("limit under 503", "cin7", answer(503, text=LIMIT), Throttled, Throttled),
    ("limit under 400", "cin7", answer(400, json=said(400, LIMIT)), Throttled, Throttled),
    ("limit under 200", "cin7", answer(200, json=said(400, LIMIT)), Throttled, Throttled),
    ("limit as text under 200", "cin7", answer(200, text=LIMIT), Throttled, Throttled),
    ("429 without words", "sfcc", answer(429), Throttled, Throttled),
    ("Cin7's bare 503", "cin7", answer(503, text=PAGE), PerhapsThrottled, Ambiguous),
    ("shed by SFCC's edge", "sfcc", answer(503), Unavailable, Unavailable),
    (
        "503 served by SFCC",
        "sfcc",
        answer(503, headers={"sfdc_load": "95"}),
        Unavailable,
        Ambiguous,
    ),
    ("bad gateway", "cin7", answer(502, text=PAGE), Unavailable, Ambiguous),
    ("gateway time-out", "sfcc", answer(504), Unavailable, Ambiguous),
    ("server error", "cin7", answer(500, json=said(500, "Oops")), Unavailable, Ambiguous),
    ("server error under 200", "cin7", answer(200, json=said(500, "Oops")), Unavailable, Ambiguous),
    ("redirect", "cin7", answer(302, headers={"location": "/login"}), Unavailable, Ambiguous),
    ("web page for success", "cin7", answer(200, text=PAGE), Unavailable, Ambiguous),
    ("cut-off JSON", "cin7", answer(200, text='{"ID": "1", "Or'), Unavailable, Ambiguous),
    ("nothing for success", "cin7", answer(200), Unavailable, Ambiguous),
    ("bad request", "cin7", answer(400, json=said(400, "No TaxRule")), Refused, Refused),
    ("error under 200", "cin7", answer(200, json=said(400, "No TaxRule")), Refused, Refused),
    ("bare error under 200", "cin7", answer(200, json=said(0, "No")[0]), Refused, Refused),
    ("credentials", "cin7", answer(403, text="Incorrect credentials!"), Refused, Refused),
    ("not found", "cin7", answer(404, json=said(404, "None")), NotFound, NotFound),
    ("not found under 200", "cin7", answer(200, json=said(404, "None")), NotFound, NotFound),
    ("wrong address", "sfcc", answer(404, text=PAGE), Refused, Refused),
    ("lock clash", "sfcc", answer(409, json={"title": "x"}), Conflict, Conflict),
]


@pytest.mark.parametrize(
    ("system", "reply", "read", "write"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_an_answer_means_one_thing_to_a_read_and_one_to_a_write(system, reply, read, write):
    assert type(outcome(reply, "read", system)) is read
    assert type(outcome(reply, "write", system)) is write


def test_numbers_of_a_success_are_exact():
    assert outcome(answer(text='{"Total": 0.1}'), "read") == {"Total": Decimal("0.1")}


def test_a_success_may_mention_the_call_limit_in_a_note():
    assert outcome(answer(json={"Note": LIMIT}), "write") == {"Note": LIMIT}


def test_an_empty_204_is_a_success():
    assert outcome(answer(204), "write", "sfcc") is None


def test_a_throttled_call_says_how_long_to_wait_although_cin7_writes_words():
    refusal = outcome(answer(429, text=LIMIT, headers={"Retry-After": "60 Seconds"}), "read")
    assert refusal.retry_after == 60
    refusal = outcome(answer(429, headers={"Retry-After": "soon"}), "read")
    assert refusal.retry_after is None


def test_messages_are_short_and_hold_no_personal_data():
    long = answer(400, text="jane.doe@example.com is unknown. " + "x" * 1000)
    message = outcome(long, "write").message
    assert message.startswith("[e-mail] is unknown.")
    assert len(message) == 300
    assert "jane" not in str(outcome(answer(200, text=PAGE), "write"))


@pytest.mark.parametrize(
    "spoilt", [answer(502, text="bad\x00gateway"), answer(500, json={"Exception": "bad\x00\ud800"})]
)
def test_a_message_can_be_stored_whatever_was_answered(spoilt):
    # what is kept of a failure is kept with the order: a text that no database takes would end the
    # run at every attempt
    message = outcome(spoilt, "read").message
    assert message.startswith("bad")
    assert message.isprintable()


def test_a_header_that_cannot_be_sent_is_not_quoted():
    error = outcome(httpx.LocalProtocolError("Illegal header value b'the-key\\n'"), "read")
    assert "the-key" not in str(error)
    assert error.__suppress_context__


def test_an_error_names_call_status_words_and_correlation():
    fault = {"_v": "25.6", "fault": {"type": "XException", "message": "No such list."}}
    error = outcome(answer(404, json=fault, headers={"x-correlation-id": "t-2"}), "read", "sfcc")
    assert str(error) == "sfcc POST /sale (404): No such list. [correlation id t-2]"
    assert error.code == "XException"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_problem_of_rfc_7807_is_read_too():
    problem = {"title": "Bad", "detail": "siteId is missing", "type": "https://x/errors/bad-site"}
    error = outcome(answer(400, json=problem), "read", "sfcc")
    assert error.message == "Bad: siteId is missing"
    assert error.code == "bad-site"


def test_json_refuses_floats_and_keeps_every_digit():
    assert decimal_json.dumps({"a": [Decimal("1.10")]}) == '{"a": [1.10]}'
    with pytest.raises(TypeError, match="Decimal"):
        decimal_json.dumps({"a": [1.1]})
    with pytest.raises(ValueError, match="nan"):
        decimal_json.dumps({"a": Decimal("NaN")})
