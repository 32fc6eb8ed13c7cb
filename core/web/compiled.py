"""Compiled templates, kept for the life of the process and shared by every application in it."""

from __future__ import annotations

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
