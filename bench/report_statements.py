"""What `make bench` says of reports: how long each takes in the database, and what was promised."""

from typing import Any

PROMISED = {"general ledger, a page": "under 200", "aged receivables, half a year back": ""}


def of_reports(found: dict[str, Any]) -> list[str]:
    """Milliseconds of each report by the size of the books, and the export of the smaller ones."""
    rows = found["rows"]
    lines = [
        "",
        "## Reports",
        "",
        "As their pages read them, 500 rows at most, median of 15; 2,000 items are open however large the books are. The",
        "trial balance stands beside the year before. Half a year back more is open in larger books, where a month has more",
        "sales: "
        + " and ".join(f"{row['open_then']:,} items" for row in rows)
        + "; what was settled since costs nothing.",
        "",
        "| report | promised, ms | " + " | ".join(f"{row['lines']:,} lines, ms" for row in rows) + " |",
        "|---|---|" + "---|" * len(rows),
    ]
    for name in rows[0]["ms"]:
        figures = " | ".join(f"{row['ms'][name]:.0f}" for row in rows)
        lines.append(f"| {name} | {PROMISED.get(name, 'under 100')} | {figures} |")
    export = rows[0]["export"]
    return [
        *lines,
        "",
        f"The general ledger of the smaller books as CSV: {export['rows']:,} rows in {export['seconds']:.0f} s; memory grew by",
        f"{export['grown_mb']:.1f} MB after the first 10,000.",
    ]
