"""The wire: one connection, opened and timed by ourselves, dropped at any moment.

The HTTP library would open it too, but loses the socket when it is cancelled while connecting,
and does not tell the lookup of a name from the connection.
"""

import asyncio
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

_ADDRESSES = 4
_NEXT_ADDRESS_AFTER = 1.0


class Wire(httpcore.AsyncNetworkBackend):
    """Opens the one connection of one request and keeps the moments of it, in milliseconds."""

    def __init__(self) -> None:
        self.began = 0.0
        """When the name was first looked up, by the performance counter, in seconds."""
        self.dns = 0.0
        self.connect = 0.0
        self.tls = 0.0
        self.is_connected = False
        self.certificate = b""
        """What the other side showed, as DER; empty over plain http."""
        self._writer: asyncio.StreamWriter | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the caller holds the deadline
        local_address: str | None = None,  # noqa: ARG002 - never asked for
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - never asked for
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of a host that takes us. Raises OSError."""
        self.began = time.perf_counter()
        addresses = await resolve(host, port)
        self.dns = _since(self.began)
        began = time.perf_counter()
        reader, self._writer = await _first_of(addresses, port)
        self.connect = _since(began)
        self.is_connected = True
        return _Stream(self, reader, self._writer)

    def drop(self) -> None:
        """Let go of the connection, at once and whatever its state."""
        if self._writer:
            self._writer.transport.abort()


class _Stream(httpcore.AsyncNetworkStream):
    """The connection as the HTTP library sees it."""

    def __init__(
        self, wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._wire = wire
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - as above
        return await self._reader.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as above
        try:
            self._writer.write(buffer)
            await self._writer.drain()
        except OSError as error:
            # The library then still reads the answer that may have been sent before.
            raise httpcore.WriteError from error

    async def aclose(self) -> None:
        self._wire.drop()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.AsyncNetworkStream:
        began = time.perf_counter()
        await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        self._wire.tls = _since(began)
        shown: ssl.SSLObject = self._writer.get_extra_info("ssl_object")
        self._wire.certificate = shown.getpeercert(binary_form=True) or b""
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._writer.get_extra_info(info)


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the order the machine prefers. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))[:_ADDRESSES]


async def _first_of(
    addresses: list[str], port: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the first address that takes us; only the last may use all the time."""
    for address in addresses[:-1]:
        try:
            async with asyncio.timeout(_NEXT_ADDRESS_AFTER):
                return await asyncio.open_connection(address, port)
        except OSError:
            continue
    return await asyncio.open_connection(addresses[-1], port)


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1e3
