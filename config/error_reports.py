"""Faults of ours go to Sentry, where an installation names one: the trace, and nothing of the books."""

from config.environment import text


def start() -> None:
    """Report unhandled errors of web and workers to SENTRY_DSN. Without it nothing is loaded and nothing is sent."""
    dsn = text("SENTRY_DSN")
    if not dsn:
        return
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        environment=text("SENTRY_ENVIRONMENT", "production"),
        # Local variables hold amounts and names, requests hold keys.
        include_local_variables=False,
        send_default_pii=False,
        max_request_body_size="never",
    )
