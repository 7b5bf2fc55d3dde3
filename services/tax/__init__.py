"""Tax: assesses, reserves, secures, commits, gives back.

Hears declaration.submitted, clearance.permit-issued, clearance.refused, clearance.cancelled,
clearance.return-completed.
Says tax.assessed, tax.secured, tax.refused, tax.voided, tax.committed, tax.refunded, tax.bill-issued,
tax.bill-paid, tax.bill-overdue.
Keeps assessments (with what each version holds), the yearly quota of every buyer, the guarantee account of every
guarantor with its ledger and deposits, monthly bills and their payments, refunds.

Read it in this order: `law` (dated data), `levy` (the formulas), `quota` and `guarantee` (what is shared),
`domain` (the decisions), `refunding` (what comes back), `handlers` (who asks), `store` (the only SQL), `api` (the
door). Then money: in `books` the `entries` (the ledger), `bills` and `bookkeeping` (both moved together), `billing`
(the decisions), `bill_handlers`, and the `doors`. Beside the path of a
filing: `quotes` (a dry run), `replay` (the past under another law), `watch` (law that changes while it runs).
"""
