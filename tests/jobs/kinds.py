"""The kinds of work of tests/jobs/handlers.py, for settings to name."""

KINDS = {
    f"test.{name}": f"tests.jobs.handlers.{name}"
    for name in (
        "count", "refuse", "break_down", "unreachable", "flaky", "hold", "hold_in_transaction", "odd_result",
        "bad_result", "mark_once", "lose_connection",
    )
}  # fmt: skip
