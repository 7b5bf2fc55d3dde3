"""Token form: what the token door takes and answers, as the OpenAPI tells it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

_PROPERTIES = {
    "grant_type": {"const": "client_credentials"},
    "client_id": {"type": "string"},
    "client_secret": {"type": "string", "format": "password"},
    "scope": {"type": "string", "description": "Fewer scopes than the client has."},
}
_EXAMPLE = {
    "grant_type": "client_credentials",
    "client_id": "platform01",
    "client_secret": "sandbox-platform01",
}
_TAKEN = {"type": "object", "required": ["grant_type"], "properties": _PROPERTIES}
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": _TAKEN, "example": _EXAMPLE}},
    }
}


class TokenOut(BaseModel):
    """A token. Source: RFC 6749, section 5.1."""

    access_token: str = Field(examples=["eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJwbGF0Zm9ybTAxIn0.c2lnbmF0dXJl"])
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds", examples=[3600])
    scope: str = Field(
        description="Scopes, apart by a space", examples=["declarations:read declarations:write"]
    )


class TokenRefusedOut(BaseModel):
    """Why there is none. Source: RFC 6749, section 5.2."""

    error: str = Field(examples=["invalid_client"])
    error_description: str = Field(examples=["unknown client, wrong secret, or revoked"])


ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": TokenOut},
    "default": {"model": TokenRefusedOut, "description": "No token, in the words of RFC 6749."},
}
