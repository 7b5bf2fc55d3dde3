"""Breaches: the invariants, and what breaks them.

Each invariant has a name and one sentence; a breach names its invariant, whom it is about, and what was found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

KEPT = 1000
"""Breaches of one invariant that are kept; the others are counted."""

INVARIANTS: dict[str, str] = {
    "acknowledged-is-stored": "Every acknowledged submission is stored once.",
    "facts-are-gap-free": "A service's facts of a subject are 1..n, and its head counts on from there.",
    "fact-says-what-its-row-says": "A fact can be read, and speaks of the subject, version and type of its row.",
    "every-effect-has-its-cause": "A fact that an input caused names one that was said and heard.",
    "effects-come-once": "An input causes a kind of fact once; a version gets each first word once.",
    "what-is-heard-has-its-effect": "A running version, once heard, is spoken of; its permit lets the goods out.",
    "nothing-unsaid-is-heard": "No cursor is ahead of its speaker's facts.",
    "what-is-said-is-heard": "Whoever reads a topic has heard every subject on it to the end, or says what parks it.",
    "offsets-follow-the-state": "No group's offset has passed a record that is neither applied nor waiting.",
    "every-fact-is-on-its-topic": "Every stored change that was to be said is on the topic.",
    "every-event-has-its-fact": "Every event on a topic is stored by its speaker.",
    "one-payload-an-event": "All records of an event have the bytes of its fact.",
    "records-lie-in-their-partition": "A record is readable, keyed by its subject, in that key's partition.",
    "the-outbox-moves": "No outbox row is without its fact, or unsaid for more than a minute.",
    "what-waits-has-a-reason": "No parked event without class and cause; heads count what waits.",
    "deadlines-run": "No deadline is more than a minute overdue.",
    "versions-are-1-to-n": "A declaration's versions are 1..n, in every service that knows them.",
    "one-permit": "A declaration has at most one permit; a permit number stands once.",
    "one-outcome": "A version ends at most once, and only while it runs.",
    "moves-are-legal": "Holds, revocations and movements of tax happen only where the state before allows them.",
    "the-clearance-predicate-holds": "Each permit had its submission, four open gates of its version, and no hold.",
    "refusals-have-their-ground": "Each refusal names a gate that said no to its version, in its agency's own words.",
    "settled-or-waiting": "A declaration is settled, or waits with an owner, a reason and a due time.",
    "every-change-has-its-event": "Rows of a service and its facts tell the same.",
    "outcomes-are-known": "Declaration shows the outcomes and answers that clearance has said.",
    "returns-are-of-the-released": "Goods go back of what is released, in its days, within what is declared, once.",
    "refunds-are-exact": "A completed return gives back, once, the tax and quota that its parts bore.",
    "money-is-whole": "Assessed = secured + waiting + voided + due + waived + paid + refunded, by declarant.",
    "ledger-adds-up": "Debits are credits, entries are 1..n, and each account is what its entries make.",
    "accounts-add-up": "A guarantee account is its deposits, what open versions hold of it, and what its bills owe.",
    "released-is-billed": "A released version's tax is on one bill, and no bill has anything else.",
    "bills-add-up": "A bill is the sum of its items; it is paid once, and by its whole amount.",
    "quotas-add-up": "A buyer's quota is what open and released declarations hold of it.",
    "quotas-stay-within-the-limit": "Reserved and used together never exceed the year's limit.",
    "noted-goods-add-up": "A buyer's year of noted goods is what filings took of it, less what went back.",
    "noted-goods-stay-within-the-note": "Reserved and used never exceed what the positive list allows a year.",
    "keys-belong-to-the-living": "A natural key is one living declaration's; the dead hold none.",
    "reviews-are-of-the-living": "An officer's review is of a running version; its lease is whole and short.",
    "tallies-are-counts": "The live page's numbers are those of the declarations.",
    "copies-agree": "Local copies of parties and carriers are what registry has.",
    "it-comes-to-rest": "Left alone, the system has nothing under way.",
}


class Breach(NamedTuple):
    """One thing that does not add up."""

    invariant: str
    ids: tuple[str, ...]
    """Declarations, keys, accounts: whom it is about."""
    sentence: str


@dataclass(slots=True)
class Findings:
    """Breaches as they are found: the first of each invariant, and how many there are."""

    kept: list[Breach] = field(default_factory=list)
    totals: Counter[str] = field(default_factory=Counter)

    def add(self, found: Iterable[Breach]) -> None:
        """Take breaches in."""
        for breach in found:
            self.totals[breach.invariant] += 1
            if self.totals[breach.invariant] <= KEPT:
                self.kept.append(breach)
