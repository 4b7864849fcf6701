"""Webhooks go to other people's servers, never into our own network, whatever a name or a number pretends to be."""

import ipaddress
import socket

import pytest

from jobs.webhook_addresses import BadAddress, Target, Unreachable, is_allowed, resolved, target_of
from jobs.webhook_calls import post

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "2002:7f00:1::", "2001:0:1::1",
]  # fmt: skip
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not_called(address):
    assert not is_allowed(ipaddress.ip_address(address))
    with pytest.raises(BadAddress):
        target_of(f"https://[{address}]/" if ":" in address else f"https://{address}/")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are(address):
    assert is_allowed(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https://", "https:///path", "example.com", "https://a b.example/",
        "https://user:secret@example.com/", "https://user@example.com/", "https://example.com/#part",
        "https://example.com:0/", "https://example.com:99999/", "https://example.com:x/", "https://exämple.com/",
        "https://localhost/", "https://LOCALHOST./", "https://a.localhost/", "https://2130706433/", "https://127.1/",
        "https://0x7f.1/", "https://[::1", "https://example.com/\r\nHost: x", "javascript:alert(1)",
        "https://example.com/" + "x" * 2000, "",
    ],
)  # fmt: skip
def test_what_is_no_public_https_address_is_refused(url):
    with pytest.raises(BadAddress) as refused:
        target_of(url)
    assert (refused.value.code, refused.value.place) == ("bad_webhook_address", "url")


def test_the_parts_of_an_address():
    assert target_of("https://hooks.example.com/in?a=1&b") == Target("https", "hooks.example.com", 443, "/in?a=1&b")
    assert target_of("https://hooks.example.com:8443") == Target("https", "hooks.example.com", 8443, "/")


def test_http_is_for_our_own_machine_in_tests_alone(settings):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    assert target_of("http://127.0.0.1:8000/a").port == 8000
    with pytest.raises(BadAddress):
        target_of("http://example.com/")


def looking_up(monkeypatch, *addresses):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["93.184.216.34", "127.0.0.1"], []])
def test_a_name_that_leads_into_a_private_network_is_not_called(monkeypatch, addresses):
    looking_up(monkeypatch, *addresses)
    with pytest.raises(Unreachable):
        resolved(target_of("https://hooks.example.com/"))

    answer = post("https://hooks.example.com/", "{}", {})
    assert answer.status_code is None
    assert answer.error == "The host hooks.example.com is in a private network."


def test_the_call_goes_to_the_address_that_was_looked_at(monkeypatch):
    called = []

    def connect(address, **kwargs):
        called.append(address)
        raise ConnectionRefusedError

    looking_up(monkeypatch, "93.184.216.34")
    monkeypatch.setattr(socket, "create_connection", connect)
    post("https://hooks.example.com/", "{}", {})

    assert called == [("93.184.216.34", 443)]


def test_a_name_that_nobody_knows_is_a_failure(monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert post("https://hooks.example.com/", "{}", {}).error == "The host hooks.example.com is not known."
