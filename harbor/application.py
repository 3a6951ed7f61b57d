"""The application factory: extensions, hooks and blueprints, nothing else."""

from datetime import timedelta
from typing import Any

import structlog
from flask import Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

import harbor.store.models  # noqa: F401 - declares the tables for the migrations
from harbor import health, problems, runtime, stream, words
from harbor.access import login_manager
from harbor.config import Settings
from harbor.errors import Unavailable
from harbor.fleet_api import bp as fleet_api
from harbor.fleet_api.webhook import Webhook
from harbor.fleet_web import bp as fleet_web
from harbor.live.client import manners
from harbor.metrics_page import MetricsPage
from harbor.ops import (
    compression,
    error_tracking,
    logs,
    rate_limit,
    request_id,
    security_headers,
    session_cookie,
    static_files,
)
from harbor.ops.paths import beside_package
from harbor.runtime import Runtime
from harbor.store import migrations
from harbor.store.database import check_promises, db, engine_options
from harbor.stream.hand_over import HandOver

log = structlog.get_logger()
csrf = CSRFProtect()


def build(settings: Settings) -> Flask:
    """Raises Misconfigured when the settings don't allow Harbor to keep its promises."""
    logs.configure(settings.log_level)
    error_tracking.install(settings.sentry_dsn.get_secret_value(), settings.environment)
    app = Flask(
        "harbor",
        static_folder=None,
        template_folder=str(beside_package("templates")),
    )
    app.config.from_mapping(flask_config(settings))
    add_extensions(app, settings)
    add_hooks(app, settings)
    static_files.install(app, beside_package("static"))
    wrap(app, settings)
    for blueprint in (fleet_web, fleet_api, stream.bp, health.bp, problems.bp):
        app.register_blueprint(blueprint)
    csrf.exempt(fleet_api)  # no cookie opens it: trackers sign, partners send a key
    return app


def flask_config(settings: Settings) -> dict[str, Any]:
    """Harbor's settings as Flask and its extensions want them."""
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "SQLALCHEMY_DATABASE_URI": settings.database_url.get_secret_value(),
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings),
        "SESSION_COOKIE_NAME": "__Host-harbor" if settings.cookie_secure else "harbor",
        "SESSION_COOKIE_SECURE": settings.cookie_secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(minutes=settings.session_idle_minutes),
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "MAX_CONTENT_LENGTH": settings.body_bytes_max,
        "TESTING": settings.environment == "testing",
    }


def add_extensions(app: Flask, settings: Settings) -> None:
    db.init_app(app)
    Migrate(app, db, directory=str(migrations.directory()))
    csrf.init_app(app)
    login_manager.init_app(app)
    rate_limit.install(app, settings, manners(settings.valkey_timeout_s))
    with app.app_context():
        service = Runtime(settings, db.engine)
    runtime.attach(app, service)
    try:
        check_promises(service.database, settings)
    except Unavailable:
        log.warning("database.away", consequence="its settings could not be checked yet")


def wrap(app: Flask, settings: Settings) -> None:
    """What a request meets before Flask: the proxies' headers, the webhook, the stream."""
    service: Runtime = app.extensions["harbor"]
    app.wsgi_app = HandOver(app.wsgi_app, service)  # type: ignore[method-assign]
    app.wsgi_app = Webhook(app.wsgi_app, service)  # type: ignore[method-assign]
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]
    if settings.metrics_port:
        page = MetricsPage(app.wsgi_app, settings.metrics_port)
        app.wsgi_app = page  # type: ignore[method-assign]


def add_hooks(app: Flask, settings: Settings) -> None:
    request_id.install(app, is_trusted=settings.proxies > 0)
    security_headers.install(app, tile_url=settings.tile_url, is_https=settings.cookie_secure)
    compression.install(app)
    session_cookie.install(app)
    problems.install(app)
    words.install(app)
