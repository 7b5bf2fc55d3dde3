"""Book: the whole law of a folder, read and checked.

A broken file is refused whole, with its line, and nothing of the folder comes into force: `read_law` either
returns a law that is consistent, or raises `BrokenLaw`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from services.tax.law.calendar import BrokenLaw, Timeline, zone_named
from services.tax.law.exchange import Exchange, read_exchange
from services.tax.law.jurisdiction import Edition, Jurisdiction, NoLaw, Statute, jurisdiction
from services.tax.law.page import Page
from services.tax.law.retail import COUNTRY, HEAD, RETAIL, RULE_SET, unassessable
from services.tax.law.schema import ClassRate, Country, RuleSet
from services.tax.law.tariff import Table, TariffLine, read_list, read_tariff

BUNDLED = Path(__file__).parents[1] / "data"
CHINA = "CN"
TABLES = ("jurisdiction", "country", "rule_set", "rate", "list_edition")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The head of a jurisdiction's file."""

    code: str
    name: str
    currency: str
    minor: Literal["1", "0.01", "0.001"] = "0.01"
    """The smallest amount of the currency (ISO 4217 knows these)."""
    tariff: str
    """Name of a CSV file beside it."""
    positive_list: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Every jurisdiction, the rates of exchange, and what identifies the files they come from."""

    jurisdictions: Mapping[str, Jurisdiction]
    exchange: Exchange
    digest: str

    @property
    def china(self) -> Jurisdiction:
        """Where declarations are filed."""
        return self.jurisdictions[CHINA]

    @property
    def rule_sets(self) -> tuple[RuleSet, ...]:
        """Of all jurisdictions."""
        return tuple(rules for each in self.jurisdictions.values() for rules in each.rule_sets)

    def home_of(self, country: str) -> Jurisdiction | None:
        """The jurisdiction that a country of destination belongs to."""
        return next((each for each in self.jurisdictions.values() if country in each.countries), None)

    def named(self, name: str) -> RuleSet | None:
        """The rule set that an assessment names."""
        return next((rules for rules in self.rule_sets if rules.name == name), None)

    def on(self, day: date, country: str = CHINA) -> Statute:
        """What is in force in a country on one of its days."""
        return self.home(country).on(day, country)

    def home(self, country: str) -> Jurisdiction:
        """The jurisdiction of a country that is known to have one."""
        home = self.home_of(country)
        if home is None:
            raise NoLaw(f"no law of {country} is kept here")
        return home

    def with_jurisdiction(self, other: Jurisdiction) -> Law:
        """The same law with another jurisdiction in the place of its namesake."""
        return replace(self, jurisdictions={**self.jurisdictions, other.code: other})


def read_law(folder: Path) -> Law:
    """The law of a folder, checked; raises `BrokenLaw`."""
    pages = sorted(folder.glob("*.toml"))
    try:
        made = [read_jurisdiction(path, folder) for path in pages]
        exchange = read_exchange(folder / "exchange-rates.csv")
        digest = hashlib.sha256(
            b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())
        )
    except OSError as error:
        raise BrokenLaw(f"{error.filename}: {error.strerror}") from error
    except (UnicodeDecodeError, ArithmeticError) as error:
        raise BrokenLaw(
            f"{folder.name}: a file is no text in UTF-8, or has a number that is none: {error}"
        ) from error
    jurisdictions = {each.code: each for each in made}
    if CHINA not in jurisdictions or len(jurisdictions) < len(made):
        raise BrokenLaw(f"{folder.name}: needs one file for each jurisdiction, and one for {CHINA}")
    law = Law(jurisdictions=jurisdictions, exchange=exchange, digest=digest.hexdigest()[:16])
    _check_names(law)
    return law


def _check_names(law: Law) -> None:
    names = [rules.name for rules in law.rule_sets]
    if twice := {name for name in names if names.count(name) > 1}:
        raise BrokenLaw(f"the same name for two rule sets: {', '.join(sorted(twice))}")


def read_jurisdiction(path: Path, tables: Path = BUNDLED) -> Jurisdiction:
    """The jurisdiction of a file; tables that it names lie beside it, or in the folder given."""
    page = Page(path)
    page.allow(*TABLES)
    about = page.thing("jurisdiction", About)
    countries = page.things("country", Country)
    rule_sets, rates = page.things("rule_set", RuleSet), page.things("rate", ClassRate)
    editions = page.things("list_edition", Edition)
    _check_countries(page, countries, rates)
    for table, things in (("rule_set", rule_sets), ("rate", rates), ("list_edition", editions)):
        _check_dates(page, table, things)
    tariff = read_tariff(_beside(path, about.tariff, tables))
    listings = read_list(_beside(path, about.positive_list, tables)) if about.positive_list else None
    _check_classes(tariff, rates)
    if about.code == CHINA:
        _check_retail(page, about, countries, rule_sets)
    head = {"code": about.code, "name": about.name, "currency": about.currency, "minor": about.minor}
    return jurisdiction(head, countries, (rule_sets, rates, editions), (tariff, listings))


def _beside(path: Path, table: str, tables: Path) -> Path:
    near = path.parent / f"{table}.csv"
    return near if near.exists() else tables / f"{table}.csv"


def _check_countries(page: Page, countries: list[Country], rates: list[ClassRate]) -> None:
    if not countries:
        raise page.broken("country", 0, "names no country")
    for index, country in enumerate(countries):
        try:
            zone_named(country.zone)
        except ValueError as error:
            raise page.broken("country", index, str(error), "zone") from error
    known = {"", *(country.code for country in countries)}
    for index, rate in enumerate(rates):
        if rate.country not in known:
            raise page.broken("rate", index, f"{rate.country} is no country of this file", "country")


def _check_classes(tariff: Table[TariffLine], rates: list[ClassRate]) -> None:
    """A class of goods that a line names has rates; where no rate of that tax is kept the tax is not levied."""
    known = {(rate.tax, rate.goods_class) for rate in rates}
    taxes = {tax for tax, _ in known}
    for dated in tariff.lines.values():
        for line in dated.things:
            for tax, goods_class in (("vat", line.vat), ("personal", line.personal)):
                if goods_class and tax in taxes and (tax, goods_class) not in known:
                    raise BrokenLaw(
                        f"{tariff.name}.csv, {line.hs_prefix or 'all other goods'}: "
                        f"no rate of {tax} is kept for class {goods_class!r}"
                    )


def _check_retail(page: Page, about: About, countries: list[Country], rule_sets: list[RuleSet]) -> None:
    """Filings are assessed by this file, on a path that does not read all of it."""
    retail = [(index, rules) for index, rules in enumerate(rule_sets) if rules.channel == RETAIL]
    for table, things, only in (
        ("jurisdiction", [(0, about)], HEAD),
        ("country", enumerate(countries), COUNTRY),
        ("rule_set", retail, RULE_SET),
    ):
        for index, thing in things:
            for key, reason in unassessable(thing, only):
                raise page.broken(table, index, reason, key)


def _check_dates(page: Page, table: str, things: list[Any]) -> None:
    """What follows each other neither overlaps nor leaves a day without."""
    if table == "rule_set" and not things:
        raise page.broken(table, 0, "holds no rule set")
    kin: dict[Any, list[Any]] = {}
    for thing in things:
        kin.setdefault(_kind(thing), []).append(thing)
    for dated in map(Timeline, kin.values()):
        for older, newer in filter(None, (dated.clash(), dated.gap())):
            reason = f"must begin on the day after {_title(older)} ends ({older.valid_to or 'never'})"
            raise page.broken(table, things.index(newer), reason, "valid_from")


def _kind(thing: RuleSet | ClassRate | Edition) -> Any:
    """What follows each other: sets of a channel, rates of a class in a country, editions of the list."""
    if isinstance(thing, RuleSet):
        return thing.channel
    return (thing.tax, thing.goods_class, thing.country) if isinstance(thing, ClassRate) else "list"


def _title(thing: RuleSet | ClassRate | Edition) -> str:
    if isinstance(thing, ClassRate):
        return f"{thing.tax} {thing.goods_class} {thing.country}".strip()
    return thing.name
