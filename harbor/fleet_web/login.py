"""Logging in and out."""

import gevent
import structlog
from flask import Response, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user, login_required, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from harbor.access import SIGNED_IN_AT, Dispatcher
from harbor.fleet_web.blueprint import bp
from harbor.ops.rate_limit import login_throttle
from harbor.runtime import running
from harbor.store import audit, users
from harbor.store.users import PASSWORD_LENGTH_MAX, UserRecord
from harbor.words import N_, _

log = structlog.get_logger()

MISSING = N_("Fill in this field.")
TOO_LONG = N_("This is too long.")


class LoginForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Name and password; `next` is where the visitor wanted to go."""

    username = StringField(
        "User name",
        [InputRequired(MISSING), Length(max=80, message=TOO_LONG), Regexp(r"^[^\0]*$")],
    )
    password = PasswordField(
        "Password",
        [InputRequired(MISSING), Length(max=PASSWORD_LENGTH_MAX, message=TOO_LONG)],
    )
    next = HiddenField()


@bp.get("/login")
def login() -> AnyResponse:
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next", "")))
    return _page(LoginForm(next=request.args.get("next", "")))


@bp.post("/login")
def log_in() -> AnyResponse:
    form = LoginForm()
    if not form.validate_on_submit():
        return _page(form, 400, _("Fill in both fields."))
    username = form.username.data.strip()
    keys = (f"account:{username.lower()}", f"address:{request.remote_addr}")
    if waiting_s := login_throttle().attempt(*keys):
        page = _page(form, 429, _("Too many attempts. Try again in {n} s.").format(n=waiting_s))
        page.headers["Retry-After"] = str(waiting_s)
        return page
    record = _checked(username, form.password.data)
    if record is None:
        return _page(form, 401, _("Wrong user name or password."))
    login_throttle().forget(*keys)
    cookie.clear()  # nothing of the visitor before the log-in survives it
    cookie[SIGNED_IN_AT] = running().clock().timestamp()
    cookie.permanent = True
    login_user(Dispatcher(record))
    return redirect(safe_next(form.next.data or ""))


@bp.post("/logout")
@login_required  # type: ignore[untyped-decorator]  # Flask-Login has no types
def logout() -> AnyResponse:
    record: UserRecord = current_user.record
    with running().database.session() as work:
        users.end_sessions(work, record.id)
        audit.note(
            work,
            "user.logged_out",
            actor=record.username,
            subject=record.username,
            fleet_id=record.fleet_id,
            address=request.remote_addr,
        )
    logout_user()
    cookie.clear()
    return redirect(url_for("fleet_web.login"))


def _checked(username: str, password: str) -> UserRecord | None:
    """The person, when the password is right; either way it is written down."""
    runtime = running()
    with runtime.database.session() as work:
        found = users.by_name(work, username)
    # In a real thread: hashing takes about 50 ms, and every stream would wait for it.
    pool = gevent.get_hub().threadpool
    is_right = pool.apply(users.is_right, (password, found[1] if found else None))
    record = found[0] if found and is_right and found[0].disabled_at is None else None
    with runtime.database.session() as work:
        audit.note(
            work,
            "user.logged_in" if record else "user.login_refused",
            actor=username[:80],
            subject=username[:80],
            fleet_id=record.fleet_id if record else None,
            address=request.remote_addr,
        )
        if record is not None:
            users.note_login(work, record.id, runtime.clock())
    log.info("login.accepted" if record else "login.refused", username=username[:80])
    return record


def _page(form: LoginForm, status: int = 200, message: str = "") -> Response:
    response = make_response(render_template("login.html", form=form, message=message), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def safe_next(target: str) -> str:
    """A path of ours, or the map.

    Browsers read `//host`, `/\\\\host` and a leading control character as another host.
    """
    is_local = (
        target.startswith("/")
        and not target.startswith("//")
        and target.isprintable()
        and "\\" not in target
    )
    return target if is_local else url_for("fleet_web.fleet_map")
