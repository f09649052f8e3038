"""Events against the released OCSF schema, version 1.5.0, as the package ocsf-json-schema carries it."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema


@cache
def _validator(version: str, uid: int) -> jsonschema.Draft202012Validator:
    ocsf = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=version))
    schema = ocsf.get_class_schema(ocsf.lookup_class_name_from_uid(uid))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def wrong(event: dict[str, Any]) -> list[str]:
    """Return what the schema that an event names says against it: places and what is wrong there."""
    validator = _validator(event["metadata"]["version"], event["class_uid"])
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(event)]
