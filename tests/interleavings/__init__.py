"""Acts that meet: every order of their statements must end like one act after the other.

A pair is one test. Each act is a function of the `Meeting` (its company, and what was `given`), runs inside the company's
scope on a database connection of its own, and stops before every statement and before its commit:

    def test_two_clerks_settle_the_same_line(interleave):
        interleave(allocate("100.00"), allocate("80.00"), given=an_open_invoice)

`given(meeting)` prepares the company before the acts begin, once for every order, and what it returns is
`meeting.given`. An act answers with a value that can be compared, or refuses; any other exception is a fault. An act
that opens its own scope, or is a call of the API, is marked `@opens_its_own_scope`. Acts that several tests need are in
`acts.py`. Rows that are not in `books.py` yet (allocations, drafts) are added to `state_of` there, by what a person
would recognise them by, never by id.

For each order the answers and the books must equal those of a serial order; `verify` finds nothing; nobody waits in a
circle. `interleave(..., most=20)` tries more orders where few are too few; INTERLEAVINGS=200 does so for all pairs, and
INTERLEAVINGS_SEED chooses others.
"""
