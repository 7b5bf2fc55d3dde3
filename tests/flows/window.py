"""Window: what callers do at the gateway, in a word each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec

from services.declaration.submission import Submission
from tests.flows.parcels import body_of
from tests.flows.patience import until
from tests.flows.platform import Platform

AGENT = "agent00001"


class Window:
    """A client of the gateway that may speak for every client of the sandbox."""

    def __init__(self, client: httpx.AsyncClient, platform: Platform) -> None:
        self.client, self.platform = client, platform

    def bearer(self, who: str) -> dict[str, str]:
        """The header that says who calls; nobody, for an empty name."""
        return {"Authorization": f"Bearer {self.platform.token(who)}"} if who else {}

    async def get(self, path: str, who: str = AGENT, **more: Any) -> httpx.Response:
        """GET."""
        headers = self.bearer(who) | more.pop("headers", {})
        return await self.client.get(path, headers=headers, **more)

    async def post(self, path: str, who: str = AGENT, **more: Any) -> httpx.Response:
        """POST."""
        headers = self.bearer(who) | more.pop("headers", {})
        return await self.client.post(path, headers=headers, **more)

    async def read(self, path: str, who: str = AGENT) -> Any:
        """The document at a path."""
        answer = await self.get(path, who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    # --- filing ---

    async def send(self, submission: Submission, who: str = AGENT, key: str = "") -> httpx.Response:
        """File, whatever the answer."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self.post("/v1/declarations", who, content=body_of(submission), headers=headers)

    async def file(self, submission: Submission, who: str = AGENT) -> str:
        """File; the id. What the lot has drawn (one in 200 is, whatever it holds) a customs officer passes."""
        answer = await self.send(submission, who)
        assert answer.status_code == 202, answer.text
        await self.pass_if_drawn(answer.json())
        return str(answer.json()["declaration_id"])

    async def batch(self, submissions: Iterable[Submission], who: str = AGENT) -> list[Any]:
        """File many; the answer to each."""
        lines = b"\n".join(map(body_of, submissions))
        answer = await self.post("/v1/declarations/batch", who, content=lines)
        assert answer.status_code == 200, answer.text
        return [msgspec.json.decode(line) for line in answer.content.splitlines()]

    async def amend(self, declaration_id: str, based_on: int, submission: Submission) -> httpx.Response:
        """Ask to amend."""
        wish = {"based_on_version": based_on, "submission": msgspec.Raw(body_of(submission))}
        path = f"/v1/declarations/{declaration_id}/amendments"
        return await self.post(path, content=msgspec.json.encode(wish))

    async def cancel(self, declaration_id: str, based_on: int = 1) -> httpx.Response:
        """Ask to cancel."""
        wish = {"based_on_version": based_on, "reason": "the buyer withdrew"}
        return await self.post(f"/v1/declarations/{declaration_id}/cancellation", json=wish)

    async def pass_if_drawn(self, shown: Any) -> None:
        """Where the lot has drawn what a receipt or a page shows, a customs officer passes it.

        Another agency may refuse it before the officer comes to it: then nothing is left to pass.
        """

        async def is_done() -> bool:
            claimed = await self.claim("customs", declaration_id)
            if claimed.status_code == 200:
                decided = await self.decide("customs", claimed.json(), "pass", "drawn by lot")
                assert decided.status_code == 200 or "E-REVIEW-OVER" in decided.text, decided.text
                if decided.status_code == 200:
                    return True
            return bool((await self.declaration(declaration_id))["status"] == "REFUSED")

        declaration_id = shown["declaration_id"]
        if shown["lane"] == "red":
            await until(is_done)

    async def answer_to(self, asked: httpx.Response) -> Any:
        """Clearance's answer to a request that was answered 202."""
        assert asked.status_code == 202, asked.text
        path = asked.json()["links"]["self"]
        return await until(lambda: self.read(path), lambda request: request["state"] != "PENDING")

    # --- what became of it ---

    async def declaration(self, declaration_id: str) -> Any:
        """A declaration with its gates."""
        return await self.read(f"/v1/declarations/{declaration_id}")

    async def outcome(self, declaration_id: str, *, seconds: float = 30.0) -> Any:
        """The declaration once it has an outcome."""
        return await until(
            lambda: self.declaration(declaration_id),
            lambda found: found["status"] != "SUBMITTED",
            seconds=seconds,
        )

    async def gate(self, declaration_id: str, agency: str) -> Any:
        """What an agency says once it has spoken."""
        gates = await until(
            lambda: self._gates(declaration_id),
            lambda gates: agency in gates and gates[agency]["since"] is not None,
        )
        return gates[agency]

    async def gate_when(self, declaration_id: str, agency: str, status: str) -> Any:
        """An agency's gate once it stands so."""
        gates = await until(
            lambda: self._gates(declaration_id),
            lambda gates: gates.get(agency, {}).get("status") == status and gates[agency]["since"],
        )
        return gates[agency]

    async def _gates(self, declaration_id: str) -> dict[str, Any]:
        clearance = (await self.declaration(declaration_id))["clearance"]
        return {gate["agency"]: gate for gate in clearance["gates"]} if clearance else {}

    async def assessment(self, declaration_id: str, status: str = "") -> Any:
        """Tax's last word on it; with a status, once it stands so (it is COMMITTED after the permit is out)."""

        async def look() -> Any:
            return (await self.read(f"/v1/assessments/{declaration_id}"))["versions"][-1]

        return await until(look, lambda found: status in ("", found["status"]))

    async def timeline(self, declaration_id: str) -> list[Any]:
        """Its facts."""
        told = await self.read(f"/v1/declarations/{declaration_id}/timeline")
        assert told["away"] == []
        facts: list[Any] = told["facts"]
        return facts

    # --- officers and others ---

    async def review(self, agency: str, declaration_id: str) -> Any:
        """The open review of a declaration once it is in the queue."""

        async def look() -> Any:
            queue = await self.read(f"/v1/reviews/{agency}?limit=100", f"officer-{agency}")
            return next((item for item in queue["items"] if item["declaration_id"] == declaration_id), None)

        return await until(look)

    async def claim(self, agency: str, declaration_id: str, who: str = "") -> httpx.Response:
        """Claim a review."""
        return await self.post(f"/v1/reviews/{agency}/{declaration_id}/claim", who or f"officer-{agency}")

    async def decide(
        self, agency: str, review: Any, verdict: str, reason: str = "papers seen", who: str = ""
    ) -> httpx.Response:
        """Decide a claimed review."""
        wish = {
            "version": review["version"],
            "lease_no": review["lease_no"],
            "verdict": verdict,
            "reason": reason,
        }
        path = f"/v1/reviews/{agency}/{review['declaration_id']}/decision"
        return await self.post(path, who or f"officer-{agency}", json=wish)

    async def review_and(self, agency: str, declaration_id: str, verdict: str, reason: str) -> None:
        """An officer claims and decides."""
        await self.review(agency, declaration_id)
        claimed = await self.claim(agency, declaration_id)
        assert claimed.status_code == 200, claimed.text
        decided = await self.decide(agency, claimed.json(), verdict, reason)
        assert decided.status_code == 200, decided.text

    async def arrive(self, waybill_no: str, who: str = "carrier001") -> Any:
        """The carrier reports a parcel of the usual weight on site; the outcome of the report."""
        moment = datetime.now(UTC).isoformat()
        parcel = {"waybill_no": waybill_no, "arrived_at": moment, "site": "PVG-T2", "packages": 1}
        answer = await self.post("/v1/consignments/arrivals", who, json=[{**parcel, "gross_weight": "1.20"}])
        assert answer.status_code == 200, answer.text
        return answer.json()["items"][0]

    async def deposit(self, party: str, amount: str, reference: str) -> Any:
        """Money onto a guarantee account."""
        wish = {"amount": amount, "reference": reference}
        answer = await self.post(f"/v1/accounts/{party}/deposits", "officer-tax", json=wish)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def account(self, party: str) -> Any:
        """A guarantee account."""
        return await self.read(f"/v1/accounts/{party}", "officer-tax")
