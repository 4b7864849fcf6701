"""What `make bench` says of invoices: how they are posted, listed and printed, and what was promised of each."""

import os
import statistics
from typing import Any


def of_posting(posting: dict[str, dict[str, list[float]]]) -> list[str]:
    """One after the other, beside django-ledger."""
    medians = {
        name: {kind: statistics.median(rates) for kind, rates in kinds.items()} for name, kinds in posting.items()
    }
    ours = medians["daybook"]
    lines = [
        "",
        "## Posting an invoice of 3 lines",
        "",
        "Daybook keeps a draft and posts it with 2 taxes, their tax rows, its open item and its number. django-ledger makes",
        "an invoice of the same 3 items, takes it to review and approves it, which posts it; it knows no taxes. Promised are",
        "at most 12 queries a posting, savepoints left out.",
        "",
        "| contender | drafts/s | Daybook is | postings/s | Daybook is | queries a posting |",
        "|---|---|---|---|---|---|",
    ]
    for name, kinds in medians.items():
        row = [name]
        for kind in ("draft", "post"):
            row += [f"{kinds[kind]:,.0f}", f"{ours[kind] / kinds[kind]:.2f}x"]
        lines.append("| " + " | ".join([*row, f"{kinds['queries']:.0f}"]) + " |")
    return lines


def of_many(many: dict[str, Any], posting: dict[str, dict[str, list[float]]]) -> list[str]:
    """In one run in the background; django-ledger has no such run and posts one after the other."""
    peer = statistics.median(posting["django-ledger"]["post"])
    rate = many["count"] / many["seconds"]
    return [
        "",
        f"{many['count']:,} drafts posted in one run in the background, promised in under 60 s: {many['seconds']:.0f} s, which is",
        f"{rate:,.0f} a second and {rate / peer:.1f}x what django-ledger posts one after the other. Of the time",
        f"{many['python_seconds']:.0f} s were Python's. The run was watched from outside: it showed {many['progress']} steps of progress.",
        f"The load of the machine was {many['load']:.1f} on {os.cpu_count()} cores.",
    ]


def of_list(listed: dict[str, Any]) -> list[str]:
    """The pages of the list, each with everything around it."""
    return [
        "",
        f"## The list of {listed['count']:,} invoices",
        "",
        "As a person signed in opens it, from the request to the whole page of 50 rows, median of 10. Half of the invoices are",
        "paid, a quarter in part, the rest is due or overdue. Promised is that the list opens in under 200 ms. In turns with it",
        f"the list of another company, of {listed['few']}. The sums over the list come after the page, by themselves.",
        f"The load of the machine was {listed['load']:.1f} on {os.cpu_count()} cores.",
        "",
        f"| page | ms | best, ms | of {listed['few']} invoices, ms | ratio |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {one['ms']:,.0f} | {one['best']:,.0f} | {one['few']:,.0f} | {one['ms'] / one['few']:.1f}x |"
            for name, one in listed["pages"].items()
        ),
    ]


def of_pdfs(printed: dict[str, Any]) -> list[str]:
    """How fast, and in what memory."""
    memory = ", ".join(f"{size:,.0f} MB after {int(count):,}" for count, size in printed["memory"].items())
    return [
        "",
        "## Invoices as PDF",
        "",
        f"{printed['count']:,} in one process, one after the other, from the database to the file; promised are 10 a second a core:",
        f"{printed['rate']:.0f} a second by the clock, {printed['core_rate']:.0f} a second of the process's own time on a core. Memory, promised to be",
        f"flat: {memory}. `BENCH_PDFS` prints more of them.",
        f"The load of the machine was {printed['load']:.1f}. django-ledger prints no invoices.",
    ]
