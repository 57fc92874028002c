"""The state as Prometheus scrapes it (text format). A figure that is not known has no series."""

from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from sfcc_cin7.operations.state import measures
from sfcc_cin7.operations.state.signs import stamp
from sfcc_cin7.operations.state.verdicts import Measure, State, Verdict

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition(state: State) -> bytes:
    """Every figure of the state, and each verdict as a set of 0 and 1."""
    return generate_latest(_Collector(state))


class _Collector(Collector):
    def __init__(self, state: State) -> None:
        self._told = list(_measures(state))

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (meaning, labels) in measures.MEANINGS.items():
            gauge = GaugeMetricFamily(measures.PREFIX + name, meaning, labels=labels)
            for each in self._told:
                if each.name == name:
                    gauge.add_metric([each.of[label] for label in labels], float(each.value))
            if gauge.samples:
                yield gauge


def _measures(state: State) -> Iterator[Measure]:
    yield Measure(measures.LOOKED, stamp(state.at))
    for verdict in Verdict:
        is_it = {"verdict": str(verdict)}
        yield Measure(measures.STATE, int(state.verdict is verdict), is_it)
        for sign in state.signs:
            yield Measure(measures.SIGN, int(sign.verdict is verdict), {"sign": sign.name, **is_it})
    for sign in state.signs:
        yield from sign.measures
