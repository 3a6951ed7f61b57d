"""POST /api/v1/positions: the trackers' webhook."""

from flask import Response, g, jsonify, make_response, request

from harbor.errors import Invalid
from harbor.fleet_api.blueprint import bp
from harbor.ingest.intake import ItemResult, Receipt
from harbor.runtime import running
from harbor.trackers import harbor_json


@bp.post("/positions")
def post_positions() -> Response:
    """One report or an array: 201 when one is new, 200 when all were known.

    The answer leaves after the commit. 422 when none is good; 4xx: don't send it again.
    """
    receipt = running().intake.receive(
        g.tracker, g.body, harbor_json.decode, request.remote_addr
    )
    return _many(receipt) if receipt.is_array else _one(receipt.items[0])


def _one(item: ItemResult) -> Response:
    if item.verdict == "rejected":
        raise Invalid("The report breaks the contract; see errors.", item.reasons)
    document: dict[str, object] = {"verdict": item.verdict}
    if item.report is not None:
        document["vessel"] = str(item.report.vessel_id)
        document["recorded_at"] = item.report.recorded_at.isoformat().replace("+00:00", "Z")
    if item.verdict == "duplicate":
        document["identical"] = item.is_identical
    if item.verdict == "quarantined":
        document["reason"] = item.reasons[0].code
    return make_response(jsonify(document), 201 if item.verdict == "accepted" else 200)


def _many(receipt: Receipt) -> Response:
    if len(receipt.rejected) == len(receipt.items):
        fields = tuple(reason for item in receipt.rejected for reason in item.reasons)
        raise Invalid("No report of this array keeps the contract; see errors.", fields)
    document = {
        "accepted": receipt.count("accepted"),
        "duplicates": receipt.count("duplicate"),
        "quarantined": [
            {"index": item.index, "reason": item.reasons[0].code}
            for item in receipt.items
            if item.verdict == "quarantined"
        ],
        "rejected": [_rejected(item) for item in receipt.rejected],
    }
    return make_response(jsonify(document), 201 if receipt.count("accepted") else 200)


def _rejected(item: ItemResult) -> dict[str, object]:
    reasons = [
        {"pointer": reason.pointer, "code": reason.code, "detail": reason.detail}
        for reason in item.reasons
    ]
    return {"index": item.index, "reasons": reasons}
