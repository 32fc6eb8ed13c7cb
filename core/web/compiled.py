"""Compiled templates, kept for the life of the process and shared by every application in it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment
from jinja2.bccache import Bucket, BytecodeCache


class CompiledTemplates(BytecodeCache):
    """Compiling the frame and the macros takes a good part of a second; a second application need not do it again."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was kept for this template; the bucket checks that its source is still the same."""
        if bucket.key in self.held:
            bucket.bytecode_from_string(self.held[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self.held[bucket.key] = bucket.bytecode_to_string()


SHARED = CompiledTemplates()


class PageEnvironment(Environment):
    """Flask's environment of templates, in which a template that has no globals of its own costs less."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """As Jinja's, but for such a template the environment's themselves: the chain that Jinja would put before them
        is copied name by name whenever it is rendered or imports another."""
        return super().make_globals(d) if d else self.globals
