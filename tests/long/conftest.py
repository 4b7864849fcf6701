"""Long runs start only where a time is given for them (`make test-long`); elsewhere they are not even collected."""

from typing import Any

from tests.long import budget

collect_ignore_glob = [] if budget.SECONDS else ["*"]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for report in budget.reports:
        terminalreporter.write_line(report)
