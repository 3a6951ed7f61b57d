"""What a tracker is told about its message: a status and a JSON document."""

from harbor.errors import Invalid
from harbor.ingest.docket import ItemResult, Receipt

Answer = tuple[int, dict[str, object]]


def answer(receipt: Receipt) -> Answer:
    """201 when one report is new, 200 when all were known. Raises Invalid: none is good."""
    return _many(receipt) if receipt.is_array else _one(receipt.items[0])


def _one(item: ItemResult) -> Answer:
    if item.verdict == "rejected":
        raise Invalid("The report breaks the contract; see errors.", item.reasons)
    document: dict[str, object] = {"verdict": item.verdict}
    if item.report is not None:
        document["vessel"] = item.report.vessel_id
        document["recorded_at"] = item.report.recorded_at
    if item.verdict == "duplicate":
        document["identical"] = item.is_identical
    if item.verdict == "quarantined":
        document["reason"] = item.reasons[0].code
    return 201 if item.verdict == "accepted" else 200, document


def _many(receipt: Receipt) -> Answer:
    if len(receipt.rejected) == len(receipt.items):
        fields = tuple(reason for item in receipt.rejected for reason in item.reasons)
        raise Invalid("No report of this array keeps the contract; see errors.", fields)
    document: dict[str, object] = {
        "accepted": receipt.count("accepted"),
        "duplicates": receipt.count("duplicate"),
        "quarantined": [
            {"index": item.index, "reason": item.reasons[0].code}
            for item in receipt.items
            if item.verdict == "quarantined"
        ],
        "rejected": [_rejected(item) for item in receipt.rejected],
    }
    return 201 if receipt.count("accepted") else 200, document


def _rejected(item: ItemResult) -> dict[str, object]:
    return {"index": item.index, "reasons": item.reasons}
