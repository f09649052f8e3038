"""What is read of nginx.conf."""

from __future__ import annotations

from pathlib import Path

import pytest

from phiscan.expose.grant import Grant, Identity, Reach
from phiscan.expose.machine import Machine, Process, Trouble
from phiscan.expose.names import Names
from phiscan.expose.services import nginx
from phiscan.model import Level, Reason
from tests.expose.machines import brief, evidence, machine, rights

CONF = "/etc/nginx/nginx.conf"


def read(root: Path, server: str, more: dict[str, str] | None = None) -> list[Grant]:
    return nginx.grants(machine(root, {CONF: f"user www-data;\nhttp {{ server {{\n{server}\n}} }}\n", **(more or {})}))


def test_a_public_folder(tmp_path: Path) -> None:
    text = "listen 8080;\nserver_name labo.fr;\nroot /srv/www;\nautoindex on;\nlocation /up/ { deny all; }"
    common = {
        "service": "nginx",
        "identity": Identity("www-data", 33, frozenset({33})),
        "listen": (("", 8080),),
        "name": "labo.fr",
    }
    assert read(tmp_path, text) == [
        Grant(
            path=b"/srv/www",
            level=Level.PUBLIC,
            evidence=(
                Reason("nginx", "auth_basic (default off)", CONF, "/srv/www"),
                Reason("nginx", "root /srv/www", f"{CONF}:5", "/srv/www"),
                Reason("nginx", "autoindex on", f"{CONF}:6", "/srv/www"),
            ),
            **common,  # type: ignore[arg-type]
        ),
        Grant(
            path=b"/srv/www/up",
            level=Level.RESTRICTED,
            evidence=(
                Reason("nginx", "deny all", f"{CONF}:7", "/srv/www/up"),
                Reason("nginx", "root /srv/www", f"{CONF}:5", "/srv/www/up"),
            ),
            read=False,
            list=False,
            reach=Reach.LOOPBACK,
            seen=b"/up/",
            **common,  # type: ignore[arg-type]
        ),
    ]


@pytest.mark.parametrize(
    ("inside", "level", "reach"),
    [
        ("", Level.PUBLIC, Reach.EVERYWHERE),
        ("allow 10.0.0.0/8; deny all;", Level.PUBLIC, Reach.PRIVATE),
        ("allow 10.0.0.1; deny all;", Level.SHARED, Reach.PRIVATE),
        ("allow 127.0.0.1; allow ::1; deny all;", Level.SHARED, Reach.LOOPBACK),
        ("deny 10.0.0.0/8; allow all;", Level.PUBLIC, Reach.EVERYWHERE),
        ("auth_basic x;", Level.SHARED, Reach.EVERYWHERE),
        ("auth_request /auth;", Level.SHARED, Reach.EVERYWHERE),
        ("ssl_verify_client on;", Level.SHARED, Reach.EVERYWHERE),
        ("ssl_verify_client optional;", Level.PUBLIC, Reach.EVERYWHERE),
        ("satisfy any; allow 10.0.0.0/8; deny all; auth_basic x;", Level.PUBLIC, Reach.PRIVATE),
        ("satisfy any; deny all; auth_basic x;", Level.SHARED, Reach.EVERYWHERE),
        ("satisfy all; allow 10.0.0.0/8; deny all; auth_basic x;", Level.SHARED, Reach.PRIVATE),
        ("auth_basic x; limit_except POST { deny all; }", Level.RESTRICTED, Reach.LOOPBACK),
        ("if ($a) { return 403; }", Level.PUBLIC, Reach.EVERYWHERE),
    ],
)
def test_whom_it_lets_in(inside: str, level: Level, reach: Reach, tmp_path: Path) -> None:
    found = read(tmp_path, f"listen [::]:443 ssl; root /srv; location / {{ {inside} }}")
    assert [(one.level, one.reach) for one in found] == ([(level, reach)] if level > Level.RESTRICTED else [])


def test_mappings_say_nothing_of_each_other(tmp_path: Path) -> None:
    """A folder that one address hides is open under another one."""
    text = (
        "server_name a; root /srv/www;\n"
        "location /all/ { alias /srv/; autoindex on; }\n"
        "location /www/ { proxy_pass http://user:secret@127.0.0.1; }\n"
        "location /static { root /opt; location /static/x/ { deny all; } }\n"
    )
    found = read(tmp_path, text)
    assert brief(found) == [
        ("a", "/srv/www", Level.PUBLIC, "r--"),
        ("a", "/srv/www/all", Level.RESTRICTED, "---"),
        ("a", "/srv/www/static", Level.RESTRICTED, "---"),
        ("a", "/srv/www/www", Level.RESTRICTED, "---"),
        ("a /srv/", "/srv", Level.PUBLIC, "r-l"),
        ("a /opt", "/opt/static", Level.PUBLIC, "r--"),
        ("a /opt", "/opt/static/x", Level.RESTRICTED, "---"),
        ("a /opt", "/opt", Level.PUBLIC, "r--"),
    ]
    assert found[0].names == (Names((("/static*",),), False),)
    assert found[-1].names == (Names((("/static*",),), True), Names((), False))  # /static2 comes to it too
    assert "secret" not in str(read(tmp_path, text))


def test_an_alias_that_slips(tmp_path: Path) -> None:
    text = "server_name a; return 404; location /pub { alias /srv/pub/; }"
    assert read(tmp_path, text) == []  # the server answers before any location
    found = read(tmp_path, "server_name a; location / { return 404; } location /pub { alias /srv/pub/; }")
    assert brief(found) == [
        ("a /srv/pub/", "/srv/pub", Level.PUBLIC, "r--"),
        ("a /srv/pub/..", "/srv", Level.PUBLIC, "r--"),
    ]
    assert evidence(found[1])[0] == ("location /pub with alias /srv/pub/", f"{CONF}:3")


def test_expressions(tmp_path: Path) -> None:
    text = r"""
        root /srv;
        location ^~ /fixed/ { }
        location ~ /\.ht { deny all; }
        location ~* \.(Bak|old)$ { return 404; }
        location ~ ^/hidden/ { internal; }
        location ~ \.pdf$ { expires 1d; }
        location ~ \.never$ { deny all; }
        location ~ ^/u/(\w+)/(.*)$ { alias /home/$1/public/$2; autoindex on; }
        location ~ ^/v/(.*)$ { root /$1; }
    """
    host = machine(tmp_path, {CONF: f"http {{ server {{ {text} }} }}"})
    found = nginx.grants(host)
    closed = [
        Names((("/*/.ht*", "/.ht*"),), False),
        Names((("/*.[bB][aA][kK]", "/*.[oO][lL][dD]"),), False),
    ]
    pdf = Names((("/*.pdf",),), True)
    hidden, never, other = (Names(((name,),), False) for name in ("/hidden/*", "/*.never", "/v/*"))
    assert [(one.path, one.level, rights(one), one.names) for one in found] == [
        (b"/srv", Level.PUBLIC, "r--", (*closed, hidden, pdf, never, other)),
        (b"/srv/hidden", Level.RESTRICTED, "---", ()),
        (b"/srv/v", Level.PUBLIC, "r--", (*closed, pdf, Names((), False))),  # what is asked first
        (b"/srv/fixed", Level.PUBLIC, "r--", ()),
        (b"/home", Level.PUBLIC, "r-l", ()),
    ]
    assert [one.detail for one in host.troubles] == ["a folder named by variables is not followed"]


def test_names_for_whom(tmp_path: Path) -> None:
    """Of one folder each name is given to those whom its own location lets in."""
    text = r"""
        root /srv; deny all;
        location ~ \.(txt|bak)$ { allow all; location ~ /x { auth_basic x; } }
        location ~ ^/[^/]+/y { allow all; disable_symlinks if_not_owner; }
    """
    found = read(tmp_path, text)
    names, x = ("/*.txt", "/*.bak"), ("/*/x*", "/x*")
    assert [(one.path, one.level, one.names, one.links_of_owner) for one in found] == [
        (b"/srv", Level.SHARED, (Names((names, x), True), Names((), False)), False),
        (b"/srv", Level.PUBLIC, (Names((names, x), False), Names((names,), True), Names((), False)), False),
        (b"/srv", Level.PUBLIC, (Names((names,), False),), True),  # an expression not understood: any other name
    ]
    assert evidence(found[1])[0] == (r"location ~ \.(txt|bak)$", f"{CONF}:5")


def test_files_in_their_place(tmp_path: Path) -> None:
    files = {
        CONF: "http { include mime.types; include sites/*; }\nstream { server { listen 1; } }\n",
        "/etc/nginx/sites/a": "server { root '/srv/a b'; content_by_lua_block { x = \"}\" { } } }\n",
        "/etc/nginx/sites/b": "server {\n  root /srv/\udce9t\udce9; # é of another time\n  include absent.conf;\n",
    }
    host = machine(tmp_path, files)
    found = nginx.grants(host)
    assert [(one.path, evidence(one)[1]) for one in found if one.read] == [
        (b"/srv/\xe9t\xe9", ("root /srv/\udce9t\udce9", "/etc/nginx/sites/b:2")),
    ]
    assert [(one.source, one.detail) for one in host.troubles] == [
        (f"{CONF}:1", "includes a file that is missing"),
        ("/etc/nginx/sites/b:3", "includes a file that is missing"),
        ("/etc/nginx/sites/b:1", "block or directive without an end"),
    ]


def test_how_it_was_started(tmp_path: Path) -> None:
    files = {
        CONF: "http { server { root /usual; } }",
        "/opt/n/n.conf": "http { server { listen unix:/run/x; root html; } }",
    }
    title = "nginx: master process /usr/sbin/nginx -p /opt/n -c n.conf -g user bio labo; daemon off;"
    processes = (Process((title,)), Process(("nginx: worker process",)))
    (found,) = nginx.grants(machine(tmp_path, files, processes))
    assert (found.path, found.identity) == (b"/opt/n/html", Identity("bio", 1001, frozenset({900, 1001})))
    assert (found.listen, found.reach) == ((("unix:/run/x", 0),), Reach.LOOPBACK)
    missing = Machine(root=str(tmp_path), given={"nginx": ["/opt/absent.conf"]})
    assert [one.path for one in nginx.grants(missing)] == [b"/usual"]
    assert missing.troubles == [Trouble("nginx", "/opt/absent.conf", "is missing")]
