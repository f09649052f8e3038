"""The bytes of NT descriptors and of a server's answers: what they say, and that junk is told from them."""

from __future__ import annotations

import ast
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.expose.nt import srvsvc
from phiscan.expose.nt.check import ACCOUNT, FULL, READ, WRITE, allowed, identities, mapped
from phiscan.expose.nt.descriptor import Ace, Descriptor, Kind, parse
from phiscan.expose.nt.stated import Share, exposure
from phiscan.messages.ntrights import PHRASES, evidence
from phiscan.model import Level
from tests.expose.ntmatrix import ace, packed
from tests.running import ROOT

# What smbd 4.17 sent to smbprotocol of a file of root's with mode 0664, on a share with `acl_xattr`.
STORED = bytes.fromhex(
    "0100048014000000300000000000000040000000010500000000000515000000988e263f29dac9bb2bd3bf23e8030000"
    "0102000000000016020000000000000002006c000400000000002400ff011f00010500000000000515000000988e263f"
    "29dac9bb2bd3bf23e803000000001800bf0112000102000000000016020000000000000000001400a900120001010000"
    "000000010000000000001400ff011f00010100000000000512000000"
)


def test_what_a_server_sends() -> None:
    domain = "S-1-5-21-1059491480-3150567977-599773995"
    assert parse(STORED) == Descriptor(
        owner=f"{domain}-1000",
        group="S-1-22-2-0",
        aces=(
            Ace(Kind.ALLOW, f"{domain}-1000", 0x1F01FF),
            Ace(Kind.ALLOW, "S-1-22-2-0", 0x1201BF),
            Ace(Kind.ALLOW, "S-1-1-0", 0x1200A9),
            Ace(Kind.ALLOW, "S-1-5-18", 0x1F01FF),
        ),
    )


def test_what_a_list_may_be() -> None:
    assert parse(packed(None)).aces is None
    assert parse(packed((ace(0, 1, "S-1-1-0"),), control=0x8000)).aces is None  # not said to be there
    assert parse(packed(())).aces == ()
    flags = parse(packed((ace(0, 1, "S-1-1-0", 0x10), ace(1, 1, "S-1-5-11", 0x0B)), control=0x9404))
    assert flags.aces == (
        Ace(Kind.ALLOW, "S-1-1-0", 1, inherited=True),
        Ace(Kind.DENY, "S-1-5-11", 1, inherit_only=True),
    )
    assert (flags.protected, flags.auto_inherited, flags.of_modes) == (True, True, False)


@pytest.mark.parametrize(
    ("type_", "before", "kind"),
    [
        (0x05, bytes(4), Kind.MAYBE_ALLOW),
        (0x05, b"\x01\0\0\0" + bytes(16), Kind.MAYBE_ALLOW),
        (0x06, b"\x03\0\0\0" + bytes(32), Kind.MAYBE_DENY),
        (0x09, b"", Kind.MAYBE_ALLOW),
        (0x0A, b"", Kind.MAYBE_DENY),
        (0x0B, b"\x02\0\0\0" + bytes(16), Kind.MAYBE_ALLOW),
    ],
)
def test_kinds_that_are_not_certain(type_: int, before: bytes, kind: Kind) -> None:
    found = parse(packed((ace(type_, 1, "S-1-1-0", before=before),))).aces
    assert found == (Ace(kind, "S-1-1-0", 1),)


def test_what_grants_nothing_is_left_out_and_what_is_not_known_may_grant() -> None:
    found = parse(packed((ace(0x02, 1, "S-1-1-0"), ace(0x11, 1, "S-1-16-4096"), ace(0x77, 1, "S-1-1-0")))).aces
    assert found == (Ace(Kind.MAYBE_ALLOW, "", 0xFFFFFFFF),)
    assert allowed(Descriptor("", "", found), ACCOUNT).has(READ) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(20),
        packed(())[:19],
        packed((), control=0x0004),  # its offsets would be addresses
        b"\x02" + packed(())[1:],
        packed((ace(0, 1, "S-1-1-0"),))[:-1],
        packed((ace(0, 1, "S-1-1-0")[:-4],)),  # cut off, so that its length leads out of the list
        packed((struct.pack("<BBHI", 0, 0, 4, 1),)),  # shorter than an entry
        packed((struct.pack("<BBHI", 0, 0, 8, 1),)),  # without a SID
        packed((struct.pack("<BBHI", 5, 0, 8, 1),)),  # without its object types
        packed((), owner="S-1-5-18")[:24],
        struct.pack("<BBHIIII", 1, 0, 0x8004, 0xFFFFFFF0, 0, 0, 0),
        struct.pack("<BBHIIII", 1, 0, 0x8004, 0, 0, 0, 0xFFFFFFF0),
    ],
)
def test_what_is_no_descriptor(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(data)


@given(st.binary(max_size=200))
def test_junk_is_a_descriptor_or_said_to_be_none(data: bytes) -> None:
    try:
        found = parse(data)
    except ValueError:
        return
    assert data[0] == 1
    assert len(data) >= 20
    assert isinstance(found, Descriptor)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_a_descriptor_with_holes_is_one_or_none(at: int, junk: bytes) -> None:
    whole = packed((ace(0, FULL, "S-1-1-0"), ace(1, READ, "S-1-5-21-1-2-3-513")), owner="S-1-5-32-544")
    at %= len(whole)
    try:
        parse(whole[:at] + junk + whole[at + len(junk) :])
    except ValueError:
        return


SIDS = ("S-1-1-0", "S-1-5-7", "S-1-5-11", "S-1-5-21-1-2-3-513", "S-1-5-32-545", "S-1-5-32-546", "S-1-5-21-1-2-3-1104")
entries = st.builds(
    Ace,
    st.sampled_from([Kind.ALLOW, Kind.DENY]),
    st.sampled_from(SIDS),
    st.sampled_from([READ, WRITE, FULL, 0x80000000]),
    inherit_only=st.booleans(),
)


@given(st.lists(entries, max_size=6), st.booleans())
def test_the_first_entry_that_speaks_of_a_right_decides(aces: list[Ace], guests: bool) -> None:
    """Right by right, as MS-DTYP 2.5.3.2 has it, for whoever is a member of exactly what is certain."""
    for who in identities(guests=guests):
        found = allowed(Descriptor("", "", tuple(aces)), who)
        for right in (READ, WRITE):
            speaking = [one for one in aces if not one.inherit_only and mapped(one.mask) & right]
            first = next((one for one in speaking if _known(one.sid) in who.member | who.perhaps), None)
            sure = who.member & who.surely
            if first is None or (_known(first.sid) in sure and first.kind is Kind.DENY):
                assert found.has(right) is False
            elif _known(first.sid) in who.member and first.kind is Kind.ALLOW:
                assert found.has(right) is True
            assert found.surely & ~found.perhaps == 0


def _known(sid: str) -> str:
    return "*-513" if sid.endswith("-513") else sid


def test_rights_of_the_owner_are_those_of_whom_he_is() -> None:
    own = (Ace(Kind.ALLOW, "S-1-3-4", READ),)
    assert allowed(Descriptor("S-1-5-11", "", own), ACCOUNT).has(READ) is True
    assert allowed(Descriptor("S-1-5-18", "", own), ACCOUNT).has(READ) is False


EVERYONE = Descriptor("", "", (Ace(Kind.ALLOW, "S-1-1-0", FULL),))
NAMED = Descriptor("", "", (Ace(Kind.ALLOW, "S-1-5-21-1-2-3-1104", FULL),))


@pytest.mark.parametrize(
    ("descriptor", "rights", "guests", "level", "told"),
    [
        (EVERYONE, EVERYONE, False, Level.SHARED, 'NT ACL "Everyone" S-1-1-0 full control'),
        (EVERYONE, EVERYONE, True, Level.PUBLIC, 'NT ACL "Everyone" S-1-1-0 full control'),
        (EVERYONE, NAMED, True, Level.RESTRICTED, "share rights: nothing for anonymous"),
        (EVERYONE, None, True, Level.UNKNOWN, 'NT ACL "Everyone" S-1-1-0 full control'),
        # The descriptor alone has closed it.
        (NAMED, None, True, Level.RESTRICTED, "NT ACL: nobody but named accounts reads"),
        (Descriptor("", "", None), EVERYONE, False, Level.SHARED, "NT ACL missing: everyone, everything"),
        (
            Descriptor("", "", None),
            Descriptor("", "", None),
            False,
            Level.PUBLIC,
            "NT ACL missing: everyone, everything",
        ),
        (Descriptor("", "", ()), EVERYONE, True, Level.RESTRICTED, "NT ACL: nobody but named accounts reads"),
    ],
)
def test_levels(descriptor: Descriptor, rights: Descriptor | None, guests: bool, level: Level, told: str) -> None:
    share = Share("//nas/x", rights, "" if rights else "the account may not read them")
    found = exposure(descriptor, share, "//nas/x/a", guests=guests)
    assert (found.level, found.reasons[0].setting) == (level, told)
    if level is Level.UNKNOWN:
        assert found.reasons[1].setting == "share rights not known: the account may not read them"


# In French.


@pytest.mark.parametrize(
    ("setting", "french"),
    [
        ('NT ACL "Everyone" S-1-1-0 read (inherited)', "ACL NT « Tout le monde » S-1-1-0 lecture (héritée)"),
        ("NT ACL S-1-5-21-1-2-3-1104 full control", "ACL NT S-1-5-21-1-2-3-1104 contrôle total"),
        (
            'share rights "Domain Users" S-1-5-21-1-2-3-513 modify (not certain)',
            "droits du partage « Utilisateurs du domaine » S-1-5-21-1-2-3-513 modification (incertain)",
        ),
        ("NT ACL missing: everyone, everything", "ACL NT absente : tout le monde, tout"),
        ("share rights missing: everyone, everything", "droits du partage absents : tout le monde, tout"),
        ("NT ACL: nobody but named accounts reads", "ACL NT : personne ne lit, sauf des comptes nommés"),
        ("NT ACL not known: no longer there", "ACL NT inconnue : n'existe plus"),
        ("share rights: nothing for guest", "droits du partage : rien pour un invité"),
        ("guest ok = yes", "guest ok = yes"),
        ("mode 0644, parents 0755", "mode 0644, parents 0755"),
    ],
)
def test_in_french(setting: str, french: str) -> None:
    assert evidence(setting, "fr") == french
    assert evidence(setting, "en") == setting


def test_every_reason_for_not_knowing_has_its_french() -> None:
    """Those that the code can give, read out of it."""
    said = set()
    for name in ("asking", "rights"):
        for node in ast.walk(ast.parse((ROOT / f"phiscan/expose/nt/{name}.py").read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Unasked", "Down"):
                said |= {one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)}
            elif isinstance(node, ast.Return) and isinstance(node.value, ast.Constant):
                said |= {node.value.value} - {None}
    assert len(said) == 16
    assert said - PHRASES.keys() == set()


# The share's answer.


def test_the_answer_of_a_server_about_its_share() -> None:
    listed = packed((ace(0, FULL, "S-1-1-0"),))
    assert srvsvc.descriptor(answer(listed)) == listed
    assert srvsvc.descriptor(answer(None)) is None
    assert parse(srvsvc.descriptor(answer(None, kind=0x80000000)) or b"").aces == ()  # C$
    with pytest.raises(srvsvc.Denied):
        srvsvc.descriptor(struct.pack("<III", 502, 0, 5))


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_an_answer_with_holes_is_one_or_none(at: int, junk: bytes) -> None:
    whole = answer(packed((ace(0, FULL, "S-1-1-0"),)))
    at %= len(whole)
    try:
        srvsvc.descriptor(whole[:at] + junk + whole[at + len(junk) :])
    except (ValueError, srvsvc.Denied):
        return


@given(st.binary(max_size=100))
def test_junk_is_no_fragment(data: bytes) -> None:
    try:
        body, _ = srvsvc.body(data)
    except ValueError:
        return
    assert len(body) == int.from_bytes(data[8:10], "little") - 24


def answer(descriptor: bytes | None, kind: int = 0) -> bytes:
    """Return the stub of an answer of level 502, as MS-SRVS 2.2.4.26 has it."""
    length = len(descriptor) if descriptor else 0
    fields = (502, 1, 0x20000, kind, 0x20004, 0, 0xFFFFFFFF, 1, 0x20008, 0, length, 0x2000C if descriptor else 0)
    stub = struct.pack("<12I", *fields)
    for text in ("nt", "", "C:\\srv"):
        data = (text + "\0").encode("utf-16-le")
        stub += struct.pack("<III", len(data) // 2, 0, len(data) // 2) + data
        stub += bytes(-len(stub) % 4)
    if descriptor:
        stub += struct.pack("<I", length) + descriptor
        stub += bytes(-len(stub) % 4)
    return stub + bytes(4)
