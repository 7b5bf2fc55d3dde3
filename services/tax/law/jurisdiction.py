"""Jurisdiction: its dated law, and what is in force on a day.

`Statute` is everything in force in one country on a stretch of days in which nothing changes: looked up once a day
and code, then remembered, so that dates cost the path of a filing nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal

from services.tax.law.calendar import Timeline, zone_named
from services.tax.law.schema import ZERO, ClassRate, Country, RuleSet
from services.tax.law.tariff import EMPTY, Listing, Table, TariffLine, longest

REMEMBERED = 20_000
"""Goods codes that one statute remembers: they come from outside, so there must be an end to them."""


class NoLaw(LookupError):
    """Nothing is in force on the day: there is nothing to assess by, and nothing is guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An edition of the positive list: how many lines it has, and where it was published."""

    name: str
    lines: int
    valid_from: date
    valid_to: date | None = None
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What goods of one code bear on a day: the tariff line, and the rates of its classes."""

    hs_prefix: str
    goods: str
    duty: Decimal
    vat: Decimal
    consumption: Decimal
    specific_per_litre: Decimal
    high_end_per_g: Decimal | None
    high_end_per_piece: Decimal | None
    personal: Decimal
    personal_source: str
    listing: Listing | None
    """The line of the positive list, where it says more than yes."""
    is_marked: bool
    """Whether it asks more of a line: a quantity, or what the list says."""
    source: str
    confidence: str
    vat_source: str
    vat_confidence: str

    @property
    def is_high_end_only(self) -> bool:
        """Whether only the dear goods of the heading bear consumption tax."""
        return self.high_end_per_g is not None or self.high_end_per_piece is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statute:
    """What is in force in one country on some days."""

    country: Country
    currency: str
    tariff: str
    """Name of the tariff."""
    edition: Edition | None
    rule_sets: Mapping[str, RuleSet]
    """By channel."""
    lines: Mapping[str, TariffLine]
    listings: Mapping[str, Listing]
    classes: Mapping[tuple[str, str], ClassRate]
    """By tax and class of goods."""
    _rates: dict[str, Rate]

    def rate_of(self, goods_code: str) -> Rate:
        """The rate of a goods code."""
        rate = self._rates.get(goods_code)
        if rate is None:
            if len(self._rates) >= REMEMBERED:
                self._rates.clear()
            rate = self._rates[goods_code] = self._rate(goods_code)
        return rate

    def _rate(self, goods_code: str) -> Rate:
        line = longest(self.lines, goods_code)
        if line is None:
            raise NoLaw(f"{self.tariff} has no line for {goods_code} on that day")
        vat = self._class("vat", line.vat)
        personal = self._class("personal", line.personal) if line.personal else None
        listing = longest(self.listings, goods_code)
        asks_quantity = bool(line.specific_per_litre or line.high_end_per_g or line.high_end_per_piece)
        listing = listing if listing and (listing.listed == "no" or listing.year_quantity) else None
        return Rate(
            hs_prefix=line.hs_prefix,
            goods=line.goods,
            duty=line.duty,
            vat=vat.rate,
            consumption=line.consumption,
            specific_per_litre=line.specific_per_litre,
            high_end_per_g=line.high_end_per_g,
            high_end_per_piece=line.high_end_per_piece,
            personal=personal.rate if personal else ZERO,
            personal_source=personal.source if personal else "",
            listing=listing,
            is_marked=asks_quantity or listing is not None,
            source=line.source,
            confidence=line.confidence,
            vat_source=vat.source,
            vat_confidence=vat.confidence,
        )

    def _class(self, tax: str, goods_class: str) -> ClassRate:
        rate = self.classes.get((tax, goods_class))
        if rate is None:
            where = f"{self.country.name} on that day"
            raise NoLaw(f"no rate of {tax} is kept for goods of class {goods_class!r} in {where}")
        return rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    """One customs territory: its countries, its rule sets, its tariff. Amounts are in its currency."""

    code: str
    name: str
    currency: str
    minor: Decimal
    """The smallest amount of the currency: 0.01, or 1 for yen and won."""
    countries: Mapping[str, Country]
    rule_sets: tuple[RuleSet, ...]
    class_rates: tuple[ClassRate, ...]
    editions: tuple[Edition, ...]
    tariff: Table[TariffLine]
    listings: Table[Listing]
    _channels: Mapping[str, Timeline[RuleSet]]
    _classes: Mapping[tuple[str, str, str], Timeline[ClassRate]]
    _changes: Sequence[date]
    _statutes: dict[tuple[int, str], Statute]

    def zone(self, country: str) -> tzinfo:
        """Whose midnight decides in a country of it."""
        return zone_named(self.countries[country].zone)

    def on(self, day: date, country: str = "") -> Statute:
        """What is in force on a day, in the only country or the one named."""
        key = bisect_right(self._changes, day), country
        found = self._statutes.get(key)
        if found is None:
            found = self._statutes[key] = self._statute(day, country or next(iter(self.countries)))
        return found

    def _statute(self, day: date, country: str) -> Statute:
        rule_sets = {channel: sets.on(day) for channel, sets in self._channels.items()}
        general_first = sorted(self._classes.items(), key=lambda kept: kept[0][2] != "")
        classes = {
            (tax, goods_class): rate
            for (tax, goods_class, where), dated in general_first
            if where in ("", country) and (rate := dated.on(day)) is not None
        }
        return Statute(
            country=self.countries[country],
            currency=self.currency,
            tariff=self.tariff.name,
            edition=Timeline(self.editions).on(day),
            rule_sets={channel: rules for channel, rules in rule_sets.items() if rules is not None},
            lines=self.tariff.on(day),
            listings=self.listings.on(day),
            classes=classes,
            _rates={},
        )


def jurisdiction(
    about: Mapping[str, str],
    countries: Sequence[Country],
    dated: tuple[Sequence[RuleSet], Sequence[ClassRate], Sequence[Edition]],
    tables: tuple[Table[TariffLine], Table[Listing] | None],
) -> Jurisdiction:
    """A jurisdiction with its timelines laid."""
    rule_sets, class_rates, editions = dated
    tariff, listings = tables[0], tables[1] or EMPTY
    channels: dict[str, list[RuleSet]] = {}
    for rules in rule_sets:
        channels.setdefault(rules.channel, []).append(rules)
    classes: dict[tuple[str, str, str], list[ClassRate]] = {}
    for rate in class_rates:
        classes.setdefault((rate.tax, rate.goods_class, rate.country), []).append(rate)
    by_channel = {name: Timeline(sets) for name, sets in channels.items()}
    by_class = {name: Timeline(rates) for name, rates in classes.items()}
    changes = {*tariff.changes(), *listings.changes(), *Timeline(editions).changes()}
    changes |= {day for sets in by_channel.values() for day in sets.changes()}
    changes |= {day for rates in by_class.values() for day in rates.changes()}
    return Jurisdiction(
        code=about["code"],
        name=about["name"],
        currency=about["currency"],
        minor=Decimal(about["minor"]),
        countries={country.code: country for country in countries},
        rule_sets=tuple(rule_sets),
        class_rates=tuple(class_rates),
        editions=tuple(editions),
        tariff=tariff,
        listings=listings,
        _channels=by_channel,
        _classes=by_class,
        _changes=sorted(changes),
        _statutes={},
    )
