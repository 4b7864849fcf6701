"""Documents and payments in a crowd: many at work on the same documents and contacts, and the books prove afterwards."""
