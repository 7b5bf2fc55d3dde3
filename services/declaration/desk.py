"""Desk: where filings are taken in.

It holds what a running replica needs for that: the bounded intake, the local copy of the parties, the secret. It
opens when database and broker are there; until then a filing is answered 503.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.declaration.directory import Directory
from services.declaration.domain import Party
from services.declaration.doorman import Doorman
from services.declaration.filing import Filing, Secret
from services.declaration.intake import Receipt, answers_of, events_of, settle_keys
from services.declaration.reading import SqlReading
from services.declaration.rows import version_row
from services.declaration.sayings import reviews_of
from services.declaration.secret import open_secret
from services.declaration.store import SqlDeclarations
from shared.kernel.refusal import Refusal
from shared.runtime.database import reading
from shared.runtime.intake import Intake
from shared.runtime.replica import Runtime
from shared.runtime.stores import Store


class Desk:
    """The filings' way in, of one replica."""

    def __init__(self, store: Store = SqlDeclarations) -> None:
        self._store = store
        self._runtime: Runtime | None = None
        self._intake: Intake[Filing, Receipt] | None = None
        self._secret: Secret | None = None
        self._directory = Directory()
        self.doorman = Doorman()

    async def open(self, runtime: Runtime) -> None:
        """Begin: database and broker are there, and the parties that registry has told of so far.

        Among a part of them, who is missing would be refused for good. In a sandbox there are some from the first.
        """
        self._runtime = runtime
        is_heard = await runtime.has_heard_registry()
        if not is_heard or (runtime.settings.sandbox and not await self._directory.look(runtime.engine)):
            raise unheard()
        async with reading(runtime.engine) as connection:
            is_first = not await SqlReading(connection).has_any()
        self._secret = open_secret(runtime.settings.secrets_dir / "buyer-token-key", is_first=is_first)
        self._intake = Intake(self.store, limit=runtime.settings.intake_limit)
        self.doorman.begin(runtime.engine)

    async def close(self, _: Runtime) -> None:
        """Store what is pending."""
        if self._intake is not None:
            await self._intake.close()
        await self.doorman.end()

    @property
    def secret(self) -> Secret:
        """What tokens and lots are made with."""
        if self._secret is None:
            raise not_open()
        return self._secret

    @property
    def intake(self) -> Intake[Filing, Receipt]:
        """The bounded list of what is to be stored."""
        if self._intake is None:
            raise not_open()
        return self._intake

    @property
    def runtime(self) -> Runtime:
        """The replica it belongs to."""
        if self._runtime is None:
            raise not_open()
        return self._runtime

    async def parties(self) -> Mapping[str, Party]:
        """All parties, as registry has told them up to a second ago."""
        known = await self._directory.look(self.runtime.engine)
        if not known:
            raise unheard()
        return known

    async def store(self, filings: Sequence[Filing]) -> Sequence[Receipt | Refusal]:
        """Store a batch of filings in one transaction; their first facts are said after its commit."""
        async with self.runtime.filing() as tx:
            store = self._store(tx.connection)
            verdicts, first = await settle_keys(store, filings, tx.now)
            accepted = events_of(verdicts)
            await store.save_versions([version_row(event, filing.kept) for filing, event in accepted])
            await store.open_reviews(reviews_of([event for _, event in accepted], tx.now))
            if accepted:
                await tx.file(
                    [event for _, event in accepted], [filing.traceparent for filing, _ in accepted]
                )
            return answers_of(verdicts, first)


def unheard() -> Refusal:
    """The answer while nobody is known who could file."""
    return not_open("registry's parties are not heard yet")


def not_open(detail: str = "this service is starting") -> Refusal:
    """The answer before database, broker and parties are there."""
    return Refusal(
        "E-SYS",
        detail,
        status=503,
        fix="send it again, unchanged, in a few seconds",
        headers={"Retry-After": "2"},
    )
