#!/usr/bin/env python3
"""openapi.py FILE SOCKET: is the description of the control API that of the agent that runs?

Each operation of the file is called, in the order of the file, with its examples: those of its parameters, and of its body.
To add one: write it into docs/openapi.json with an `example` for each parameter and for the body, schemas for its answers
(objects closed with "additionalProperties": false), and "default" for its problems. Here nothing need be changed. Where the
example cannot succeed in a bed without a CA, the problem that it ends with is checked instead, so choose one that harms nothing.
Answers of application/x-ndjson are checked line by line against the schema that the file gives for them.
"""
import http.client
import json
import os
import socket
import sys
import urllib.parse

import jsonschema

STRANGER = 12345


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(self.path)


def fail(text):
    sys.exit("FAILED: " + text)


def ask(where, method, path, body=None):
    """Status, media type, and the answer's text."""
    connection = Connection(where)
    connection.request(method, path, None if body is None else json.dumps(body))
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, response.headers.get_content_type(), text


def ask_as_stranger(where, group, method, path):
    """The status for a user who may connect and is no operator."""
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(group)
            os.setuid(STRANGER)
            status, _, text = ask(where, method, path)
            os._exit(0 if status == 403 and json.loads(text)["rule"] == "control.operators" else 1)
        except BaseException:  # whatever it was, this process is not the test
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Description:
    def __init__(self, file):
        with open(file, encoding="utf-8") as text:
            self.all = json.load(text)
        if not self.all["openapi"].startswith("3.1."):
            fail("not OpenAPI 3.1")
        for name, schema in self.all["components"]["schemas"].items():
            jsonschema.Draft202012Validator.check_schema(schema)
            if "oneOf" not in schema and schema.get("type") == "object" and schema.get("additionalProperties") is not False:
                fail(f"the schema {name} is not closed")

    def resolve(self, part):
        while "$ref" in part:
            found = self.all
            for name in part["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            part = found
        return part

    def operations(self):
        for path, methods in self.all["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def check(self, instance, schema, what):
        # "#/components/..." is looked up in the schema itself.
        whole = {**schema, "components": self.all["components"]}
        try:
            jsonschema.Draft202012Validator(whole).validate(instance)
        except jsonschema.ValidationError as error:
            fail(f"{what}: {error.message} in {json.dumps(instance)[:500]}")

    def check_answer(self, what, operation, status, media_type, text):
        answers = operation["responses"]
        content = self.resolve(answers.get(str(status), answers["default"]))["content"]
        if media_type not in content:
            fail(f"{what}: {status} with {media_type}, not with one of {list(content)}")
        lines = text.splitlines() if media_type == "application/x-ndjson" else [text]
        for line in lines:
            self.check(json.loads(line), content[media_type]["schema"], f"{what}: {status}")


def example_path(path, operation, description):
    query = {}
    for one in map(description.resolve, operation.get("parameters", [])):
        if one["in"] == "path":
            path = path.replace("{" + one["name"] + "}", urllib.parse.quote(str(one["example"]), safe=""))
        elif "example" in one:
            query[one["name"]] = one["example"]
    if "{" in path:
        fail(f"{path}: a place has no example")
    return path + ("?" + urllib.parse.urlencode(query) if query else "")


def main():
    file, where = sys.argv[1:]
    description = Description(file)
    documented = {f"{method} {path}" for method, path, _ in description.operations()}
    status, media_type, text = ask(where, "GET", "/v1/no-such-thing")
    there = set(json.loads(text)["routes"])
    if there != documented:
        fail(f"only in the agent: {sorted(there - documented)}; only in the file: {sorted(documented - there)}")
    if json.loads(ask(where, "GET", "/v1/openapi.json")[2]) != description.all:
        fail("the agent shows another description than the file")
    group = os.stat(where).st_gid
    for method, path, operation in description.operations():
        what = f"{method} {path}"
        asked = example_path(path, operation, description)
        changes = method != "GET"
        for_operators = changes or operation.get("x-operators-only", False)
        if for_operators and os.geteuid() == 0 and ask_as_stranger(where, group, method, asked) != 0:
            fail(f"{what}: a stranger is not refused by control.operators")
        if changes:
            content = description.resolve(operation["requestBody"])["content"]["application/json"]
            body = content["example"]
            description.check(body, content["schema"], what + ": the example")
            if description.resolve(content["schema"]).get("additionalProperties") is not False:
                fail(f"{what}: the body's schema is not closed")
            status, media_type, text = ask(where, method, asked, {**body, "no-such-member": 1})
        else:
            body = None
            status, media_type, text = ask(where, method, asked + ("&" if "?" in asked else "?") + "no-such-word=1")
        if status != 400 or "no-such" not in json.loads(text)["detail"]:
            fail(f"{what}: an unknown member is not refused")
        description.check_answer(what, operation, status, media_type, text)
        description.check_answer(what, operation, *ask(where, method, asked, body))
    print(f"{len(documented)} operations are as described")


main()
