"""Rows that are worked on one by one: what one of them causes is kept to it."""

import logging
import traceback
from collections.abc import Callable

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

log = logging.getLogger(__name__)


def trouble_with(connection: Connection, what: str, do: Callable[[], object]) -> str | None:
    """Do something about one row, in a savepoint; the kind of exception that it caused, None where
    it was done. `what` names the row in the log; the exception's text may hold anything, and goes
    nowhere else.

    Raises:
        SQLAlchemyError: of the database itself, which no row could help.
    """
    try:
        with connection.begin_nested():
            do()
    except (DataError, IntegrityError) as error:  # it is well, but cannot hold what the row says
        return _told(what, error)
    except SQLAlchemyError:
        raise
    except Exception as error:
        return _told(what, error)
    return None


def _told(what: str, error: Exception) -> str:
    kind = type(error).__name__
    *_, last = traceback.extract_tb(error.__traceback__)
    log.error("%s cannot be worked on: %s in %s, line %s", what, kind, last.name, last.lineno)
    return kind
