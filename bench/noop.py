"""The least a Flask view can do with a posted body: read it and say 201."""

from flask import Flask, Response, request

app = Flask("noop")


@app.post("/api/v1/positions")
def take() -> Response:
    request.get_data()
    return Response(b'{"verdict":"accepted"}\n', 201, mimetype="application/json")


@app.get("/ready")
def ready() -> str:
    return "ready"
