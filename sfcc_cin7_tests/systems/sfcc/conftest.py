import pytest

from sfcc_cin7_tests.systems.sfcc.shop import Shop


@pytest.fixture
def shop(clock):
    return Shop(clock)
