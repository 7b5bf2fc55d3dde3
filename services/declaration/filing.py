"""Filing: a submission that every rule has passed.

`examine` asks all rules at once; what passes becomes a `Filing`: weighed, hashed, its buyer a token, its natural
keys named. Ids, keys and the clock come in as arguments.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.declaration import matching, risk, rules, standing
from services.declaration.canonical import buyer_token, content_hash, filed_document
from services.declaration.domain import Surroundings, faults_of, said_no, signed
from services.declaration.partial import asked
from services.declaration.risk import Risk
from services.declaration.submission import Submission
from shared.kernel.ids import BuyerToken, DeclarationId
from shared.kernel.refusal import Fault, Refusal

RULES = (*standing.RULES, *rules.RULES, *matching.RULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of a version beside its event."""

    document: bytes
    """The submission; its identity numbers are tokens."""
    buyer_ending: str
    """The last four characters of the buyer's number, for display."""
    risk: str
    """Version of the risk rules, score, and the rules that gave points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A submission ready to be kept, under the id it will have if its keys are free."""

    declaration_id: DeclarationId
    submission: Submission
    buyer: BuyerToken
    content_hash: str
    risk: Risk
    kept: Kept
    client_id: str
    idempotency: str = ""
    """The key of the caller's Idempotency-Key; empty when there is none."""
    traceparent: str = ""

    @property
    def parties(self) -> tuple[str, ...]:
        """Every party that may read it."""
        return parties_of(self.submission)

    @property
    def keys(self) -> tuple[str, str]:
        """Its natural keys."""
        order, waybill = self.submission.order, self.submission.waybill
        return natural_keys(order.platform_code, order.order_no, waybill.carrier_code, waybill.waybill_no)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """The key that buyers' tokens and the day's random checks are made with."""

    key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Filer:
    """Who files, through which client, and with what request."""

    party: str
    client_id: str
    idempotency: str = ""
    traceparent: str = ""


def natural_keys(platform: str, order_no: str, carrier: str, waybill_no: str) -> tuple[str, str]:
    """The two keys under which the trade knows a declaration. Source: CEB 311 orderNo, 511 logisticsNo."""
    return f"order|{platform}|{order_no}", f"waybill|{carrier}|{waybill_no}"


def idempotency_of(client_id: str, key: str) -> str:
    """The key that a client's Idempotency-Key is kept under; empty when there is none."""
    return f"idem|{client_id}|{key}" if key else ""


def parties_of(submission: Submission) -> tuple[str, ...]:
    """The parties named in a submission, sorted."""
    order, papers = submission.order, submission.list
    codes = {
        order.platform_code,
        order.seller_code,
        order.payment_firm_code,
        submission.waybill.carrier_code,
        papers.declarant_code,
        papers.guarantor_code,
    }
    return tuple(sorted(codes))


def examine(submission: Submission, filer: Filer, around: Surroundings) -> None:
    """Refuse what may not be filed: 403 for another's trade, 422 with every fault."""
    if not standing.may_file(submission, filer.party):
        raise _anothers(filer.party)
    faults = faults_of(RULES, submission, around)
    if faults:
        raise Refusal(
            faults[0].code,
            f"{said_no(faults)}; see errors",
            status=422,
            rule=faults[0].rule,
            fix="correct every fault listed in errors and send it again",
            faults=faults,
        )


def judge(known: Submission, filer: Filer, around: Surroundings) -> list[Fault]:
    """What the rules find in the known part of a submission with faults of shape; 403 for another's trade."""
    if asked(lambda: () if standing.may_file(known, filer.party) else (filer,)):
        raise _anothers(filer.party)
    return [signed(wrong, rule) for rule in RULES for wrong in asked(rule, known, around)]


def _anothers(party: str) -> Refusal:
    return Refusal(
        "E-SEC-PARTY",
        f"{party} is neither declarant nor seller nor platform of this submission",
        status=403,
        rule="may_file",
        fix="let one of these three file it, with a token of its own",
        source="GACC announcement 194/2018",
    )


def accept(
    submission: Submission, filer: Filer, declaration_id: DeclarationId, secret: Secret, now: datetime
) -> Filing:
    """The filing of an examined submission."""
    token = buyer_token(secret.key, submission.order.buyer)
    weighed = risk.weigh(submission, risk.seed_of(now.date(), secret.key))
    return Filing(
        declaration_id=declaration_id,
        submission=submission,
        buyer=token,
        content_hash=content_hash(submission, token),
        risk=weighed,
        kept=Kept(
            document=filed_document(submission, token),
            buyer_ending=submission.order.buyer.id_number[-4:],
            risk=weighed.told,
        ),
        client_id=filer.client_id,
        idempotency=idempotency_of(filer.client_id, filer.idempotency),
        traceparent=filer.traceparent,
    )


def amending(filing: Filing, before: str) -> Filing:
    """The filing as it amends a version whose risk is kept as `before`: what the lot has drawn once stays drawn."""
    if not risk.was_drawn(before):
        return filing
    weighed = risk.still_drawn(filing.risk)
    return replace(filing, risk=weighed, kept=replace(filing.kept, risk=weighed.told))
