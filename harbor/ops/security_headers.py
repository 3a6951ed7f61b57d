"""Headers that tell browsers what our pages may do."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

NOT_WANTED = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
)
WANTED = ("clipboard-write", "fullscreen", "screen-wake-lock")
"""For the links that the card copies, and for the wall screen."""
PERMISSIONS = ", ".join(
    [f"{one}=(self)" for one in WANTED] + [f"{one}=()" for one in NOT_WANTED]
)

FILES_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"
"""What a worker of ours does, and a file that is opened by itself. A page's own, four times as
long, would be 30 KB of headers for the files of one page."""


def policy(tile_url: str) -> str:
    """Content-Security-Policy: our own files, and images of the tile server if there is one."""
    parts = urlsplit(tile_url)
    tiles = f" {parts.scheme}://{parts.netloc.replace('{s}', '*')}" if parts.netloc else ""
    return (
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "
        f"img-src 'self' data:{tiles}; connect-src 'self'; font-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def install(app: Flask, *, tile_url: str, is_https: bool) -> None:
    """Set them on every answer."""
    content_security_policy = policy(tile_url)

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        is_file = request.endpoint == "static"
        headers.setdefault(
            "Content-Security-Policy", FILES_POLICY if is_file else content_security_policy
        )
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not is_file:  # they hold for pages, and a page has fifty files
            headers.setdefault("Referrer-Policy", "same-origin")
            headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
            headers.setdefault("Permissions-Policy", PERMISSIONS)
        if is_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.blueprint == "fleet_web":
            headers.setdefault("Cache-Control", "no-store")
            if not response.cache_control.public:
                headers.add("Vary", "Cookie")
        return response
