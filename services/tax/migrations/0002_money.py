"""Money: the ledger, bills, payments, and what keeps them true.

The release before goes on while this is laid. It moves `balance` and `due` without an entry: the difference is
written down for it (`carry_accounts`). It commits without a bill: an order to put that right is left for this
release (`bill_later`), as it is for everything committed so far.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateColumn

from services.tax.books.tables import GROWING, bill_items, bills, entries, payments, withdrawals
from services.tax.tables import LATER_ACCOUNTS, LATER_ASSESSMENTS
from shared.runtime.schema import create_partitioned, create_table

revision = "0002"
down_revision = "0001"


MOVED = """
create function moved(e entries, book text) returns numeric language sql immutable as $$
  select case book when e.debit then e.amount when e.credit then -e.amount else 0 end
$$
"""
FOLLOW = """
create function follow_entry() returns trigger language plpgsql as $$
declare
  before entries%rowtype;
begin
  select * into before from entries where party = new.party and seq = new.seq - 1;
  if (not found and new.seq <> 1)
    or new.bank <> coalesce(before.bank, 0) + moved(new, 'bank')
    or new.due <> coalesce(before.due, 0) + moved(new, 'due')
    or new.unsecured <> coalesce(before.unsecured, 0) + moved(new, 'unsecured')
    or new.guarantee <> coalesce(before.guarantee, 0) - moved(new, 'guarantee')
    or new.refundable <> coalesce(before.refundable, 0) - moved(new, 'refundable')
    or new.levied <> coalesce(before.levied, 0) - moved(new, 'levied')
  then
    raise exception 'entry % of % does not follow the one before', new.seq, new.party
      using errcode = 'check_violation';
  end if;
  return null;
end $$
"""
AGREE = """
create function agree_account() returns trigger language plpgsql as $$
declare
  kept accounts%rowtype;
  told entries%rowtype;
begin
  select * into kept from accounts where party = new.party;
  select * into told from entries where party = new.party order by seq desc limit 1;
  if kept.entries <> coalesce(told.seq, 0)
    or (kept.entries > 0 and (kept.bank, kept.due, kept.unsecured, kept.balance, kept.refundable, kept.levied)
      <> (told.bank, told.due, told.unsecured, told.guarantee, told.refundable, told.levied))
  then
    raise exception 'account % is not what its ledger says', new.party using errcode = 'check_violation';
  end if;
  return null;
end $$
"""
CARRY = """
create function carry_account(whose text) returns void language plpgsql as $$
declare
  kept accounts%rowtype;
  paid numeric;
  owed numeric;
begin
  select * into kept from accounts where party = whose for update;
  select kept.balance - coalesce(max(guarantee), 0), kept.due - coalesce(max(due), 0) into paid, owed
    from (select guarantee, due from entries where party = whose order by seq desc limit 1) told;
  if paid < 0 or owed < 0 then
    raise exception 'account % lost money without an entry', whose using errcode = 'check_violation';
  end if;
  if paid > 0 then
    kept.entries := kept.entries + 1;
    kept.bank := kept.bank + paid;
    insert into entries values (whose, kept.entries, 'DEPOSIT', 'bank', 'guarantee', paid, 'carried', now(),
      kept.bank, kept.due - owed, kept.unsecured, kept.balance, kept.refundable, kept.levied);
  end if;
  if owed > 0 then
    kept.entries := kept.entries + 1;
    kept.levied := kept.levied + owed;
    insert into entries values (whose, kept.entries, 'RELEASE', 'due', 'levied', owed, 'carried', now(),
      kept.bank, kept.due, kept.unsecured, kept.balance, kept.refundable, kept.levied);
  end if;
  update accounts set entries = kept.entries, bank = kept.bank, levied = kept.levied
    where party = whose and entries <> kept.entries;
end $$
"""
CARRY_ONE = """
create function carry_accounts() returns trigger language plpgsql as $$
begin
  perform carry_account(new.party);
  return null;
end $$
"""
STAY = """
create function stay_as_written() returns trigger language plpgsql as $$
begin
  raise exception '% only grows', tg_table_name using errcode = 'restrict_violation';
end $$
"""
BILL_LATER = """
create function bill_later() returns trigger language plpgsql as $$
begin
  insert into timers (subject_id, command, version, due_at, body)
  values (new.declaration_id, 'BillCommitted', new.version, now(), convert_to(json_build_object(
    'declaration_id', new.declaration_id, 'version', new.version)::text, 'UTF8'))
  on conflict do nothing;
  return null;
end $$
"""
TRIGGERS = """
create trigger entries_follow after insert on entries for each row execute function follow_entry();

create constraint trigger entries_agree after insert on entries deferrable initially deferred
for each row execute function agree_account();

-- who writes `entries` keeps the ledger, and must have kept it rightly
create constraint trigger accounts_agree after update of entries on accounts deferrable initially deferred
for each row when ((old.balance, old.due, old.unsecured, old.refundable, old.bank, old.levied, old.entries)
  is distinct from (new.balance, new.due, new.unsecured, new.refundable, new.bank, new.levied, new.entries))
execute function agree_account();

-- who does not is the release before, or a hand
create constraint trigger accounts_carry after update of balance, due on accounts deferrable initially deferred
for each row when (old.entries = new.entries and (old.balance, old.due) is distinct from (new.balance, new.due))
execute function carry_accounts();

create trigger assessments_bill_later after update of status on assessments
for each row when (new.status = 'COMMITTED' and old.status <> 'COMMITTED' and new.bill_no = '')
execute function bill_later()
"""
STAYS = """
create trigger {table}_stay before update or delete on {table} for each row execute function stay_as_written()
"""
BEGIN = (
    "select carry_account(party) from accounts where balance > 0 or due > 0",
    """insert into timers (subject_id, command, version, due_at, body)
       select declaration_id, 'BillCommitted', version, now(), convert_to(json_build_object(
         'declaration_id', declaration_id, 'version', version)::text, 'UTF8')
       from assessments where status = 'COMMITTED' and bill_no = '' on conflict do nothing""",
)


def upgrade() -> None:
    """Lay the tables, guard them, and begin the ledger with what is there."""
    _add("assessments", LATER_ASSESSMENTS)
    _add("accounts", LATER_ACCOUNTS)
    create_table(entries)
    create_table(bills, fillfactor=50)
    create_partitioned(bill_items)
    create_table(payments)
    create_table(withdrawals)
    for text in (MOVED, FOLLOW, AGREE, CARRY, CARRY_ONE, STAY, BILL_LATER, *TRIGGERS.split(";\n\n")):
        op.execute(text)
    for table in GROWING:
        op.execute(STAYS.format(table=table.name))
    for statement in BEGIN:
        op.execute(statement)


def _add(table: str, columns: Iterable[sa.Column[Any]]) -> None:
    """Columns that a table laid today has already."""
    for column in columns:
        ddl = CreateColumn(column).compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
        op.execute(f"alter table {table} add column if not exists {ddl}")
