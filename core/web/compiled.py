"""Compiled templates, kept for the life of the process and shared by every application in it."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import KeysView, MutableMapping
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


class _Globals(ChainMap[str, Any]):
    """What all templates know, with what one alone knows before it."""

    def keys(self) -> KeysView[str]:
        """The names as a plain mapping's: a template that imports asks for them with every page, name by name."""
        return {name: None for held in self.maps for name in held}.keys()


class PageEnvironment(Environment):
    """Flask's environment of templates, whose imports cost less."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """As Jinja's: names of `d` before those of the environment, changes of either are seen."""
        return _Globals({} if d is None else d, self.globals)
