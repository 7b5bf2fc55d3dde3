"""Quote asked: the body of a quote, and the question it puts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from services.tax.notes import NoteKey, YearNote
from services.tax.quota import Quota
from services.tax.quotes.question import Question
from shared.kernel.goods import GoodsLine, Unit
from shared.kernel.money import cents
from shared.runtime.fields import Amount, Country, Day, Text, wrong
from shared.runtime.patterns import CURRENCY, GOODS_CODE, UUID

Price = Annotated[Amount, Field(ge=0, lt=1_000_000_000, max_digits=14, decimal_places=5)]
Quantity = Annotated[Amount, Field(gt=0, lt=1_000_000_000, max_digits=14, decimal_places=5)]
EXAMPLE: dict[str, Any] = {
    "to": ["CN", "DE", "GB"],
    "on": "2026-11-20",
    "dispatch_country": "GB",
    "currency": "GBP",
    "freight": "4.00",
    "insurance": "0.50",
    "lines": [
        {
            "goods_code": "3304990029",
            "goods_name": "Face cream",
            "origin_country": "FR",
            "quantity": "1",
            "unit": "piece",
            "first_quantity": "20",
            "first_unit": "g",
            "price": "42.00",
        },
        {
            "goods_code": "6911101900",
            "goods_name": "Porcelain mug",
            "origin_country": "GB",
            "quantity": "2",
            "unit": "piece",
            "first_quantity": "0.8",
            "first_unit": "kg",
            "price": "4.80",
        },
    ],
}


class QuoteLineIn(BaseModel):
    """Goods, quantities, price."""

    model_config = ConfigDict(extra="forbid")

    goods_code: str = Field(pattern=GOODS_CODE, description="HS code, or national code of up to ten digits.")
    goods_name: Text = Field("", max_length=250)
    origin_country: Country
    quantity: Quantity = Field(description="In `unit`.")
    unit: Unit
    first_quantity: Quantity = Field(description="Statutory quantity of the whole line, in `first_unit`.")
    first_unit: Unit
    second_quantity: Quantity | None = None
    second_unit: Unit | None = None
    price: Price = Field(description="Per `unit`, in the currency of the quote; 0 marks a gift.")

    @model_validator(mode="after")
    def _quantity_and_unit(self) -> Self:
        if (self.second_quantity is None) != (self.second_unit is None):
            raise wrong("second_unit", "second_quantity and second_unit go together", "send both or none")
        return self


class QuoteIn(BaseModel):
    """A dry run: goods, prices, freight, and where to. Nothing of it is stored."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": EXAMPLE})

    to: list[Country] = Field(
        min_length=1, max_length=12, description="Countries of destination (ISO 3166-1 alpha-2)."
    )
    on: Day | None = Field(
        None,
        description="The day that decides on law and rates; left out: today, in each country's own zone.",
    )
    dispatch_country: Country
    currency: str = Field(pattern=CURRENCY, description="Of all prices here (ISO 4217).")
    freight: Price = Decimal(0)
    insurance: Price = Decimal(0)
    lines: list[QuoteLineIn] = Field(min_length=1, max_length=99)
    buyer_of: str | None = Field(
        None,
        pattern=UUID,
        description="Id of an earlier declaration of the buyer that you may read: counts what is left of the year.",
    )
    year_used: Price | None = Field(
        None, description="CNY that the buyer says to have used of the year; in place of `buyer_of`."
    )

    @field_validator("year_used")
    @classmethod
    def _said_or_looked_up(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if value is not None and info.data.get("buyer_of"):
            raise wrong("year_said_once", "the buyer's year is looked up or said, not both", "leave one out")
        return value

    def question(self, quota: Quota | None, notes: Mapping[NoteKey, YearNote] | None = None) -> Question:
        """As asked. The total of a line is quantity times price, half up to the cent."""
        return Question(
            to=tuple(dict.fromkeys(self.to)),
            on=self.on,
            dispatch_country=self.dispatch_country,
            currency=self.currency,
            lines=tuple(_line(number, line) for number, line in enumerate(self.lines, start=1)),
            freight=self.freight,
            insurance=self.insurance,
            quota=quota,
            notes=notes or {},
        )


def _line(number: int, line: QuoteLineIn) -> GoodsLine:
    return GoodsLine(line_no=number, total_price=cents(line.quantity * line.price), **line.model_dump())
