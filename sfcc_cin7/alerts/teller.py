"""The one who tells: looks every few seconds, decides, keeps the book, and hands letters over.

The book is saved before a letter of it is sent, and again when it was taken. So whatever dies, no
letter is lost, and at most one of each recipient is sent once more. While the database is away the
book is in the spool alone. Of several watchers one tells; the others look, and take over.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from sfcc_cin7.alerts.deciding.book import Alert, Book, Letter, merged
from sfcc_cin7.alerts.deciding.course import advance
from sfcc_cin7.alerts.deciding.evidence import Evidence, Seen
from sfcc_cin7.alerts.deciding.letters import with_link
from sfcc_cin7.alerts.deciding.own_failure import CODE, OwnFailure
from sfcc_cin7.alerts.gathering import piece
from sfcc_cin7.alerts.links import Links
from sfcc_cin7.alerts.records.alerts import acknowledgements, load_book, save_book
from sfcc_cin7.alerts.records.only_sender import OnlySender
from sfcc_cin7.alerts.sending import Post, ask_heartbeat
from sfcc_cin7.alerts.spool import Spool
from sfcc_cin7.inbox.codes import owner_of
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.problems import ConfigurationError

EVERY = timedelta(seconds=5)
HEARTBEAT_EVERY = timedelta(seconds=60)
AGAIN, AGAIN_AT_MOST = timedelta(seconds=10), timedelta(minutes=5)
"""When a letter that no channel took is tried again; twice as long after each time."""
CHANNELS = "channels"
log = logging.getLogger(__name__)


@dataclass
class Teller:
    """Use `run` in a thread of its own.

    `look` says what is not well, `model` what the merchant decided (the last that could be read
    counts), `engine` gives the database, or None where it is known not to answer. With `links` a
    letter says by which link it is taken on.
    """

    look: Callable[[], Seen]
    model: Callable[[], OperatingModel]
    engine: Callable[[], Engine | None]
    spool: Spool
    post: Post
    clock: Clock
    links: Links | None = None
    _book: Book = field(default_factory=Book)
    _stored: Book | None = None
    _is_merged: bool = False
    _under_way: set[str] = field(default_factory=set)
    _decided: OperatingModel | None = None
    _beat_at: datetime | None = None
    _own_failure: OwnFailure = field(default_factory=OwnFailure)
    _only_sender: OnlySender = field(default_factory=OnlySender)

    def __post_init__(self) -> None:
        self._book = self.spool.load()

    @property
    def open_alerts(self) -> list[Alert]:
        """What people are to know of now; may be asked from any thread."""
        return [each for each in self._book.alerts if each.is_open]

    def run(self) -> None:
        """Tell until the process ends."""
        while True:
            self.attempt()
            self.clock.sleep(EVERY.total_seconds())

    def stop(self) -> None:
        """Give up what only one watcher may hold; whoever waits for it takes over."""
        self._only_sender.release()

    def attempt(self) -> None:
        """One turn. A mistake of ours ends no watch: it is logged, and told where it lasts. The
        heartbeat is the last thing that a turn does, so it stops meanwhile."""
        problem = None
        try:
            self.turn()
        except Exception as error:
            log.exception("a turn of telling failed")
            problem = type(error).__name__
        try:
            self._tell_of_ourselves(problem)
        except Exception:
            log.exception("that turns fail cannot be told")

    def turn(self) -> None:
        """One look, and what follows from it."""
        seen = self.look()
        model = self._model()
        if model is None:
            return
        engine = self.engine() if seen.saw("database") else None
        if not self._only_sender.is_us(engine, seen.at):
            self._is_merged = False  # the book of the one who sends is read when we take over
            return
        before = self._book
        book = self._from_others(before, engine)
        book = self._with_results(book, seen.at)
        book = advance(book, self._with_channels(book, seen, model), model)
        if book != before:
            revision = max(before.revision, book.revision) + 1
            self._book = replace(book, revision=revision, born=book.born or seen.at)
            self._save()
        self._store(engine, seen.at)
        self._hand_over(seen.at, model)
        self._beat(seen.at, model)

    def _model(self) -> OperatingModel | None:
        try:
            self._decided = self.model()
        except ConfigurationError:
            if self._decided is None:
                log.warning("nobody can be told: the operating model cannot be read")
        return self._decided

    def _from_others(self, book: Book, engine: Engine | None) -> Book:
        """With what the database knows: the book of a predecessor, and who has taken on what."""
        if engine is None:
            return book
        try:
            with engine.connect() as connection:
                if not self._is_merged:  # ours from now on, whatever becomes of this turn
                    book = self._book = merged(book, load_book(connection))
                    self._is_merged = True
                ids = [each.id for each in book.alerts if each.is_open]
                taken = acknowledgements(connection, ids) if ids else []
        except SQLAlchemyError as error:
            log.warning("the book cannot be read (%s)", type(error).__name__)
            return book
        for each in taken:
            book = book.acknowledged(each.alert_id, each.detail, each.at)
        return book

    def _with_results(self, book: Book, at: datetime) -> Book:
        for sent in self.post.results():
            self._under_way.discard(sent.letter)
            for channel, problem in sent.failures.items():
                book = book.channel(channel, at, problem)
            if sent.channel is not None:
                book = book.channel(sent.channel, at, None)
                book = book.without_letter(sent.letter, at, sent.channel)
            else:
                tries = next((each.tries for each in book.letters if each.id == sent.letter), 0)
                pause = min(AGAIN * 2 ** min(tries, 8), AGAIN_AT_MOST)
                book = book.tried(sent.letter, at + pause)
        return book

    def _with_channels(self, book: Book, seen: Seen, model: OperatingModel) -> Seen:
        """A channel that fails is a cause of its own, until a letter passes through it."""
        known = model.alerts.channels
        failing = [
            _channel(name, each.problem, each.since, model)
            for name, each in book.failing.items()
            if name in known
        ]
        return replace(seen, evidence=[*seen.evidence, *failing])

    def _save(self) -> None:
        try:
            self.spool.save(self._book)
        except OSError as error:  # the database has it too, and letters go out
            log.warning("the spool cannot be written (%s)", error.strerror)

    def _store(self, engine: Engine | None, at: datetime) -> None:
        if engine is None or not self._is_merged or self._stored is self._book:
            return
        try:
            with engine.begin() as connection:
                save_book(connection, self._book, at)
        except SQLAlchemyError as error:
            log.warning("the book cannot be stored (%s)", type(error).__name__)
            return
        # What is stored leaves the book; a spool that still has it stores the same once more.
        self._book = replace(self._book, events=[], ended=[])
        self._stored = self._book

    def _hand_over(self, at: datetime, model: OperatingModel) -> None:
        """Every letter whose time has come, but those that wait behind an earlier one."""
        waits: set[tuple[str, str]] = set()
        for letter in self._book.letters:
            line = (letter.alert, letter.to)
            if line in waits:
                continue
            waits.add(line)
            is_known = letter.to in model.alerts.recipients
            if not is_known or letter.due_at > at or letter.id in self._under_way:
                continue
            self.post.hand(self._as_it_leaves(letter, at), _channels(letter, model))
            self._under_way.add(letter.id)

    def _as_it_leaves(self, letter: Letter, at: datetime) -> Letter:
        if self.links is None or not letter.alert:
            return letter
        return with_link(letter, self.links.link(letter.alert, letter.to, at))

    def _tell_of_ourselves(self, problem: str | None) -> None:
        model, now, own = self._model(), self.clock.now(), self._own_failure
        to = model.alerts.recipient(owner_of(CODE, model.owners)) if model else None
        if model is None or to is None:
            return
        letter = (
            own.succeeded(to, now, model)
            if problem is None
            else own.failed(problem, to, now, model)
        )
        if letter is not None:
            self.post.hand(letter, _channels(letter, model))

    def _beat(self, at: datetime, model: OperatingModel) -> None:
        variable = model.alerts.heartbeat
        if variable and (self._beat_at is None or at - self._beat_at >= HEARTBEAT_EVERY):
            self._beat_at = at
            self.post.beat(variable, ask_heartbeat)


def _channels(letter: Letter, model: OperatingModel) -> list[tuple[str, str]]:
    """The channels of a letter's recipient, each with its variable."""
    alerts = model.alerts
    return [(name, alerts.channels[name]) for name in alerts.recipients[letter.to].channels]


def _channel(name: str, problem: str, since: datetime, model: OperatingModel) -> Evidence:
    return piece(
        "channel-fails",
        CHANNELS,
        name,
        model.owners,
        about=name,
        title=f"The channel {name} takes no letters",
        sentence=problem,
        since=since,
        severity="warning",
    )
