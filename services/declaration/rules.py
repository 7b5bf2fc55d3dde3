"""Rules of one filing: figures, dates, codes, goods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from services.declaration.codes import NOT_LISTED
from services.declaration.domain import NOTHING, Found, Rule, Surroundings, Wrong
from services.declaration.identity import OLDEST, age, is_number
from services.declaration.submission import OrderLine, Submission
from shared.kernel import nomenclature
from shared.kernel.countries import COUNTRIES, HOW_COUNTRY
from shared.kernel.goods import GoodsLine
from shared.kernel.money import cents
from shared.kernel.papers import PAPER_KINDS

OLDEST_ORDER = timedelta(days=400)
SKEW = timedelta(minutes=10)


def lines_are_numbered_without_gaps(submission: Submission, _: Surroundings) -> Found:
    """Lines are numbered 1..n in order. Source: CEB message specification 2022-05, gnum."""
    return [
        Wrong(
            f"/{document}/lines",
            f"the line numbers are {', '.join(map(str, numbers[:5]))}{', ...' if numbers[5:] else ''}",
            "number the lines 1..n in order",
        )
        for document, numbers in (
            ("order", [line.line_no for line in submission.order.lines]),
            ("list", [line.line_no for line in submission.list.lines]),
        )
        if numbers != list(range(1, len(numbers) + 1))
    ]


def line_totals_add_up(submission: Submission, _: Surroundings) -> Found:
    """Quantity times price is the line's total, half up to the cent. Source: CEB specification, totalPrice."""
    return [
        Wrong(
            f"/{document}/lines/{index}/total_price",
            f"{line.quantity} x {line.price} is {cents(line.quantity * line.price)}, not {line.total_price}",
            "send quantity times price, rounded half up to the cent",
        )
        for document, index, line in _lines_of(submission)
        if not _adds_up(line)
    ]


def _lines_of(submission: Submission) -> list[tuple[str, int, OrderLine | GoodsLine]]:
    ordered, listed = submission.order.lines, submission.list.lines
    return [
        *(("order", index, line) for index, line in enumerate(ordered)),
        *(("list", index, line) for index, line in enumerate(listed)),
    ]


def _adds_up(line: OrderLine | GoodsLine) -> bool:
    return line.total_price == cents(line.quantity * line.price)


def goods_value_is_the_sum_of_the_lines(submission: Submission, _: Surroundings) -> Found:
    """The order's goods value is the sum of its lines. Source: CEB specification, goodsValue."""
    order = submission.order
    total = _sum_of(order.lines)
    if total == order.goods_value:
        return NOTHING
    return [
        Wrong("/order/goods_value", f"the lines add up to {total}, not {order.goods_value}", f"send {total}")
    ]


def _sum_of(lines: Sequence[OrderLine]) -> Decimal:
    return sum([line.total_price for line in lines], Decimal(0))


def paid_is_what_is_due(submission: Submission, _: Surroundings) -> Found:
    """Actually paid = goods + freight + tax - discount. Source: CEB specification, acturalPaid.

    Where the goods' value is not the sum of the lines, that is a fault already: either of them may be what is due.
    """
    order = submission.order
    besides = order.freight + order.tax_total - order.discount
    due = order.goods_value + besides
    if order.actual_paid == due or order.actual_paid == _sum_of(order.lines) + besides:
        return NOTHING
    return [
        Wrong("/order/actual_paid", f"goods + freight + tax - discount is {due}", "make the amounts agree")
    ]


def net_weight_is_within_gross(submission: Submission, _: Surroundings) -> Found:
    """Net weight is at most gross weight. Source: CEB specification, grossWeight and netWeight (kg)."""
    papers = submission.list
    if papers.net_weight <= papers.gross_weight:
        return NOTHING
    detail = f"net {papers.net_weight} kg is more than gross {papers.gross_weight} kg"
    return [Wrong("/list/net_weight", detail, "weigh without packing for net, with packing for gross")]


def a_parcel_is_one_package(submission: Submission, _: Surroundings) -> Found:
    """One list covers one parcel. Source: CEB specification, packNo = 1."""
    counts = {"/list/packages": submission.list.packages, "/waybill/packages": submission.waybill.packages}
    return [
        Wrong(pointer, "a declaration covers one package", "file a declaration for each package")
        for pointer, packages in counts.items()
        if packages != 1
    ]


def the_buyer_has_a_valid_identity_number(submission: Submission, around: Surroundings) -> Found:
    """Check character and date of birth are sane. Source: GB 11643-1999, ISO 7064 MOD 11-2."""
    number = submission.order.buyer.id_number
    pointer, fix = "/order/buyer/id_number", "copy the 18 characters from the buyer's card"
    if not is_number(number):
        return [Wrong(pointer, "its check character is wrong, or it has not 18 characters", fix)]
    years = age(number, around.now.date())
    if years is None or not 0 <= years <= OLDEST:
        return [Wrong(pointer, "its date of birth cannot be", fix)]
    return NOTHING


def moments_are_recent(submission: Submission, around: Surroundings) -> Found:
    """Orders and payments are neither of the future nor over 400 days old. Source: this window's own bound."""
    return [
        Wrong(pointer, detail, "send the moment of the order or payment as RFC 3339, with its offset")
        for pointer, moment in (
            ("/order/placed_at", submission.order.placed_at),
            ("/payment/paid_at", submission.payment.paid_at),
        )
        if (detail := _untimely(moment, around.now))
    ]


def _untimely(moment: datetime, now: datetime) -> str:
    if moment > now + SKEW:
        return "this moment lies in the future"
    return f"this moment is more than {OLDEST_ORDER.days} days ago" if now - moment > OLDEST_ORDER else ""


def bonded_goods_name_their_book(submission: Submission, _: Surroundings) -> Found:
    """Mode 1210 needs the bonded book, and each line its record there; 9610 has neither. Source: CEB emsNo."""
    if submission.mode == "9610":
        return NOTHING if submission.list.bonded is None else [_NO_BOOK]
    missing = [] if submission.list.bonded else [_BOOK]
    return missing + [
        Wrong(f"/list/lines/{index}/item_record_no", "it is missing", "send the goods' number in the book")
        for index, line in enumerate(submission.list.lines)
        if not line.item_record_no
    ]


_BOOK = Wrong("/list/bonded", "mode 1210 needs the bonded book", "send book_no, area_code and warehouse_code")
_NO_BOOK = Wrong("/list/bonded", "mode 9610 has no bonded book", "leave it out, or file under mode 1210")


def countries_exist(submission: Submission, _: Surroundings) -> Found:
    """Countries are ISO 3166-1 alpha-2 codes. Source: ISO 3166-1; CEB country has codes of its own."""
    named = [("/list/dispatch_country", submission.list.dispatch_country)]
    named += [
        (f"/list/lines/{i}/origin_country", line.origin_country)
        for i, line in enumerate(submission.list.lines)
    ]
    named += [
        (f"/list/certificates/{i}/issued_by", paper.issued_by)
        for i, paper in enumerate(submission.list.certificates)
    ]
    return [
        Wrong(pointer, f"{code!r} is no country", f"send {HOW_COUNTRY}")
        for pointer, code in named
        if code not in COUNTRIES
    ]


def goods_codes_are_in_the_nomenclature(submission: Submission, around: Surroundings) -> Found:
    """A goods code has ten digits and begins with a subheading (six digits). Source: Harmonized System 2022."""
    day = around.now.date()
    return [
        Wrong(
            f"/list/lines/{index}/goods_code",
            f"{line.goods_code!r} is no tariff code: {nomenclature.NAME} has no {line.goods_code[:6]}",
            f"send the ten digits of the goods; {nomenclature.nearest(line.goods_code)}",
        )
        for index, line in enumerate(submission.list.lines)
        if not nomenclature.is_known(line.goods_code, day)
    ]


def goods_may_be_retailed(submission: Submission, _: Surroundings) -> Found:
    """No line is of a kind that retail import excludes. Source: positive list (demonstration stand-in)."""
    return [
        Wrong(
            f"/list/lines/{index}/goods_code",
            f"{NOT_LISTED[excluded]} ({excluded}) may not be imported by cross-border retail",
            "take the line out of the order, or use the general trade channel",
            "E-LIST-NOT",
        )
        for index, line in enumerate(submission.list.lines)
        for excluded in (line.goods_code[:2], line.goods_code[:4])
        if excluded in NOT_LISTED
    ]


def certificates_are_of_a_known_kind(submission: Submission, _: Surroundings) -> Found:
    """No rule could ask for a paper of another kind. Source: this window's own format."""
    return [
        Wrong(
            f"/list/certificates/{index}/kind",
            f"{paper.kind!r} is no kind of certificate",
            f"send one of {', '.join(PAPER_KINDS)}",
        )
        for index, paper in enumerate(submission.list.certificates)
        if paper.kind not in PAPER_KINDS
    ]


def certificates_point_at_lines(submission: Submission, _: Surroundings) -> Found:
    """A certificate names lines that are there. Source: this window's own format."""
    count = len(submission.list.lines)
    return [
        Wrong(
            f"/list/certificates/{index}/line_nos",
            f"there are lines 1..{count} only",
            "name lines of this list",
        )
        for index, certificate in enumerate(submission.list.certificates)
        if any(not 1 <= number <= count for number in certificate.line_nos)
    ]


RULES: tuple[Rule, ...] = (
    lines_are_numbered_without_gaps,
    line_totals_add_up,
    goods_value_is_the_sum_of_the_lines,
    paid_is_what_is_due,
    net_weight_is_within_gross,
    a_parcel_is_one_package,
    the_buyer_has_a_valid_identity_number,
    moments_are_recent,
    bonded_goods_name_their_book,
    countries_exist,
    goods_codes_are_in_the_nomenclature,
    goods_may_be_retailed,
    certificates_are_of_a_known_kind,
    certificates_point_at_lines,
)
