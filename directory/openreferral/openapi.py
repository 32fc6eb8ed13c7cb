"""The OpenAPI document of a base, made from the same tables that the API reads and writes by."""

from __future__ import annotations

from directory.openreferral.parameter_rules import Parameter
from directory.openreferral.profiles import HSDS, UK, Json, Profile, schema_name, schemas
from directory.openreferral.rules import RESOURCES, Resource

LICENCE = (
    "Open Government Licence v3.0",
    "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
)

_ABOUT = (
    "What there is in the borough: groups, what they offer, where and when. Free to read and to reuse, without a key."
    " Lists are paged; a page past the end is empty. A parameter that cannot be used is answered by 400 with how to"
    " mend it (RFC 9457)."
)


def document(profile: Profile, base_url: str, name: str) -> Json:
    """The whole document, OpenAPI 3.1. `base_url` is the site's own, `name` what the service is called."""
    paths: Json = {"/": {"get": _root()}, "/openapi.json": {"get": _self()}}
    for resource in RESOURCES.values():
        paths[f"/{resource.name}"] = {"get": _list(profile, resource)}
        paths[f"/{resource.name}/{{id}}"] = {"get": _item(resource)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{name}: {profile.title}",
            "version": "3.0",
            "description": _ABOUT,
            "license": {"name": LICENCE[0], "url": LICENCE[1]},
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{"url": f"{base_url}{profile.path}"}],
        "externalDocs": {"url": profile.about},
        "paths": paths,
        "components": {
            "schemas": {**schemas(profile), "minimal": _minimal(), "problem": _problem(), "page": _page()}
        },
    }


def _root() -> Json:
    return {
        "operationId": "getApi",
        "summary": "What this API is",
        "responses": {
            "200": _answer(
                "What this API is",
                {
                    "type": "object",
                    "properties": {
                        "version": {"type": "string", "enum": [UK.version, HSDS.version]},
                        "profile": {"type": "string", "format": "uri"},
                        "openapi_url": {"type": "string", "format": "uri"},
                    },
                    "required": ["version", "profile", "openapi_url"],
                    "additionalProperties": False,
                },
            ),
            **_faults("304", "429"),
        },
    }


def _self() -> Json:
    return {
        "operationId": "getOpenapi",
        "summary": "This document",
        "responses": {"200": _answer("This document", {"type": "object"}), **_faults("304", "429")},
    }


def _list(profile: Profile, resource: Resource) -> Json:
    parameters = resource.parameters_for(profile.key)
    names = {one.name for one in parameters}
    shapes = [_reference(schema_name(resource.object, flat=True))]
    if "minimal" in names:
        shapes.append(_reference("minimal"))
    if "full" in names:
        shapes.append(_reference(schema_name(resource.object, flat=False)))
    item = shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
    contents = {"properties": {"contents": {"type": "array", "items": item}}, "required": ["contents"]}
    good = _answer(f"A page of {resource.label} objects", {"allOf": [_reference("page"), contents]})
    good["content"]["application/x-ndjson"] = {"schema": {"type": "string"}}
    return {
        "operationId": f"list_{resource.name}",
        "summary": f"Every {resource.label}, a page at a time",
        "parameters": [_parameter(one) for one in parameters],
        "responses": {"200": good, **_faults("304", "400", "429")},
    }


def _item(resource: Resource) -> Json:
    known = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    return {
        "operationId": f"get_{resource.name}",
        "summary": f"One {resource.label}, with everything that hangs on it",
        "parameters": [known, *(_parameter(one) for one in resource.item_parameters)],
        "responses": {
            "200": _answer(f"The {resource.label}", _reference(schema_name(resource.object, flat=False))),
            **_faults("301", "304", "400", "404", "410", "429"),
        },
    }


def _parameter(one: Parameter) -> Json:
    return {
        "name": one.name,
        "in": "query",
        "required": False,
        "description": one.about,
        "schema": dict(one.schema),
    }


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(words: str, schema: Json) -> Json:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


_WORDS = {
    "301": "It was taken in by another, whose address follows",
    "304": "It has not changed since you asked",
    "400": "A parameter cannot be used",
    "404": "There is no such thing",
    "410": "It was here once and is closed for good",
    "429": "Too much was asked in this minute",
}


def _faults(*statuses: str) -> Json:
    answers: Json = {}
    for status in statuses:
        answers[status] = {"description": _WORDS[status]}
        if status >= "400":
            answers[status]["content"] = {"application/problem+json": {"schema": _reference("problem")}}
    return answers


def _minimal() -> Json:
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {"id": {**text, "format": "uuid"}, "name": text, "status": text, "last_modified": text},
        "required": ["id", "name", "status", "last_modified"],
        "additionalProperties": False,
    }


def _problem() -> Json:
    text = {"type": "string"}
    error = {
        "type": "object",
        "properties": {"parameter": text, "detail": text},
        "required": ["parameter", "detail"],
    }
    return {
        "type": "object",
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "request_id": text,
            "errors": {"type": "array", "items": error},
        },
        "required": ["type", "title", "status", "detail"],
    }


def _page() -> Json:
    count, yes = {"type": "integer", "minimum": 0}, {"type": "boolean"}
    fields: Json = {
        "total_items": count,
        "total_pages": count,
        "page_number": {"type": "integer", "minimum": 1},
        "size": count,
        "first_page": yes,
        "last_page": yes,
        "empty": yes,
    }
    return {"type": "object", "properties": fields, "required": [*fields, "contents"]}
