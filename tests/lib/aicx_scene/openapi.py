# SPDX-License-Identifier: Apache-2.0
"""openapi.py - holds answers against the broker's own description of them.

    with Described() as described:      # abi/wire/openapi.json
        ...                             # every answer that Rest gets is looked at
    that(not described.wrong, described.wrong)

The runner does this for all scenes of a file.

It knows the part of JSON Schema that the description uses, and is stricter in one thing: a member
that is not described is wrong.
"""
import json
import pathlib
import re

from .rest import Rest

FORMATS = {
    "uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"),
}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int,
         "number": (int, float), "null": type(None)}


class Described:
    """.wrong: what answers differ in; .seen: the operations that were answered well."""

    def __init__(self, document=None):
        if document is None:
            folder = pathlib.Path(__file__).resolve().parents[3]
            document = json.loads((folder / "abi/wire/openapi.json").read_text())
        self.document, self.wrong, self.seen = document, [], set()
        self.routes = sorted(
            ((path.count("{"), verb.upper(),
              re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), operation)
             for path, item in document["paths"].items() for verb, operation in item.items()),
            key=lambda route: route[0])

    def __enter__(self):
        Rest.watcher = self.look
        return self

    def __exit__(self, *_):
        Rest.watcher = None

    def find(self, verb, path):
        """The operation that a request means, or None."""
        path = path.split("?")[0]
        for _, own, pattern, operation in self.routes:
            if own == verb and pattern.match(path):
                return operation
        return None

    def look(self, verb, path, answer):
        """Holds one answer against the operation it came from."""
        operation = self.find(verb, path)
        if operation is None or answer.status == 304:
            return
        name, responses = operation["operationId"], operation["responses"]
        response = responses.get(str(answer.status))
        if answer.status < 400 and response is None:
            self.wrong.append(f"{name}: {answer.status} is not described")
            return
        media = (answer.headers.get("content-type") or "").split(";")[0]
        content = self.deref(response or responses["default"]).get("content", {})
        kinds = {kind.split(";")[0]: value for kind, value in content.items()}
        if media not in kinds:
            self.wrong.append(f"{name}: {answer.status} as {media} is not described")
        elif answer.json is not None:
            self.hold(kinds[media]["schema"], answer.json, f"{name} {answer.status}")
            if answer.status < 400:
                self.seen.add(name)

    def deref(self, value):
        while "$ref" in value:
            at = self.document
            for part in value["$ref"][2:].split("/"):
                at = at[part]
            value = at
        return value

    def hold(self, schema, value, where):
        """Notes in what the value differs from the schema."""
        schema = self.deref(schema)
        types = schema.get("type")
        types = [types] if isinstance(types, str) else types
        if types and not any(isinstance(value, TYPES[one]) and
                             not (one in ("integer", "number") and isinstance(value, bool))
                             for one in types):
            self.wrong.append(f"{where}: {str(value)[:60]!r} is no {types}")
        elif "enum" in schema and value not in schema["enum"]:
            self.wrong.append(f"{where}: {value!r} is none of {schema['enum']}")
        elif isinstance(value, dict) and "properties" in schema:
            self.hold_object(schema, value, where)
        elif isinstance(value, list) and "items" in schema:
            for one in value:
                self.hold(schema["items"], one, where + "[]")
        elif isinstance(value, str):
            form = FORMATS.get(schema.get("format"))
            pattern = schema.get("pattern")
            if (form and not form.fullmatch(value)) or (pattern and not re.search(pattern, value)):
                self.wrong.append(f"{where}: {value[:60]!r} has another form")

    def hold_object(self, schema, value, where):
        for name in schema.get("required", []):
            if name not in value:
                self.wrong.append(f"{where}: no {name}")
        for name, member in value.items():
            if name in schema["properties"]:
                self.hold(schema["properties"][name], member, f"{where}.{name}")
            elif name != "method":
                self.wrong.append(f"{where}: {name} is not described")
