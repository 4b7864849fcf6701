"""Which addresses webhooks may go to: those of other people's servers, never those of our own network.

The name of a host is looked up at every call, and the call goes to the address that was looked at: a name that points
elsewhere a moment later leads nowhere.
"""

import dataclasses
import ipaddress
import re
import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from tenants.refusal import Refused

LONGEST = 2000
_PRINTABLE = re.compile(r"[!-~]+")
_HOST = re.compile(r"[A-Za-z0-9.:_-]+")
_PORTS = {"https": 443, "http": 80}
_HERE = {"localhost", "127.0.0.1", "::1"}
# IPv4 addresses that are written as IPv6, for networks that translate them.
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_TUNNELS = (ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))

# What a host is found at.
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class BadAddress(Refused):
    """A webhook cannot go to this address."""

    code = "bad_webhook_address"


class Unreachable(Exception):
    """The host has no address that a webhook may go to."""


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """The parts of a webhook's address."""

    scheme: str
    host: str
    port: int
    path: str


def target_of(url: str) -> Target:
    """The parts of an address that webhooks may go to. Refused: `bad_webhook_address`."""
    if len(url) > LONGEST or not _PRINTABLE.fullmatch(url):
        raise BadAddress(_("An address has at most 2000 characters, ASCII and without spaces."), place="url")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadAddress(_("This is no address of the web."), place="url") from error
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or port == 0:
        raise BadAddress(_("An address begins with https:// and a host."), place="url")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadAddress(_("An address holds no user, password or fragment."), place="url")
    if parts.scheme == "http" and not (settings.WEBHOOKS_TO_PRIVATE_ADDRESSES and host in _HERE):
        raise BadAddress(_("Webhooks go to https:// addresses only."), place="url")
    _check_literal(host)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], path)


def resolved(target: Target) -> str:
    """An address of the host that a webhook may go to, looked up now; raises `Unreachable` where there is none.

    A host of which one address is private is refused altogether.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(_("The host %s is not known.") % target.host) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_allowed(ipaddress.ip_address(address)) for address in addresses):
        raise Unreachable(_("The host %s is in a private network.") % target.host)
    return addresses[0]


def is_allowed(address: Address) -> bool:
    """Whether a webhook may go there: to public addresses, unless the installation allows private ones."""
    return bool(settings.WEBHOOKS_TO_PRIVATE_ADDRESSES) or _is_public(address)


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in tunnel for tunnel in _TUNNELS):
            return False
        if address.ipv4_mapped is not None:
            return _is_public(address.ipv4_mapped)
        if address in _TRANSLATED:
            return _is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address.is_global and not address.is_multicast and not address.is_reserved


def _check_literal(host: str) -> None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if host.rstrip(".").rpartition(".")[2].isdecimal() or not is_allowed_name(host):
            raise BadAddress(_("This host is in a private network."), place="url") from None
        return
    if not is_allowed(address):
        raise BadAddress(_("This host is in a private network."), place="url")


def is_allowed_name(host: str) -> bool:
    """Whether a name may be public: our own machine's is not."""
    name = host.rstrip(".").lower()
    here = name == "localhost" or name.endswith(".localhost")
    return bool(settings.WEBHOOKS_TO_PRIVATE_ADDRESSES) or not here
