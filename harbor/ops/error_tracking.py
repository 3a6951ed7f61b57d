"""Errors go to Sentry when a DSN is set; without one nothing is imported or sent."""

from importlib.util import find_spec

from harbor.errors import Misconfigured


def install(dsn: str, environment: str) -> None:
    """Raises Misconfigured when a DSN is set but the extra `sentry` is not installed."""
    if not dsn:
        return
    if find_spec("sentry_sdk") is None:
        raise Misconfigured("HARBOR_SENTRY_DSN is set: install harbor-fleet[sentry] for it")
    import sentry_sdk

    # No bodies, no cookies, no names: a position says where people are.
    sentry_sdk.init(
        dsn=dsn, environment=environment, send_default_pii=False, max_request_body_size="never"
    )
