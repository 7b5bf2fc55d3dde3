"""The reference: many documents become one that can be read and pasted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field

from services.portal.guide import client_for, curl, example_of, kind_of, operations_of
from services.portal.reference import enliven, merge
from shared.runtime.access import allowed
from shared.runtime.scopes import DOES

SCOPES = {"tax": "accounts:write", "logistics": "arrivals:write"}


class Thing(BaseModel):
    name: str = Field(examples=["teacup"])
    count: int


def a_document(service: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    app = FastAPI(title=service)

    needs = [Depends(allowed(SCOPES[service]))]

    @app.post(f"/v1/{service}/{{thing_id}}", tags=[service], dependencies=needs)
    async def put(thing_id: int, body: Thing) -> Thing:
        return body

    @app.get("/internal/status")
    async def internal() -> None: ...

    document = app.openapi()
    if schema:
        document["components"]["schemas"]["Thing"] = schema
    return document


OTHER = {"type": "object", "properties": {"weight": {"type": "number"}}, "title": "Thing"}
MERGED = merge({"tax": a_document("tax"), "logistics": a_document("logistics", OTHER)}, "http://gateway")


def test_paths_stand_side_by_side_and_internal_ones_are_gone() -> None:
    assert list(MERGED["paths"]) == ["/v1/logistics/{thing_id}", "/v1/tax/{thing_id}"]
    assert MERGED["servers"] == [{"url": "http://gateway"}]


def test_schemas_of_one_name_and_two_shapes_are_told_apart() -> None:
    schemas = MERGED["components"]["schemas"]
    body = MERGED["paths"]["/v1/logistics/{thing_id}"]["post"]["requestBody"]

    assert schemas["LogisticsThing"] == OTHER
    assert set(schemas["Thing"]["properties"]) == {"name", "count"}
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/LogisticsThing"}


def test_schemas_of_one_name_and_one_shape_are_shared() -> None:
    merged = merge({"tax": a_document("tax"), "logistics": a_document("logistics")}, "")

    assert set(merged["components"]["schemas"]) == {"Problem", "Thing"}


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(MERGED)
    targets = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}

    assert targets <= set(MERGED["components"]["schemas"])


def test_there_is_one_scheme_with_every_scope() -> None:
    schemes = MERGED["components"]["securitySchemes"]

    assert set(schemes) == {"oauth2"}
    scopes = schemes["oauth2"]["flows"]["clientCredentials"]["scopes"]
    assert scopes == {scope: DOES[scope] for scope in SCOPES.values()}
    assert MERGED["paths"]["/v1/tax/{thing_id}"]["post"]["security"] == [{"oauth2": [SCOPES["tax"]]}]


def test_operation_ids_are_unique_and_errors_are_problems() -> None:
    operations = [operation for item in MERGED["paths"].values() for operation in item.values()]

    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all("application/problem+json" in each["responses"]["default"]["content"] for each in operations)
    assert all("422" not in each["responses"] for each in operations)


def test_merging_changes_nothing_in_what_it_merges() -> None:
    document = a_document("tax")
    before = json.dumps(document)

    merge({"tax": document, "logistics": a_document("logistics", OTHER)}, "")

    assert json.dumps(document) == before


def test_an_operation_is_shown_with_a_command_to_paste() -> None:
    (operation,) = operations_of(MERGED)["tax"]

    assert (operation.method, operation.path, operation.scopes) == (
        "POST",
        "/v1/tax/{thing_id}",
        (SCOPES["tax"],),
    )
    assert operation.curl.splitlines()[0] == "curl -s -X POST 'http://gateway/v1/tax/1' \\"
    assert '-H "Authorization: Bearer $TOKEN"' in operation.curl
    assert '"name": "teacup"' in operation.curl
    assert operation.parameters[0].is_required


def test_a_problem_that_a_service_tells_of_itself_is_kept() -> None:
    own = {"application/problem+json": {"schema": {"type": "object"}}}
    framework = {"application/json": {"schema": {"$ref": "#/components/schemas/HTTPValidationError"}}}
    told = {"responses": {"422": {"description": "Every fault.", "content": framework | own}}}

    merged = merge({"tax": {"paths": {"/v1/x": {"get": told}}}}, "")

    assert merged["paths"]["/v1/x"]["get"]["responses"]["422"]["content"] == own


def test_examples_name_what_there_is() -> None:
    parameter = {"name": "declaration_id", "in": "path", "schema": {"examples": ["made-up"]}}
    told = {"tags": ["x"], "parameters": [parameter], "responses": {}}
    reference = merge({"tax": {"paths": {"/v1/x/{declaration_id}": {"get": told, "post": told}}}}, "")

    lively = enliven(reference, {"declaration_id": "released"}, {"declaration_id": "running"})
    dull = enliven(reference, {}, {})

    item = lively["paths"]["/v1/x/{declaration_id}"]
    assert [item[method]["parameters"][0]["example"] for method in ("get", "post")] == ["released", "running"]
    assert [operation.curl for operation in operations_of(lively)["x"]] == [
        "curl -s '/v1/x/released'",
        "curl -s -X POST '/v1/x/running'",
    ]
    assert dull == reference


def test_a_return_is_shown_with_what_is_released() -> None:
    parameter = {"name": "declaration_id", "in": "path", "schema": {"examples": ["made-up"]}}
    told = {"tags": ["x"], "parameters": [parameter], "responses": {}}
    path = "/v1/x/{declaration_id}/returns"

    lively = enliven(
        merge({"tax": {"paths": {path: {"post": told}}}}, ""),
        {"declaration_id": "r"},
        {"declaration_id": "s"},
    )

    assert lively["paths"][path]["post"]["parameters"][0]["example"] == "r"


@pytest.mark.parametrize(
    ("scopes", "client"),
    [
        ((), ""),
        (("declarations:write",), "platform01"),
        (("arrivals:write",), "carrier001"),
        (("reviews:tax",), "officer-tax"),
        (("operations",), "operator"),
    ],
)
def test_a_client_of_the_sandbox_is_named_for_every_scope(scopes: tuple[str, ...], client: str) -> None:
    assert client_for(scopes) == client


def test_what_every_service_has_alike_is_shown_once() -> None:
    told = {"get": {"tags": ["operations"], "responses": {}}}
    paths = {f"/v1/operations/{service}/parked": told for service in ("tax", "logistics")}
    reference = {"paths": paths, "components": {"schemas": {}}, "servers": [{"url": ""}]}

    assert [operation.path for operation in operations_of(reference)["operations"]] == [
        "/v1/operations/tax/parked"
    ]


def test_a_form_is_sent_as_a_form_and_quotes_do_not_break_out() -> None:
    form = {"content": {"application/x-www-form-urlencoded": {"schema": {}, "example": {"a": 1}}}}
    text = {"content": {"application/json": {"schema": {}, "example": {"name": "it's"}}}}

    assert "-d a=1" in curl("post", "http://x", {"requestBody": form}, {})
    assert "it'\\''s" in curl("post", "http://x", {"requestBody": text}, {})


def test_a_schema_that_contains_itself_has_an_end() -> None:
    schemas: dict[str, Any] = {
        "Node": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    }

    assert example_of({"$ref": "#/components/schemas/Node"}, schemas)
    assert kind_of({"$ref": "#/components/schemas/Node"}, schemas) == "object"
