"""Processes killed in the middle of their work: what was acknowledged is there, once, whole; the rest goes on."""
