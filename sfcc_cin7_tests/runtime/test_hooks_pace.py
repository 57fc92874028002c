"""The receiver of webhooks takes no more than it can keep, and strangers use nothing of it up."""

import httpx

from sfcc_cin7.runtime.hooks import AT_ONCE, PER_SECOND, Hook, application
from sfcc_cin7_tests.in_process import InProcess

KNOWN = {"Authorization": "Bearer a-secret-that-nobody-guesses"}


def test_a_flood_is_asked_to_come_back_and_may_after_a_moment() -> None:
    kept: list[bytes] = []
    time = [0.0]
    hook = Hook("/hooks/cin7/stock", kept.append)
    app = application([hook], "a-secret-that-nobody-guesses", now=lambda: time[0])
    with httpx.Client(transport=InProcess(app), base_url="http://hooks.example") as client:

        def sent(headers: dict[str, str]) -> int:
            return client.post(hook.path, content=b"[]", headers=headers).status_code

        strangers = {sent({"Authorization": "Bearer a-guess"}) for _ in range(3)}
        assert strangers == {401}
        assert [sent(KNOWN) for _ in range(AT_ONCE)].count(200) == AT_ONCE
        assert sent(KNOWN) == 429
        assert len(kept) == AT_ONCE
        time[0] += 2 / PER_SECOND
        assert [sent(KNOWN) for _ in range(3)] == [200, 200, 429]
