"""Permits: fetch one, verify one.

Verification needs no connection: the signed permit and the published keys are enough. `fetch` keeps the keys
beside the stack's data, where `verify` finds them.
"""

from __future__ import annotations

import json as plain_json
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli import show
from cli.credentials import AsClient
from cli.faults import NO, USAGE, Fault
from cli.gateway import RUN, Gateway, part
from cli.show import AsJson
from services.clearance.verification import NotGenuine, Verified, verify

KEYS = RUN / "permit-keys.json"
app = typer.Typer(no_args_is_help=True, help="Fetch a permit, or verify one without the window.")


@app.command()
def fetch(
    declaration_id: Annotated[str, typer.Argument(metavar="ID", help="The declaration's id.")],
    pdf: Annotated[Path | None, typer.Option(help="Write the page with the QR code here.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the signed permit (JSON with its JWS) here.")
    ] = None,
    client: AsClient = "",
    json: AsJson = False,
) -> None:
    """Fetch the permit of a declaration, and the keys that verify it."""
    with Gateway.as_client(client, "operator") as gateway:
        permit = gateway.get(f"/v1/declarations/{part(declaration_id)}/permit")
        _keep(KEYS, plain_json.dumps(gateway.get("/v1/permits/keys")).encode())
        if pdf:
            _keep(pdf, gateway.content(f"/v1/declarations/{part(declaration_id)}/permit.pdf"))
    if out:
        _keep(out, plain_json.dumps(permit, indent=2, ensure_ascii=False).encode())
    if json:
        show.as_json(permit)
        return
    names = ("permit_no", "status", "issued_at", "valid_until", "tax_total", "covers_sha256", "key_id")
    show.out.print(show.table("", ("permit", ""), ((name, permit.get(name)) for name in names)))
    for written in (pdf, out):
        show.out.print(f"written: {escape(str(written))}") if written else None
    if out:
        command = f"./sw permit verify {quote(str(out))}"
        show.out.print(f"verify it, with no connection: {escape(command)}")


@app.command(name="verify")
def verify_file(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A permit: the JSON of `fetch`, or its compact JWS.")
    ],
    keys: Annotated[Path, typer.Option(help="Published keys (a JWK set).")] = KEYS,
    json: AsJson = False,
) -> None:
    """Verify a permit offline by the published keys. Exit code 1 when it is not genuine."""
    try:
        raw = _read(file)
        verified = verify(jws_in(raw), keys_in(_read(keys)))
        must_say_what_is_signed(raw, verified)
    except NotGenuine as error:
        raise Fault(
            f"not genuine: {error}",
            "do not rely on it; ask its number at /v1/permits/<number>/verification",
            NO,
        ) from error
    if json:
        show.as_json(verified)
        return
    show.out.print(f"[green]genuine[/] {verified.permit_no}, signed by {verified.key_id}")
    show.out.print(show.table("", ("it covers", ""), _covers(verified)))
    show.out.print(
        "Whether it was revoked since, only the window knows: GET /v1/permits/<number>/verification"
    )


def jws_in(raw: bytes) -> str:
    """The compact JWS in a permit's JSON, or the text itself."""
    text = raw.decode(errors="replace").strip()
    try:
        document = plain_json.loads(text)
    except (ValueError, RecursionError):
        return text
    return str(document.get("jws", "")) if isinstance(document, dict) else text


def must_say_what_is_signed(raw: bytes, verified: Verified) -> None:
    """The readable members around the signature must say what is signed; raises `NotGenuine`."""
    try:
        document = plain_json.loads(raw)
    except (ValueError, RecursionError):
        return  # the bare JWS
    permit = verified.content.get("permit") or {}
    signed = {name: value for name, value in permit.items() if not isinstance(value, dict | list)}
    signed |= {"key_id": verified.key_id, "covers": verified.content, "covers_sha256": verified.covers_sha256}
    changed = [
        name for name, value in signed.items() if name in document and not _is_same(document[name], value)
    ]
    if changed:
        raise NotGenuine(f"the text around the signature was changed: {', '.join(sorted(changed))}")


def _is_same(shown: object, signed: object) -> bool:
    """Whether a member says what is signed; a moment may be written in another way."""
    if shown == signed or not (isinstance(shown, str) and isinstance(signed, str)):
        return shown == signed
    try:
        return datetime.fromisoformat(shown) == datetime.fromisoformat(signed)
    except (ValueError, TypeError):
        return False


def keys_in(raw: bytes) -> dict[str, Any]:
    """The JWK set in a file."""
    try:
        document = plain_json.loads(raw)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise Fault("the keys are no JWK set", "take them from GET /v1/permits/keys", USAGE)
    return document


def _covers(verified: Verified) -> list[tuple[str, object]]:
    permit, declared = (verified.content.get(name) or {} for name in ("permit", "declared"))
    shown: list[tuple[str, object]] = [
        (name, value) for name, value in {**permit, **declared}.items() if not isinstance(value, dict | list)
    ]
    return [*shown, ("lines", len(declared.get("lines", ()))), ("covers_sha256", verified.covers_sha256)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        fix = (
            "fetch a permit first (`./sw permit fetch ID`), or name the file with --keys"
            if path == KEYS
            else ""
        )
        raise Fault(f"{path} cannot be read: {error.strerror}", fix, USAGE) from error


def _keep(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise Fault(f"{path} cannot be written: {error.strerror}", "", USAGE) from error
