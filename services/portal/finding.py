"""Finding: from what people have at hand to a declaration.

That is its id, or the order number that lists and sellers name. An order number is one platform's own, so two
declarations may bear it: then both are listed. Looked up as the pages look, and like them in the sandbox only.
"""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from services.portal.desk import Desk, PortalDesk
from services.portal.latest import SHOWN, Listed, list_of
from services.portal.paper import away, render
from shared.kernel.ids import is_uuid
from shared.kernel.written import find_unseen

router = APIRouter(include_in_schema=False)
LONGEST = 60
"""Characters of an order number, as the declaration service takes them."""


@router.get("/declarations")
async def find(desk: Desk, sought: str = "") -> Response:
    """From the search field to the page of a declaration, or to a list where several are meant."""
    wanted = sought.strip()
    if not wanted:
        return RedirectResponse("/", 303)
    found = await _of_order(desk, wanted)
    if is_uuid(wanted.lower()) and not found.sheets:  # else an order whose number has the shape of an id
        return RedirectResponse(f"/declarations/{wanted.lower()}", 303)
    if not found.is_told:
        return away(desk, found.away)
    if not found.sheets:
        return render("missing.html", desk, 404, wanted=wanted[:LONGEST])
    if len(found.sheets) == 1:
        return RedirectResponse(f"/declarations/{found.sheets[0].declaration_id}", 303)
    return render("found.html", desk, wanted=wanted, found=found)


async def _of_order(desk: PortalDesk, wanted: str) -> Listed:
    """The declarations of an order number; none of what cannot be one, and none outside the sandbox."""
    if not desk.settings.sandbox or len(wanted) > LONGEST or find_unseen(wanted):
        return Listed(is_told=True)
    return await list_of(desk, urlencode({"order_no": wanted, "limit": SHOWN}))
