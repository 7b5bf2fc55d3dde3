"""Risk: additive points, a lane, customs' gate.

Points add up; green < 30 <= blue < 50 <= yellow < 80 <= red. Yellow and red wait for a customs officer, blue
passes and is looked at afterwards. Rule numbers are those of docs/rules.md.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from services.declaration.codes import COSMETICS, FLOORS
from services.declaration.submission import Submission
from shared.kernel.gate import Gate

VERSION = "CN-RISK-2025-01"
Lane = Literal["green", "blue", "yellow", "red"]
ORDER_LIMIT = Decimal(5000)
OFFICER_TIME = timedelta(days=5)
_LOT = 100
_CLIFFS: dict[str, Decimal] = {"ml": Decimal(10), "g": Decimal(10), "piece": Decimal(15)}
_JUST_UNDER = Decimal("0.95")


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """The score of a submission, with the rules that gave points."""

    score: int
    lane: Lane
    rules: tuple[str, ...]

    @property
    def told(self) -> str:
        """As it is kept: version of the risk rules, score, and the rules that gave points."""
        return f"{VERSION} {self.score} {','.join(self.rules)}"


def under_declared(submission: Submission, _: bytes) -> int:
    """R03: a price below the floor of its heading, CNY per unit (demonstration floors); gifts are no sale."""
    for line in submission.list.lines:
        floor = FLOORS.get((line.goods_code[:4], line.unit))
        if floor is not None and 0 < line.price < floor:
            return 50
    return 0


def just_under_the_limit(submission: Submission, _: bytes) -> int:
    """R05: an order within 2 % under CNY 5,000, as split orders are."""
    return 20 if ORDER_LIMIT * 49 / 50 <= submission.order.goods_value <= ORDER_LIMIT else 0


def beyond_household_use(submission: Submission, _: bytes) -> int:
    """R08: over 500 pieces of one article smell of a second sale."""
    return 20 if any(line.unit == "piece" and line.quantity > 500 for line in submission.list.lines) else 0


def weight_far_from_goods(submission: Submission, _: bytes) -> int:
    """R10: packing ten times as heavy as the goods, or over CNY 50,000 a kilogram."""
    papers = submission.list
    is_heavy = papers.gross_weight > 10 * papers.net_weight
    return 30 if is_heavy or submission.order.goods_value > 50_000 * papers.net_weight else 0


def at_the_price_cliff(submission: Submission, _: bytes) -> int:
    """R14: perfume or make-up up to 5 % under CNY 10 per ml or g, or 15 per piece, where the tax begins."""
    for line in submission.list.lines:
        cliff = _CLIFFS.get(line.unit)
        if line.goods_code[:4] in COSMETICS and cliff and cliff * _JUST_UNDER <= line.price < cliff:
            return 50
    return 0


def high_single_value(submission: Submission, _: bytes) -> int:
    """One article over CNY 20,000 is worth a look."""
    return 30 if any(line.price > 20_000 for line in submission.list.lines) else 0


def drawn_by_lot(submission: Submission, seed: bytes) -> int:
    """R25: one in 200, by a seed of the day, so that an auditor can draw again and a sender cannot foresee."""
    key = f"{submission.order.platform_code}|{submission.order.order_no}".encode()
    drawn = int.from_bytes(hashlib.blake2b(key, key=seed, digest_size=4).digest(), "big")
    return _LOT if drawn % 200 == 0 else 0


RULES: tuple[Callable[[Submission, bytes], int], ...] = (
    under_declared,
    just_under_the_limit,
    beyond_household_use,
    weight_far_from_goods,
    at_the_price_cliff,
    high_single_value,
    drawn_by_lot,
)


@lru_cache(maxsize=4)
def seed_of(day: date, key: bytes) -> bytes:
    """The seed of a day's random checks."""
    return hmac.digest(key, f"risk {day.isoformat()}".encode(), "sha256")


def lane_of(score: int) -> Lane:
    """The lane of a score; each bound belongs to the lane above it."""
    if score >= 80:
        return "red"
    if score >= 50:
        return "yellow"
    return "blue" if score >= 30 else "green"


def weigh(submission: Submission, seed: bytes) -> Risk:
    """All rules, added up."""
    points = [(rule.__name__, given) for rule in RULES if (given := rule(submission, seed))]
    score = sum(given for _, given in points)
    return Risk(score=score, lane=lane_of(score), rules=tuple(name for name, _ in points))


def was_drawn(told: str) -> bool:
    """Whether the lot had drawn a version, by its risk as it is kept."""
    return drawn_by_lot.__name__ in told.rpartition(" ")[2].split(",")


def still_drawn(risk: Risk) -> Risk:
    """The risk of what amends a version that the lot had drawn: no other number and no other day throws that off."""
    if drawn_by_lot.__name__ in risk.rules:
        return risk
    score = risk.score + _LOT
    return Risk(score=score, lane=lane_of(score), rules=(*risk.rules, drawn_by_lot.__name__))


def gate_of(lane: Lane, filed_at: datetime) -> Gate:
    """Customs' own gate: yellow and red are held for an officer, whose word is due in five days; no clock ends it."""
    if lane in ("green", "blue"):
        return Gate(agency="customs", status="PASSED")
    return Gate(
        agency="customs",
        status="HELD",
        code="CUSTOMS_REVIEW",
        reason=f"risk lane {lane}: a customs officer checks the declaration",
        awaits="customs officer",
        due_at=filed_at + OFFICER_TIME,
    )
