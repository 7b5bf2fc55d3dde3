"""Bounds: lengths, and what belongs together.

What the shape alone does not bound: the texts of the kernel's goods, certificates and transport have the lengths of
their CEB fields. Amounts, moments and names are bounded where they are read: `services/declaration/writing.py`.
"""

from __future__ import annotations

from typing import Any

from services.declaration.partial import UNTOLD, asked
from services.declaration.shape import schema_fault
from services.declaration.submission import Submission
from shared.kernel.goods import GoodsLine
from shared.kernel.refusal import Fault

_TEXTS = {"goods_name": (1, 250), "specification": (0, 510), "origin_country": (2, 2), "item_no": (0, 30)}
_TEXTS["item_record_no"] = (0, 30)
_CERTIFICATE = {"kind": (1, 40), "number": (1, 60), "issued_by": (2, 2), "line_nos": (0, 99)}
_TRANSPORT = {"voyage_no": (0, 32), "document_no": (1, 37)}


def bound_faults(submission: Submission) -> list[Fault]:
    """Everything out of bounds; the common case, nothing, is decided without making a pointer."""
    numbered = [] if all(map(_line_fits, submission.list.lines)) else _numbered(submission)
    faults = [fault for index, line in numbered for fault in _line_faults(index, line)]
    return faults + _transport_faults(submission) + _certificate_faults(submission)


def known_bound_faults(known: Submission) -> list[Fault]:
    """The same of a submission that is known in part."""
    faults = [fault for each in asked(_numbered, known) for fault in asked(_line_faults, *each)]
    return [*faults, *asked(_transport_faults, known), *asked(_certificate_faults, known)]


def _numbered(submission: Submission) -> list[tuple[int, GoodsLine]]:
    return list(enumerate(submission.list.lines))


def _transport_faults(submission: Submission) -> list[Fault]:
    return _text_faults("/waybill/transport", submission.waybill.transport, _TRANSPORT)


def _certificate_faults(submission: Submission) -> list[Fault]:
    return [
        fault
        for index, certificate in enumerate(submission.list.certificates)
        for fault in _text_faults(f"/list/certificates/{index}", certificate, _CERTIFICATE)
    ]


def _line_fits(line: GoodsLine) -> bool:
    code = line.goods_code
    return (
        len(code) == 10
        and code.isdigit()
        and code.isascii()
        and 0 < len(line.goods_name) <= 250
        and len(line.specification) <= 510
        and len(line.origin_country) == 2
        and len(line.item_no) <= 30
        and len(line.item_record_no) <= 30
        and line.first_quantity > 0
        and (line.second_quantity is None) is (line.second_unit is None)
    )


def _line_faults(index: int, line: GoodsLine) -> list[Fault]:
    at = f"/list/lines/{index}"
    faults = _text_faults(at, line, _TEXTS)
    if not (len(line.goods_code) == 10 and line.goods_code.isascii() and line.goods_code.isdigit()):
        faults.append(
            schema_fault(f"{at}/goods_code", "goods_code", "it is not ten digits", "send ten digits")
        )
    if line.first_quantity <= 0:
        fix = "send the statutory quantity of the line"
        faults.append(schema_fault(f"{at}/first_quantity", "numbers_fit", "it is not above 0", fix))
    if (line.second_quantity is None) is not (line.second_unit is None):
        fix = "send second_quantity and second_unit, or neither"
        faults.append(schema_fault(f"{at}/second_unit", "second_unit", "quantity and unit go together", fix))
    return faults


def _text_faults(at: str, thing: Any, bounds: dict[str, tuple[int, int]]) -> list[Fault]:
    return [
        schema_fault(f"{at}/{name}", "length", f"its length is not {low}..{high}", "shorten or complete it")
        for name, (low, high) in bounds.items()
        if (value := getattr(thing, name)) is not UNTOLD and not low <= len(value) <= high
    ]
