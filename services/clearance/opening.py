"""Opening: the permit keys, beside the permits that were signed with them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.clearance.signing import Keyring
from shared.runtime.database import fetch, reading
from shared.runtime.replica import Runtime

_HAS_ISSUED = sa.text("select exists (select from cases where permit_no is not null)")


async def open_keys(keyring: Keyring, runtime: Runtime) -> None:
    """Read the keys at the start; where permits were issued none is made."""
    async with reading(runtime.engine) as connection:
        keyring.open(is_first=not await has_issued(connection))


async def has_issued(connection: AsyncConnection) -> bool:
    """Whether there is a permit, signed by a key that must be there then."""
    return bool((await fetch(connection, _HAS_ISSUED))[0][0])
