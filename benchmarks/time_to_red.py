"""How soon the screen tells of a trouble, whether it is green meanwhile, and how soon after the
cure it is green again.

The real processes of `up` against the sandbox, with shoppers at ten orders a minute, a warehouse
that ships and gateways that pay out. Troubles are planted by hand in both systems, those that do
not disturb each other in one round, and put right when all were told of. What is told is read as
the UI reads it: a verdict counts where the page shows it, it is red or amber, and its sentence or
its tables name the order, SKU, payout or system. A drift that was put right stays in its check for
a minute here (`stock.drift_minutes`; 30 where nothing is said).

    python benchmarks/time_to_red.py [--rounds books stuck] [--only price void] [--watch-minutes 10]
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from _house import PROJECT, say, tell
from _screen import Screen, Shown
from _standing import Standing, standing
from _troubles import ROUNDS, Hands, Plant, Planted
from order_latency import READY_WITHIN

PER_MINUTE, PAYOUTS_EVERY = 10, 60
LOOK_EVERY = 2.0
WELL_WITHIN, RED_WITHIN, GREEN_WITHIN = 600, 720, 720
"""Seconds that are waited for every check to be green, to tell, and to be green again."""
LASTS = {"503 for three minutes": 180}
"""Troubles that last for so many seconds, whether they were told of or not."""


@dataclass
class Trouble:
    """One that was planted, and what the screen said of it: seconds, None where it never did."""

    name: str
    planted: Planted
    at: datetime
    red: float | None = None
    cured: datetime | None = None
    green: float | None = None
    sentence: str = ""
    false_greens: set[float] = field(default_factory=set)

    def see(self, shown: Mapping[str, Shown]) -> None:
        """One look at the screen."""
        said, now = shown.get(self.planted.check, Shown("NOTHING")), datetime.now(UTC)
        if self.cured is None and said.is_green and said.upto and said.upto > self.at:
            self.false_greens.add(said.said)
        if self.red is None and said.tells(self.planted.names):
            self.red = (now - self.at).total_seconds()
            self.sentence = said.sentence
            if self.planted.cure is None:  # from now on it is the product's turn
                self.cured = now
        if self.cured and self.green is None and said.is_green and said.said > self._cured_at:
            self.green = (now - self.cured).total_seconds()

    @property
    def _cured_at(self) -> float:
        return self.cured.timestamp() if self.cured else float("inf")


class Watch:
    """Looks at the screen again and again, and counts what could be read."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self.looks = 0
        self.readable: Counter[str] = Counter()
        self.began = time.monotonic()

    def look(self) -> Mapping[str, Shown] | None:
        """One look, after a pause; a screen that does not answer shows nothing readable."""
        time.sleep(LOOK_EVERY)
        shown = self._screen.look()
        self.looks += 1
        for name, said in (shown or {}).items():
            self.readable[name] += said.is_readable
        return shown

    @property
    def minutes(self) -> float:
        return (time.monotonic() - self.began) / 60


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", nargs="*", choices=ROUNDS, default=list(ROUNDS))
    arguments.add_argument("--only", nargs="*", default=[], help="troubles; all in one round")
    arguments.add_argument("--watch-minutes", type=float, default=10)
    chosen = arguments.parse_args()
    rounds = [ROUNDS[name] for name in chosen.rounds]
    if chosen.only:
        known = {name: plant for each in ROUNDS.values() for name, plant in each.items()}
        if unknown := set(chosen.only) - known.keys():
            raise SystemExit(f"No such trouble: {', '.join(unknown)}; there are {', '.join(known)}")
        rounds = [{name: known[name] for name in chosen.only}]
    decided = {"stock": {"drift_minutes": 1}}
    with (
        tempfile.TemporaryDirectory() as folder,
        standing(
            Path(folder), per_minute=PER_MINUTE, payout_seconds=PAYOUTS_EVERY, decided=decided
        ) as there,
    ):
        hands = Hands(there)
        hands.mend_what_is_planted_anyway()
        there.start()
        there.wait_until(there.has_catalogues, "the catalogues", READY_WITHIN)
        watch = Watch(screen_of(there))
        wait_until_well(watch)
        watch = Watch(screen_of(there))
        troubles = [each for plants in rounds for each in go_through(plants, hands, watch)]
        while watch.minutes < chosen.watch_minutes:
            watch.look()
            say(f"watching: {watch.minutes:.1f} min")
        there.stop()
    tell_of(troubles)
    tell_readable(watch)


def screen_of(there: Standing) -> Screen:
    model = yaml.safe_load((PROJECT / "config" / "sandbox.yaml").read_text())
    return Screen(f"http://127.0.0.1:{there.environment['SFCC_CIN7_PORT']}", model["time_zone"])


def wait_until_well(watch: Watch, seconds: float = WELL_WITHIN) -> None:
    """Until every check is green at once, or so long; then it says which are not."""
    began, shown = time.monotonic(), None
    not_well: dict[str, Shown] = {}
    while time.monotonic() < began + seconds:
        shown = watch.look()
        if shown:
            not_well = {name: said for name, said in shown.items() if not said.is_green}
            if not not_well:
                break
        say(f"waiting until all is well: {', '.join(not_well)}")
    for name, said in not_well.items():
        say(f"{name} is {said.status}: {said.sentence}\n")


def go_through(plants: Mapping[str, Plant], hands: Hands, watch: Watch) -> list[Trouble]:
    """One round: plant, watch until all was told, put right, watch until all is green."""
    troubles: list[Trouble] = []
    hands.truth()
    for name, plant in plants.items():
        say(f"planting: {name}")
        planted = plant(hands)
        troubles.append(Trouble(name, planted, datetime.now(UTC)))
        look(watch, troubles, "planting")
    began = datetime.now(UTC)
    lasts = max(LASTS.get(name, 0) for name in plants)
    while any(each.red is None for each in troubles) or passed(began) < lasts:
        look(watch, troubles, f"red, {passed(began):.0f} s")
        if passed(began) > (lasts or RED_WITHIN):
            break
    for each in troubles:
        with suppress(ValueError):  # what cannot be put right is never green, and counted so
            if each.planted.cure is not None:
                each.planted.cure()
        each.cured = each.cured or datetime.now(UTC)
    cured = datetime.now(UTC)
    while any(each.green is None for each in troubles) and passed(cured) < GREEN_WITHIN:
        look(watch, troubles, f"green again, {passed(cured):.0f} s")
    return troubles


def look(watch: Watch, troubles: list[Trouble], what: str) -> None:
    shown = watch.look()
    if shown is not None:
        for each in troubles:
            before = each.red, each.green
            each.see(shown)
            if each.red is not None and before[0] is None:
                say(f"{each.name}: told after {each.red:.0f} s: {each.sentence[:200]}\n")
            if each.green is not None and before[1] is None:
                say(f"{each.name}: green after {each.green:.0f} s\n")
    silent = [each.name for each in troubles if (each.green if each.cured else each.red) is None]
    say(f"{what}: {', '.join(silent)}"[:70])


def passed(since: datetime) -> float:
    return (datetime.now(UTC) - since) / timedelta(seconds=1)


def tell_of(troubles: list[Trouble]) -> None:
    for each in troubles:
        about = {"trouble": each.name, "check": each.planted.check}
        tell("time_to_red", -1 if each.red is None else each.red, "s", **about, said=each.sentence)
        tell("time_to_green", -1 if each.green is None else each.green, "s", **about)
    for metric, found in (
        ("red_p95", [each.red for each in troubles if each.red is not None]),
        ("green_p95", [each.green for each in troubles if each.green is not None]),
    ):
        if found:
            tell(metric, p95(found), "s", troubles=len(found))
    tell("false_green", sum(len(each.false_greens) for each in troubles), "evaluations")
    missed = [each.name for each in troubles if each.red is None]
    tell("missed", len(missed), "troubles", of=len(troubles), which=missed)
    stayed = [each.name for each in troubles if each.green is None]
    tell("never_green_again", len(stayed), "troubles", which=stayed)


def p95(found: list[float]) -> float:
    """The smallest figure that no more than a twentieth of all exceed."""
    return sorted(found)[max(0, -(-95 * len(found) // 100) - 1)]


def tell_readable(watch: Watch) -> None:
    shares = {name: count / watch.looks for name, count in watch.readable.items()}
    for name, share in sorted(shares.items(), key=lambda each: each[1]):
        tell("readable", share, "share of looks", check=name)
    about = {"looks": watch.looks, "minutes": round(watch.minutes, 1)}
    tell("readable_share", min(shares.values(), default=0), "share of looks", **about)


if __name__ == "__main__":
    main()
