"""A test that fails, for the canary; its name keeps it out of every ordinary run."""


def test_that_fails():
    raise AssertionError
