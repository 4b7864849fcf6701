import pytest

from ledger.parsers.journal import BadEncoding, decode


def test_a_byte_order_mark_is_dropped():
    assert decode(b"\xef\xbb\xbf2024-01-01") == "2024-01-01"


def test_utf8_beyond_the_basic_plane_is_read():
    assert decode("Café 😀".encode()) == "Café 😀"


def test_latin_1_is_refused_with_its_byte_and_line():
    with pytest.raises(BadEncoding) as refusal:
        decode(b"good\nCaf\xe9\n")
    assert (refusal.value.code, refusal.value.offset, refusal.value.place) == ("bad_encoding", 8, 2)


def test_the_offset_counts_the_byte_order_mark():
    with pytest.raises(BadEncoding) as refusal:
        decode(b"\xef\xbb\xbfa\xff")
    assert refusal.value.offset == 4


def test_a_nul_byte_is_refused():
    with pytest.raises(BadEncoding) as refusal:
        decode(b"a\n\nb\0")
    assert (refusal.value.offset, refusal.value.place) == (4, 3)


def test_an_encoded_surrogate_is_refused():
    with pytest.raises(BadEncoding):
        decode(b"\xed\xa0\x80")


def test_utf16_is_refused():
    with pytest.raises(BadEncoding):
        decode("2024".encode("utf-16"))
