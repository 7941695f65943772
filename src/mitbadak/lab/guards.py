"""Who may talk to the lab: this machine's browser, from the lab's own page, with its token."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Iterable, Sequence

PROTOCOL = "mitbadak.lab"  # the WebSocket subprotocol that is answered
MOST_BYTES = 1 << 20  # of a message from the page
RATE, BURST = 240.0, 480  # messages a second, and at once: a drag sends one per frame
TOKEN_BYTES = 24

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self' {sockets}; font-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def new_token() -> str:
    """A token that nobody can guess, of characters that a subprotocol may have."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class Guard:
    """The allowed values of Host and Origin, and the token.

    Args:
        port: of the lab.
        token: as ``new_token`` makes them.

    Example:
        >>> guard = Guard(8765, "secret")
        >>> guard.knows_host(["127.0.0.1:8765"]), guard.knows_host(["evil.example:8765"])
        (True, False)
        >>> guard.knows_origin(["http://localhost:8765"]), guard.knows_origin([])
        (True, False)
        >>> guard.knows_token([PROTOCOL, "secret"]), guard.knows_token([PROTOCOL])
        (True, False)
    """

    def __init__(self, port: int, token: str):
        names = ("127.0.0.1", "localhost")
        self.hosts = frozenset(f"{name}:{port}" for name in names)
        self.origins = frozenset(f"http://{host}" for host in self.hosts)
        self.token = token
        sockets = " ".join(f"ws://{host}" for host in sorted(self.hosts))
        self.headers = {name: value.format(sockets=sockets) for name, value in HEADERS.items()}

    def knows_host(self, hosts: Sequence[str]) -> bool:
        """Whether there is one Host, and it is ours: a page of another name that was made to lead
        here (DNS rebinding) keeps its own."""
        return len(hosts) == 1 and hosts[0] in self.hosts

    def knows_origin(self, origins: Sequence[str]) -> bool:
        """Whether there is one Origin, and it is ours."""
        return len(origins) == 1 and origins[0] in self.origins

    def knows_token(self, protocols: Iterable[str]) -> bool:
        """Whether the token is among the subprotocols; compared in constant time."""
        given = list(protocols)
        if len(given) != 2 or given[0] != PROTOCOL:
            return False
        return hmac.compare_digest(given[1].encode(), self.token.encode())


class RateLimit:
    """A bucket of ``burst`` messages that fills at ``rate`` a second.

    Example:
        >>> limit = RateLimit(1.0, 2, clock=lambda: 0.0)
        >>> [limit.allows() for _ in range(3)]
        [True, True, False]
    """

    def __init__(
        self,
        rate: float = RATE,
        burst: int = BURST,
        *,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.rate, self.burst, self.clock = rate, burst, clock
        self.left, self.since = float(burst), clock()

    def allows(self) -> bool:
        """Whether another message may be handled now."""
        now = self.clock()
        self.left = min(self.burst, self.left + (now - self.since) * self.rate)
        self.since = now
        if self.left < 1:
            return False
        self.left -= 1
        return True
