"""Daybook measured beside others, on the same PostgreSQL in one run: ratios count, not absolutes."""
