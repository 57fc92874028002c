"""Who may call, how often, and what a wrong call gets."""

from datetime import timedelta

import pytest

from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.sandbox.cin7_company import JSON, Company, header

LIMIT_TEXT = "You have reached 60 calls per 60 seconds API limit."


@pytest.fixture
def company() -> Company:
    return Company()


def use_up(company: Company, calls: int = 60) -> None:
    for _ in range(calls):
        assert company.send("GET", "/me", headers=company.headers).status_code == 200


@pytest.mark.parametrize("wrong", ["api-auth-accountid", "api-auth-applicationkey"])
def test_a_call_with_one_wrong_credential_is_forbidden(company, wrong):
    company.headers[wrong] = "not-it"

    assert company.refusal("GET", "/me") == (403, "Incorrect credentials!")


def test_the_forbidden_answer_may_be_plain_text():
    company = Company(forbidden_form="text")
    company.headers = {}

    response = company.call("GET", "/me")

    assert (response.status_code, response.text) == (403, "Incorrect credentials!")


def test_the_sixty_first_call_within_a_minute_is_refused_as_measured(company):
    use_up(company)

    response = company.send("GET", "/me", headers=company.headers)

    assert response.status_code == 429
    assert response.headers["content-type"].startswith("text/plain")
    assert response.text == LIMIT_TEXT
    assert response.headers["x-ratelimit-limit"] == "60"
    assert response.headers["x-ratelimit-remaining"] == "0"
    assert response.headers["x-ratelimit-reset"] == "60"
    assert response.headers["Retry-After"] == "60 Seconds"


def test_an_accepted_call_carries_no_rate_headers(company):
    assert not [name for name in company.call("GET", "/me").headers if "rate" in name.lower()]


def test_the_limit_rolls_with_each_call_and_refusals_do_not_count(company):
    use_up(company, 30)
    company.clock.advance(timedelta(seconds=40))
    use_up(company, 30)
    assert company.send("GET", "/me", headers=company.headers).status_code == 429

    company.clock.advance(timedelta(seconds=20))
    assert company.send("GET", "/me", headers=company.headers).status_code == 429
    company.clock.advance(timedelta(milliseconds=1))
    use_up(company, 30)
    assert company.send("GET", "/me", headers=company.headers).status_code == 429


@pytest.mark.parametrize(("scope", "status"), [("account", 429), ("key", 200)])
def test_the_limit_is_the_accounts_or_each_application_keys(scope, status):
    company = Company(call_limit_scope=scope)
    use_up(company)
    company.headers["api-auth-applicationkey"] = "sandbox-orders-key"

    assert company.send("GET", "/me", headers=company.headers).status_code == status


def test_the_limit_is_the_accounts_unless_told_otherwise():
    assert Cin7Settings().call_limit_scope == "account"


def test_speed_shortens_the_window(company):
    company = Company(speed=60)
    use_up(company)
    company.clock.advance(timedelta(seconds=1, milliseconds=1))

    assert company.send("GET", "/me", headers=company.headers).status_code == 200


def test_a_throttled_call_can_look_like_503_or_an_error_list():
    older, list_form = Company(throttle_form="503"), Company(throttle_form="400-list")
    for company in (older, list_form):
        company.faults.rates["cin7.throttle"] = 1

    assert older.call("GET", "/me").status_code == 503
    assert older.call("GET", "/me").text == LIMIT_TEXT
    assert list_form.refusal("GET", "/me") == (400, LIMIT_TEXT)


def test_a_refusal_out_of_the_blue_does_nothing(company):
    company.faults.rates["cin7.throttle"] = 1
    assert company.call("POST", "/sale", body=header()).status_code == 429
    company.faults.rates.clear()

    assert company.get("/saleList")["Total"] == 0


@pytest.mark.parametrize("path", ["/Customers", "/sale/void", "/"])
def test_an_unknown_address_answers_with_a_web_page_and_status_200(company, path):
    response = company.call("GET", path)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/SALELIST", "/salelist", "/Ref/ProductAvailability"])
def test_the_case_of_an_address_does_not_matter(company, path):
    assert company.get(path)["Page"] == 1


def test_a_method_that_an_address_does_not_have_is_refused(company):
    assert company.refusal("DELETE", "/saleList")[0] == 405


def test_a_body_must_be_a_json_object_and_say_so(company):
    assert company.refusal("POST", "/sale", body=[1])[0] == 400
    for content, headers in ((b"{", JSON), (b"{}", {"Content-Type": "text/plain"})):
        response = company.send("POST", "/sale", headers=company.headers | headers, content=content)
        assert response.status_code == 400


def test_me_names_the_base_currency_and_the_way_tax_is_rounded():
    me = Company(tax_calculation_method="Total").get("/me")

    assert (me["Currency"], me["TaxCalculationMethod"]) == ("GBP", "Total")
    assert me["AutomaticallyApplyDiscounts"] is False
