"""Money: every amount assessed is in exactly one place.

Assessed = secured + due + waived + waiting + voided + refunded. Assessed comes from the events, the places from tax's
books; `due` is what permits have made payable. Accounts are checked against what the events make open and released
versions hold. CNY.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from audit.breach import Breach
from audit.dossier import Dossier
from audit.folds import Read
from audit.ledger import HOLDING, OPEN, ZERO, Holding
from audit.rows import Assessed

PLACES = ("secured", "due", "waived", "waiting", "voided", "refunded")
ACCOUNTS = "select party, balance, reserved, due from accounts"
DEPOSITS = "select party, sum(amount) from deposits group by party"


def movements_are_legal(of: Dossier) -> Iterator[Breach]:
    """Tax moves what it holds, once, and by what it holds."""
    for invariant, sentence in of.ledger.wrong:
        yield Breach(invariant, (of.subject,), sentence)


def books_are_what_events_say(of: Dossier) -> Iterator[Breach]:
    """Each assessment stands as its events leave it: status, tax, quota, guarantee, whose they are."""
    for row in of.of("tax", "assessments"):
        held, filed = of.ledger.holdings.get(row.version), of.story.filed.get(row.version)
        if held is None:
            continue  # a change without its event: said by another check
        kept = row.status, row.tax_total, row.quota_held, row.guarantee_held, row.refunded
        if row.status == "COMMITTED" or row.status in OPEN:
            said = held.status, held.assessed, held.quota, held.guarantee, held.refunded
        else:
            said = held.status, held.assessed, ZERO, ZERO, ZERO
        if kept != said:
            yield _breach(of, f"version {row.version}: books {_words(kept)}; events {_words(said)}")
        if filed and (filed.buyer, filed.guarantor) != (row.buyer, row.guarantor):
            yield _breach(
                of, f"version {row.version} is booked on {row.guarantor} and {row.buyer}, filed for others"
            )


def outcomes_move_money(of: Dossier) -> Iterator[Breach]:
    """A permit has its tax committed; what ended without one holds nothing."""
    story, holdings = of.story, of.ledger.holdings
    if story.status == "OPEN" or not of.has_heard_all("tax", "clearance"):
        return
    released = story.version if story.status == "PERMIT" else 0
    if released and (released not in holdings or holdings[released].status != "COMMITTED"):
        state = holdings[released].status if released in holdings else "not assessed"
        yield _breach(of, f"version {released} has a permit, its tax is {state}")
    for version, held in holdings.items():
        if version != released and held.status in HOLDING:
            yield _breach(of, f"it is {story.status}, version {version} still holds: {held.status}")


class Money:
    """Sums by declarant and by guarantor."""

    def __init__(self) -> None:
        self._assessed: dict[str, Decimal] = defaultdict(Decimal)
        self._places: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self._accounts: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
        self._deposits: dict[str, Decimal] = {}
        self._held: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
        """By guarantor: reserved and due, as the events say."""

    def reads(self) -> Sequence[Read]:
        """Accounts and deposits."""
        return [Read("tax", ACCOUNTS, self.keep_account), Read("tax", DEPOSITS, self.keep_deposits)]

    def keep_account(self, party: str, balance: Decimal, reserved: Decimal, due: Decimal) -> None:
        """A guarantee account."""
        self._accounts[party] = balance, reserved, due

    def keep_deposits(self, party: str, amount: Decimal) -> None:
        """What a party has paid in."""
        self._deposits[party] = amount

    def take(self, of: Dossier) -> None:
        """Sum what a declaration owes, and where that is."""
        for version, held in of.ledger.holdings.items():
            filed = of.story.filed.get(version)
            self._assessed[filed.declarant if filed else ""] += held.assessed
            self._hold(filed.guarantor if filed else "", held)
        for row in of.of("tax", "assessments"):
            filed = of.story.filed.get(row.version)
            place = self._places[filed.declarant if filed else ""]
            for name, amount in places_of(row):
                place[name] += amount

    def _hold(self, guarantor: str, held: Holding) -> None:
        if held.guarantee:
            self._held[guarantor][1 if held.status == "COMMITTED" else 0] += held.guarantee - held.refunded

    def breaches(self) -> Iterator[Breach]:
        """Declarants, the sum, accounts."""
        for declarant in sorted(self._assessed.keys() | self._places.keys()):
            found = sum(self._places[declarant].values(), ZERO)
            if found != self._assessed[declarant]:
                what = f"assessed {self._assessed[declarant]}, in places {found}: {self._shown(declarant)}"
                yield Breach("money-is-whole", (declarant,), what)
        for party in sorted(self._accounts.keys() | self._held.keys() | self._deposits.keys()):
            yield from self._account(party)

    def _account(self, party: str) -> Iterator[Breach]:
        balance, reserved, due = self._accounts.get(party, (ZERO, ZERO, ZERO))
        said = [self._deposits.get(party, ZERO), *self._held[party]]
        if [balance, reserved, due] != said:
            what = f"balance, reserved, due are {balance}, {reserved}, {due}; deposits and events say "
            yield Breach("accounts-add-up", (party,), what + ", ".join(map(str, said)))
        if reserved + due > balance:
            yield Breach(
                "accounts-add-up", (party,), f"{reserved} + {due} is more than its balance {balance}"
            )

    def _shown(self, declarant: str) -> str:
        return ", ".join(f"{name} {self._places[declarant][name]}" for name in PLACES)

    def counts(self) -> dict[str, Any]:
        """The sums."""
        sums = {name: sum((each[name] for each in self._places.values()), ZERO) for name in PLACES}
        return {"assessed": sum(self._assessed.values(), ZERO), **sums}


def places_of(row: Assessed) -> Iterator[tuple[str, Decimal]]:
    """Where the tax of a version is, by tax's books."""
    owed = row.tax_total - row.refunded
    yield "refunded", row.refunded
    if row.status in ("SECURED", "COMMITTED"):
        place = "due" if row.status == "COMMITTED" else "secured"
        yield (place, row.guarantee_held - row.refunded) if row.guarantee_held else ("waived", owed)
    else:
        yield ("waiting" if row.status == "WAITING" else "voided"), row.tax_total


def _words(state: tuple[str, Decimal, Decimal, Decimal, Decimal]) -> str:
    status, tax, quota, guarantee, refunded = state
    return f"{status}, tax {tax:f}, quota {quota:f}, guarantee {guarantee:f}, given back {refunded:f}"


def _breach(of: Dossier, sentence: str) -> Breach:
    return Breach("money-is-whole", (of.subject,), sentence)


CHECKS = (movements_are_legal, books_are_what_events_say, outcomes_move_money)
