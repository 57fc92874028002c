"""Break any one belief, and exactly its probe notices.

At night every other probe of the system is asked beside it; by day every eighth, and each in its
turn.
"""

from dataclasses import replace

import pytest

from sfcc_cin7.conformance.kit import ask_all
from sfcc_cin7.conformance.probe import Probe
from sfcc_cin7.conformance.registry import PROBES
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.conformance.bench import OF_LISTS, OF_OCI, Account
from sfcc_cin7_tests.conformance.cin7_deviations import DEVIATIONS as OF_CIN7
from sfcc_cin7_tests.conformance.deviations import Deviation
from sfcc_cin7_tests.conformance.sfcc_deviations import DEVIATIONS as OF_SFCC
from sfcc_cin7_tests.depth import by_day

DEVIATIONS = [*OF_CIN7, *OF_SFCC]


def of_oci(deviation: Deviation) -> bool:
    return deviation.probe in {probe.id for probe in OF_OCI}


def asked_about(deviation: Deviation) -> list[Probe]:
    """Its own probe and others of its system, from a place among them that is its own."""
    system = deviation.probe.partition(".")[0]
    about_limits = deviation.probe.startswith("cin7.limit.")
    probes = [
        probe
        for probe in (OF_OCI if of_oci(deviation) else OF_LISTS)
        if probe.system == system and (about_limits or not probe.exceeds_limit)
    ]
    step = by_day(8)
    first = DEVIATIONS.index(deviation) % step
    return [
        probe
        for at, probe in enumerate(probes)
        if probe.id == deviation.probe or at % step == first
    ]


def account_with(deviation: Deviation) -> Account:
    cin7, sfcc = Cin7Settings(), SfccSettings()
    if deviation.probe.startswith("cin7."):
        cin7 = replace(cin7, **deviation.settings)
    else:
        sfcc = replace(sfcc, **deviation.settings)
    if of_oci(deviation):
        sfcc = replace(sfcc, inventory_mode="oci")
    account = Account(cin7, sfcc)
    if deviation.between:
        account.transport.between = deviation.between()
    return account


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=str)
def test_a_deviation_is_noticed_by_its_probe_alone(
    deviation: Deviation, monkeypatch: pytest.MonkeyPatch
) -> None:
    if deviation.plant:
        deviation.plant(monkeypatch)
    account = account_with(deviation)

    with account.kit() as kit:
        results = list(ask_all(kit, asked_about(deviation)))
        kit.finish()

    assert [r.probe.id for r in results if r.outcome == "differs"] == [deviation.probe]


def test_every_probe_has_a_deviation() -> None:
    planted = [deviation.probe for deviation in DEVIATIONS]

    assert sorted(planted) == sorted(probe.id for probe in PROBES)
