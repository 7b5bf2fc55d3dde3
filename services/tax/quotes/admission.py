"""Admission: may the goods come by this channel?

Each rule takes a proposal and a rule set and returns its fault, or nothing. Unlike in a filing, all faults are
told: whoever asks wants to know everything that stands in the way.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from services.tax.law.schema import RuleSet
from services.tax.law.tariff import Listing
from services.tax.levy import is_measurable
from services.tax.notes import Noted, in_unit, noted_in, year_note
from services.tax.quotes.question import Proposal
from services.tax.rules import beyond, is_one_item, item_fits
from shared.kernel.money import ZERO
from shared.kernel.refusal import Fault

Admission = Callable[[Proposal, RuleSet], Fault | None]


def is_sent_from_where_the_channel_is_for(asked: Proposal, rules: RuleSet) -> Fault | None:
    """The channel is open to goods from the country of dispatch (ISO 3166-1)."""
    country = asked.dispatch_country
    wanted = not rules.dispatched_from or country in rules.dispatched_from
    if wanted and country not in rules.not_dispatched_from:
        return None
    return Fault(
        pointer="/dispatch_country",
        code="E-CHANNEL-FROM",
        rule="is_sent_from_where_the_channel_is_for",
        detail=f"the channel is not for goods sent from {country}",
        fix="use another channel, or send from elsewhere",
        source=rules.source,
    )


def is_not_of_a_shut_origin(asked: Proposal, rules: RuleSet) -> Fault | None:
    """No line is of a country of origin that the channel is closed to (ISO 3166-1)."""
    for index, line in enumerate(asked.lines):
        if line.origin_country in rules.not_of_origin:
            return Fault(
                pointer=f"/lines/{index}/origin_country",
                code="E-CHANNEL-ORIGIN",
                rule="is_not_of_a_shut_origin",
                detail=f"the channel is closed to goods of {line.origin_country}",
                fix="take the line out, or use another channel",
                source=rules.source,
            )
    return None


def is_on_the_list(asked: Proposal, rules: RuleSet) -> Fault | None:
    """Every line is of goods that the positive list of the day names."""
    for index, rate in enumerate(asked.rates if rules.listed_goods_only else ()):
        if rate.listing is not None and rate.listing.listed == "no":
            return Fault(
                pointer=f"/lines/{index}/goods_code",
                code="E-LIST-NOT",
                rule="is_on_the_list",
                detail=f"{rate.listing.goods} ({rate.listing.hs_prefix}) is not on the {listed_by(asked)}",
                fix="take the line out, or use another channel",
                source=rate.listing.source,
            )
    return None


def states_the_noted_quantity(asked: Proposal, rules: RuleSet) -> Fault | None:
    """A line of noted goods states them in the note's unit (kilograms, litres, pieces)."""
    pairs = zip(asked.lines, asked.rates, strict=True)
    for index, (line, rate) in enumerate(pairs if rules.listed_goods_only else ()):
        listing = rate.listing
        if listing is not None and listing.year_unit and not in_unit(line, listing.year_unit):
            return Fault(
                pointer=f"/lines/{index}/first_quantity",
                code="E-LIST-NOTE",
                rule="states_the_noted_quantity",
                detail=f"{listing.goods} is counted in {listing.year_unit} a person and year",
                fix=f"state the first or second statutory quantity in {listing.year_unit}",
                source=listing.source,
            )
    return None


def keeps_the_note_of_the_list(asked: Proposal, rules: RuleSet) -> Fault | None:
    """No more of noted goods than the buyer has left of the year; where none is named, than a person may have."""
    pairs = list(zip(asked.lines, asked.rates, strict=True)) if rules.listed_goods_only else []
    for listing, noted in noted_in(pairs).items():
        left, unit = _left_of(asked, noted, listing), noted.unit
        if noted.quantity > left:
            most = f"{listing.year_quantity} {unit} a person and year"
            said = f"the {left:f} {unit} that the buyer has left of {most}" if asked.quota else most
            return Fault(
                pointer=f"/lines/{[rate.listing for _, rate in pairs].index(listing)}/first_quantity",
                code="E-LIST-NOTE",
                rule="keeps_the_note_of_the_list",
                detail=f"{noted.quantity:f} {unit} of {listing.goods} exceeds {said}",
                fix=f"order at most {left:f} {unit}",
                source=listing.source,
            )
    return None


def _left_of(asked: Proposal, noted: Noted, listing: Listing) -> Decimal:
    """Of the buyer's year, where a buyer is named."""
    allowed = listing.year_quantity or ZERO
    return year_note(asked.notes, noted.key(*asked.quota.key)).left(allowed) if asked.quota else allowed


def has_a_value_to_share_by(asked: Proposal, rules: RuleSet) -> Fault | None:
    """Freight and insurance are shared by line value, so some line must have one."""
    if asked.goods_value or not asked.freight + asked.insurance:
        return None
    return Fault(
        pointer="/lines",
        code="E-TAX-VALUE",
        rule="has_a_value_to_share_by",
        detail="every line is a gift, so nothing says which of them bears freight and insurance",
        fix="state the price of at least one line",
        source=rules.source,
    )


def states_the_quantity_that_is_taxed(asked: Proposal, rules: RuleSet) -> Fault | None:
    """Consumption tax by the litre, gram or piece needs that quantity; none is guessed."""
    if rules.consumption == "none":
        return None
    for index, (line, rate) in enumerate(zip(asked.lines, asked.rates, strict=True)):
        if rate.is_marked and not is_measurable(line, rate):
            return Fault(
                pointer=f"/lines/{index}/first_quantity",
                code="E-TAX-UNIT",
                rule="states_the_quantity_that_is_taxed",
                detail=f"consumption tax of heading {rate.hs_prefix} goes by quantity",
                fix="state a statutory quantity in litres or millilitres, kilograms or grams, or pieces",
                source=rules.source,
            )
    return None


def fits_the_order_limit(asked: Proposal, rules: RuleSet) -> Fault | None:
    """Within the limit of an order, or one indivisible item where such may exceed it."""
    if not asked.exceeds(rules) or (rules.one_item_may_exceed and _item_fits(asked, rules)):
        return None
    order, each = asked.measured(rules), "a piece" if rules.limit_each == "piece" else "an order"
    basis = "goods" if rules.limit_on == "goods" else "goods, freight and insurance"
    lone = ", and it is not one indivisible item" if rules.one_item_may_exceed else ""
    return Fault(
        pointer="/lines",
        code="E-LIMIT-ORDER",
        rule="fits_the_order_limit",
        detail=f"{order.value} {order.currency} ({basis}) {beyond(order.value, order.limit)} {each}{lone}",
        fix="use another channel, or order less",
        source=rules.source,
    )


def _item_fits(asked: Proposal, rules: RuleSet) -> bool:
    return is_one_item(asked.lines, rules) and item_fits(asked.value(rules.limit_on), rules)


def fits_the_year_of_the_buyer(asked: Proposal, rules: RuleSet) -> Fault | None:
    """Used, reserved and this together within the buyer's year; unknown where no buyer is named."""
    if asked.quota is None or not rules.year_limit.is_finite():
        return None
    value, left = asked.value("cif"), max(asked.quota.left(rules.year_limit), ZERO)
    if value <= left:
        return None
    return Fault(
        pointer="/lines",
        code="E-LIMIT-YEAR",
        rule="fits_the_year_of_the_buyer",
        detail=f"{value} exceeds the {left} that the buyer has left of {rules.year_limit} for {asked.quota.year}",
        fix=f"order at most {left}, or wait until {asked.quota.resets_on}",
        source=rules.source,
    )


def listed_by(asked: Proposal) -> str:
    """The edition of the list on the day."""
    edition = asked.statute.edition
    return f"positive list ({edition.name}, {edition.lines} lines)" if edition else "positive list"


RULES: tuple[Admission, ...] = (
    is_sent_from_where_the_channel_is_for,
    is_not_of_a_shut_origin,
    is_on_the_list,
    states_the_noted_quantity,
    keeps_the_note_of_the_list,
    has_a_value_to_share_by,
    states_the_quantity_that_is_taxed,
    fits_the_order_limit,
    fits_the_year_of_the_buyer,
)
