"""The built front end: names with a hash of the content in them, served compressed and kept for ever by browsers."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from whitenoise import WhiteNoise

from core.errors import Unavailable

PREFIX = "/static/"


class Assets:
    """What `npm run build` left in a folder: files, and a manifest from plain names to hashed ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def manifest(self) -> dict[str, str]:
        """Plain name to hashed name. Raises `Unavailable` with the remedy where nothing was built."""
        try:
            held: dict[str, str] = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise Unavailable("The front end is not built yet: run `npm ci` and `npm run build`.") from None
        return held

    def address(self, name: str) -> str:
        """The address of a file by its plain name, such as "main.css". Raises `KeyError` for a name not built."""
        return PREFIX + self.manifest[name]

    def serve(self, wsgi_app: Callable[..., Any], headers: dict[str, str]) -> Callable[..., Any]:
        """Serve the folder in front of `wsgi_app`, every file with `headers`."""

        def add(to: Headers, _path: str, _url: str) -> None:
            for name, value in headers.items():
                to[name] = value

        server = WhiteNoise(
            wsgi_app,
            allow_all_origins=False,
            add_headers_function=add,
            immutable_file_test=r"-[0-9A-Za-z]{8}\.\w+$",
        )
        if self.folder.is_dir():
            server.add_files(str(self.folder), prefix=PREFIX)
        return server  # type: ignore[no-any-return]
