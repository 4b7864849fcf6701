"""Analytic dimensions of a line, written “department=SALES;project=X”."""

from accounting.written_numbers import Unreadable


def parse_dimensions(text: str) -> tuple[tuple[str, str], ...]:
    """Read dimension pairs, in the order written; each dimension at most once."""
    pairs: list[tuple[str, str]] = []
    for part in text.split(";"):
        if not part.strip():
            continue
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value):
            raise Unreadable("bad_dimension", f"“{part.strip()[:40]}” is not written name=value.")
        pairs.append((name, value))
    if len({name for name, _ in pairs}) < len(pairs):
        raise Unreadable("bad_dimension", "A dimension is named twice on one line.")
    return tuple(pairs)


def write_dimensions(dimensions: tuple[tuple[str, str], ...]) -> str:
    """The inverse of parse_dimensions."""
    return ";".join(f"{name}={value}" for name, value in dimensions)
