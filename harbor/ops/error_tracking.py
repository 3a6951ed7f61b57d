"""Errors go to Sentry when a DSN is set; without one nothing is imported or sent."""

import sys
from importlib.util import find_spec
from typing import Any

from harbor.errors import Misconfigured
from harbor.ops.masking import masked_throughout


def install(dsn: str, environment: str) -> None:
    """Raises Misconfigured when a DSN is set but the extra `sentry` is not installed."""
    if not dsn:
        return
    if find_spec("sentry_sdk") is None:
        raise Misconfigured("HARBOR_SENTRY_DSN is set: install harbor-fleet[sentry] for it")
    import sentry_sdk

    # No bodies and no local variables: they hold secrets, and say where people are.
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        max_request_body_size="never",
        include_local_variables=False,
        before_send=without_secrets,
        ignore_errors=["harbor.stream.hand_over.HandedOver"],  # no error: a stream moved on
    )


def without_secrets(event: Any, _: object) -> Any:
    """An address may have a tracker's secret in it."""
    return masked_throughout(event)


def report(error: Exception) -> None:
    """Tell of a fault of ours. It was handled, so Sentry would not hear of it by itself."""
    sentry_sdk = sys.modules.get("sentry_sdk")
    if sentry_sdk is not None:
        sentry_sdk.capture_exception(error)
