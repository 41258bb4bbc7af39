"""Is an answer what the OpenAPI document shows?"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema_rs
from schemathesis import Case, CheckContext, Response

from models.stored_zip import unpack

NDJSON, ZIP = "application/x-ndjson", "application/zip"


def fits(document: dict[str, Any]) -> Callable[[CheckContext, Response, Case[Any]], None]:
    """Is the answer what the document shows? Schemathesis has a check for it, which rewrites tuples (`prefixItems`) in a
    way its own validator refuses; so the document is held against the answer as it stands."""
    validators: dict[tuple[str, str, int], jsonschema_rs.Validator] = {}

    def answer_fits_the_document(_context: CheckContext, response: Response, case: Case[Any]) -> None:
        key = (case.operation.path, case.operation.method, response.status_code)
        described = document["paths"][key[0]][key[1]]["responses"].get(str(key[2]), {}).get("content", {})
        if (
            case.method.lower() != key[1]
            or not described
            or key[1] == "head"
            or "application/octet-stream" in described
        ):
            return
        if key not in validators:
            (shown,) = described.values()
            whole = {**shown["schema"], "components": document["components"]}
            validators[key] = jsonschema_rs.Draft202012Validator(whole)
        if response.status_code == 206:
            return
        if ZIP in described:
            assert unpack(response.content), "no file"
            return
        as_array = b"[" + b",".join(response.content.splitlines()) + b"]"
        try:
            value = json.loads(as_array if NDJSON in described else response.content)
        except ValueError as error:
            raise AssertionError(f"no JSON: {error}") from error
        problem = next(validators[key].iter_errors(value), None)
        assert problem is None, problem

    return answer_fits_the_document
