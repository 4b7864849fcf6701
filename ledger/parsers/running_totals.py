"""What an account and everything below it hold, kept up only for the accounts somebody asks about."""

from collections.abc import Iterable
from decimal import Decimal

from ledger.parsers.numerals import ZERO


class RunningTotals:
    """Totals by watched account and commodity; a line counts for its account and every watched account above."""

    def __init__(self, watched: Iterable[str]) -> None:
        self._totals: dict[str, dict[str, Decimal]] = {account: {} for account in watched}
        self._watchers: dict[str, tuple[str, ...]] = {}

    def add(self, account: str, quantity: Decimal, commodity: str) -> None:
        """Count a line for everybody who watches its account."""
        for watcher in self.watchers(account):
            totals = self._totals[watcher]
            totals[commodity] = totals.get(commodity, ZERO) + quantity

    def of(self, account: str, commodity: str) -> Decimal:
        """What a watched account and everything below it hold."""
        return self._totals[account].get(commodity, ZERO)

    def watchers(self, account: str) -> tuple[str, ...]:
        """The watched accounts a line of this account counts for."""
        if account not in self._watchers:
            parts = account.split(":")
            paths = (":".join(parts[:length]) for length in range(1, len(parts) + 1))
            self._watchers[account] = tuple(path for path in paths if path in self._totals)
        return self._watchers[account]
