"""A run that is kept: its folder holds results, profile and report, also when it ends early."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from sfcc_cin7.conformance.kit import Kit
from sfcc_cin7.conformance.pages import as_html, as_markdown
from sfcc_cin7.conformance.probe import Probe
from sfcc_cin7.conformance.report import Report
from sfcc_cin7.conformance.results import AccountKind, Result, ResultFile, profile_of
from sfcc_cin7.merchant.profile import Profile

PROFILE, MARKDOWN, HTML = "profile.yaml", "report.md", "report.html"


class Recording:
    """The results of one run in a folder of their own."""

    def __init__(
        self, folder: Path, run: str, account: AccountKind, now: datetime, planned: int
    ) -> None:
        self.folder = folder
        self._run = run
        self._account: AccountKind = account
        self._day = now.date()
        self._planned = planned
        self._file = ResultFile(folder)
        self.results: list[Result] = []

    @property
    def report(self) -> Report:
        return Report(self._run, self._day, self._account, self.results, self._planned)

    def ask(
        self,
        kit: Kit,
        probes: Sequence[Probe],
        expect: Profile | None,
        told: Callable[[Result], None],
    ) -> int:
        """Ask every probe, then take everything back; how many things are left.

        An interruption leaves at once, and a killed process has no time to: profile and report are
        written with every result. What was made stays in the journal.
        """
        self._write(expect)
        for probe in probes:
            result = kit.ask(probe, expect)
            self.results.append(result)
            self._file.add(result)
            self._write(expect)
            told(result)
        return kit.finish()

    def _write(self, before: Profile | None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        profile = profile_of(self.results, self._account, self._day, before)
        report = self.report
        for name, text in (
            (PROFILE, profile.as_yaml()),
            (MARKDOWN, as_markdown(report)),
            (HTML, as_html(report)),
        ):
            unfinished = self.folder / f".{name}"
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(self.folder / name)
