"""Many things of one kind, told in one line: how many there are, and a few of them."""

SHOWN = 10


class Examples:
    """Counts what is added, and keeps the first ten; as text both, for a log."""

    def __init__(self) -> None:
        self.count = 0
        self._shown: list[str] = []

    def add(self, example: str) -> None:
        """One more."""
        self.count += 1
        if len(self._shown) < SHOWN:
            self._shown.append(example)

    def __bool__(self) -> bool:
        return self.count > 0

    def __str__(self) -> str:
        more = ["..."] if self.count > len(self._shown) else []
        return f"{self.count}: {'; '.join([*self._shown, *more])}"
