"""Law: dated data, read whole or not at all.

Files of `services/tax/data`: one a jurisdiction (rule sets by channel, rates by class), tariffs and lists by
code of goods, rates of exchange. Read it in this order: `schema` (what a rule set says), `calendar` (days and
zones), `tariff`, `exchange`, `jurisdiction` (what is in force on a day), `book` (a folder, read and checked),
`force` (the one in force in this process, and how another takes its place).
"""
