"""Shown: cases and permits as the API shows them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Self

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from services.clearance.domain import Case, Permit, Validity, awaited, validity
from services.clearance.gates import Word, spoken
from shared.kernel.gate import SPEAKING, Agency, Gate, GateStatus
from shared.runtime.fields import Reason

NO_HOLD = Gate(agency="clearance", status="NOT_REQUIRED", reason="no officer of clearance holds it")


class GateOut(BaseModel):
    """What one agency says of the running version."""

    agency: Agency
    status: GateStatus
    since: datetime | None = Field(description="When clearance heard it; null while the agency is silent.")
    code: str = Field(examples=["AWAITING_PAYMENT"])
    reason: str
    awaits: str = Field(description="Who must act.", examples=["declarant"])
    due_at: datetime | None

    @classmethod
    def of(cls, gate: Gate, word: Word | None) -> Self:
        """As shown."""
        return cls(
            agency=gate.agency,
            status=gate.status,
            since=word.since if word else None,
            code=gate.code,
            reason=gate.reason,
            awaits=gate.awaits,
            due_at=gate.due_at,
        )


class ClearanceOut(BaseModel):
    """Where a declaration stands: four agency gates and clearance's own."""

    declaration_id: str
    version: int = Field(description="The running one.")
    status: Literal["OPEN", "PERMIT", "REFUSED", "CANCELLED"]
    filed_at: datetime | None
    permit_no: str | None
    awaits: list[str] = Field(
        description="Who must act now; empty once it is decided.", examples=[["carrier"]]
    )
    gates: list[GateOut]

    @classmethod
    def of(cls, case: Case) -> Self:
        """As shown."""
        running = case.running
        gates = [GateOut.of(spoken(running, agency), running.words.get(agency)) for agency in SPEAKING]
        return cls(
            declaration_id=case.declaration_id,
            version=case.version,
            status=case.status,
            filed_at=running.filed_at,
            permit_no=case.permit.permit_no if case.permit else None,
            awaits=awaited(case),
            gates=[*gates, GateOut.of(case.hold.gate if case.hold else NO_HOLD, case.hold)],
        )


class PermitOut(BaseModel):
    """A permit: what it covers, and the signature over exactly that."""

    permit_no: str = Field(examples=["SW20260001000000042"])
    declaration_id: str
    version: int
    status: Validity
    issued_at: datetime
    valid_until: datetime
    tax_total: Decimal | None = Field(description="CNY")
    covers_sha256: str = Field(description="SHA-256 of the signed content, hex.")
    key_id: str
    covers: dict[str, Any] = Field(description="The signed content, parsed; its bytes are in `jws`.")
    jws: str = Field(description="Compact JWS (EdDSA); keys at /v1/permits/keys.")

    @classmethod
    def of(cls, permit: Permit, content: bytes, jws: str, now: datetime) -> Self:
        """As shown."""
        covers = msgspec.json.decode(content)
        return cls(
            permit_no=permit.permit_no,
            declaration_id=covers["permit"]["declaration_id"],
            version=covers["permit"]["version"],
            status=validity(permit, now),
            issued_at=permit.issued_at,
            valid_until=permit.valid_until,
            tax_total=covers["permit"]["tax_total"],
            covers_sha256=permit.covers_sha256,
            key_id=permit.key_id,
            covers=covers,
            jws=jws,
        )


class VerificationOut(BaseModel):
    """What anybody may know of a permit number: nothing of a person, a firm or the goods."""

    permit_no: str
    status: Validity
    issued_at: datetime
    valid_until: datetime
    covers_sha256: str = Field(description="Compare it with the hash on the permit in hand.")
    key_id: str
    revoked_at: datetime | None

    @classmethod
    def of(cls, permit: Permit, now: datetime) -> Self:
        """As shown."""
        return cls(
            permit_no=permit.permit_no,
            status=validity(permit, now),
            issued_at=permit.issued_at,
            valid_until=permit.valid_until,
            covers_sha256=permit.covers_sha256,
            key_id=permit.key_id,
            revoked_at=permit.revocation.revoked_at if permit.revocation else None,
        )


class ReasonIn(BaseModel):
    """Why an officer does it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "a tip was received"}]}
    )
    reason: Reason


class TallyOut(BaseModel):
    """How many declarations stand where."""

    filed: int
    open: int
    permit: int
    refused: int
    cancelled: int
    superseded: int = Field(description="Versions that an admitted amendment replaced.")
    revoked: int
    held: dict[str, int] = Field(
        description="Open declarations by the gate that holds them; one may count twice."
    )
    passed: dict[str, int] = Field(
        description="Declarations by the gate that let their running version pass, or needs nothing of it."
    )

    @classmethod
    def of(cls, tally: dict[str, int]) -> Self:
        """As shown."""
        names = ("filed", "open", "permit", "refused", "cancelled", "superseded", "revoked")
        held: dict[str, int] = {agency: tally.get(f"held.{agency}", 0) for agency in (*SPEAKING, "clearance")}
        passed: dict[str, int] = {agency: tally.get(f"passed.{agency}", 0) for agency in SPEAKING}
        return cls(**{name: tally.get(name, 0) for name in names}, held=held, passed=passed)


class KeysOut(BaseModel):
    """A JWK set (RFC 7517)."""

    keys: list[dict[str, str]]
