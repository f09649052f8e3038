"""What is read of Apache's configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from phiscan.expose.grant import Grant, Identity, Reach
from phiscan.expose.machine import Machine, Process, Trouble
from phiscan.expose.names import Names
from phiscan.expose.services import apache
from phiscan.model import Level, Reason
from tests.expose.machines import brief, evidence, machine

CONF = "/etc/apache2/apache2.conf"
_LISTEN = (("", 80),)


def read(root: Path, text: str, more: dict[str, str] | None = None) -> list[Grant]:
    return apache.grants(machine(root, {CONF: f"Listen 80\n{text}", **(more or {})}))


def test_a_public_folder(tmp_path: Path) -> None:
    text = (
        "ServerName labo.fr\nUser bio\nDocumentRoot /srv/www\n"
        "<Directory /srv/www>\nOptions Indexes\nRequire all granted\n</Directory>\n"
        "<Directory /srv/www/prive>\nRequire user bio\n</Directory>\n"
        "<Directory /srv/other>\nRequire all denied\n</Directory>\n"
    )
    common = {
        "service": "apache",
        "identity": Identity("bio", 1001, frozenset({900, 1001})),
        "listen": _LISTEN,
        "name": "labo.fr",
        "follows_links": False,
        "links_inside": False,
    }
    assert read(tmp_path, text) == [
        Grant(
            path=b"/srv/www",
            level=Level.PUBLIC,
            evidence=(
                Reason("apache", "Require all granted", f"{CONF}:7", "/srv/www"),
                Reason("apache", "DocumentRoot /srv/www", f"{CONF}:4", "/srv/www"),
                Reason("apache", "Options Indexes", f"{CONF}:6", "/srv/www"),
            ),
            **common,  # type: ignore[arg-type]
        ),
        Grant(
            path=b"/srv/www/prive",
            level=Level.RESTRICTED,
            evidence=(
                Reason("apache", "Require user bio", f"{CONF}:10", "/srv/www/prive"),
                Reason("apache", "DocumentRoot /srv/www", f"{CONF}:4", "/srv/www/prive"),
                Reason("apache", "Options Indexes", f"{CONF}:6", "/srv/www/prive"),
            ),
            seen=b"/prive",
            **common,  # type: ignore[arg-type]
        ),
    ]


@pytest.mark.parametrize(
    ("inside", "level", "reach"),
    [
        ("", Level.PUBLIC, Reach.EVERYWHERE),
        ("Require ip 10.0.0.0/8", Level.PUBLIC, Reach.PRIVATE),
        ("Require ip 10.0.0.1 10.0.0.2", Level.SHARED, Reach.PRIVATE),
        ("Require host chu.fr", Level.PUBLIC, Reach.PRIVATE),
        ("Require local", Level.SHARED, Reach.LOOPBACK),
        ("Require valid-user", Level.SHARED, Reach.EVERYWHERE),
        ("Require ldap-group cn=labo", Level.RESTRICTED, Reach.EVERYWHERE),
        ("Require local\nRequire valid-user", Level.SHARED, Reach.EVERYWHERE),
        ("<RequireAll>\nRequire ip 10.0.0.0/8\nRequire valid-user\n</RequireAll>", Level.SHARED, Reach.PRIVATE),
        ("<RequireAll>\nRequire all granted\nRequire not ip 10.0.0.1\n</RequireAll>", Level.PUBLIC, Reach.EVERYWHERE),
        ("Require env ok", Level.PUBLIC, Reach.EVERYWHERE),
        ("Require something new", Level.PUBLIC, Reach.EVERYWHERE),
        ("Order deny,allow\nDeny from all\nAllow from 10.", Level.PUBLIC, Reach.PRIVATE),
        ("Order allow,deny\nAllow from all\nDeny from 10.0.0.1", Level.PUBLIC, Reach.EVERYWHERE),
        ("Deny from all\nAllow from 10.0.0.1\nRequire valid-user\nSatisfy any", Level.SHARED, Reach.EVERYWHERE),
        ("SSLVerifyClient require", Level.SHARED, Reach.EVERYWHERE),
    ],
)
def test_whom_it_lets_in(inside: str, level: Level, reach: Reach, tmp_path: Path) -> None:
    (found,) = read(tmp_path, f"DocumentRoot /srv\n<Directory /srv>\n{inside}\n</Directory>\n")
    assert (found.level, found.reach) == (level, reach)


def test_nothing_is_given_where_nobody_gets_in(tmp_path: Path) -> None:
    assert read(tmp_path, "DocumentRoot /srv\n<Directory />\nRequire all denied\n</Directory>\n") == []


def test_virtual_hosts(tmp_path: Path) -> None:
    text = (
        "Listen 127.0.0.1:8080\nListen 443\nDocumentRoot /srv/main\nAlias /all /srv/all\n"
        "<VirtualHost *:80>\nServerName a\nDocumentRoot /srv/a\n</VirtualHost>\n"
        "<VirtualHost _default_:443>\nServerName b\nRedirect permanent / http://a/\n</VirtualHost>\n"
        "<VirtualHost *:81>\nServerName c\nDocumentRoot /srv/c\n</VirtualHost>\n"
    )
    found = read(tmp_path, text)
    assert [(*brief([one])[0], one.listen, one.reach) for one in found] == [
        ("/all", "/srv/all", Level.PUBLIC, "r--", (("127.0.0.1", 8080),), Reach.LOOPBACK),
        ("", "/srv/main", Level.PUBLIC, "r--", (("127.0.0.1", 8080),), Reach.LOOPBACK),
        ("", "/srv/main/all", Level.RESTRICTED, "---", (("127.0.0.1", 8080),), Reach.LOOPBACK),
        ("a /all", "/srv/all", Level.PUBLIC, "r--", _LISTEN, Reach.EVERYWHERE),
        ("a", "/srv/a", Level.PUBLIC, "r--", _LISTEN, Reach.EVERYWHERE),
        ("a", "/srv/a/all", Level.RESTRICTED, "---", _LISTEN, Reach.LOOPBACK),
    ]


def test_addresses_that_lead_elsewhere(tmp_path: Path) -> None:
    text = (
        "DocumentRoot /srv\nProxyPass /app/files !\nProxyPass /app http://user:secret@127.0.0.1/\n"
        "Alias /x /opt/x\nAlias /x/y /opt/never\nAliasMatch ^/~(.*)/doc /home/$1/doc\nAliasMatch ^/(.*) /$1\n"
        "<Location /status>\nRequire local\n</Location>\n"
    )
    host = machine(tmp_path, {CONF: f"Listen 80\n{text}"})
    found = apache.grants(host)
    assert brief(found) == [
        ("/x", "/opt/x", Level.PUBLIC, "r--"),
        ("/home", "/home", Level.PUBLIC, "r--"),
        ("", "/srv", Level.PUBLIC, "r--"),
        ("", "/srv/status", Level.SHARED, "r--"),
        ("", "/srv/app", Level.RESTRICTED, "---"),
        ("", "/srv/x", Level.RESTRICTED, "---"),
    ]
    assert evidence(found[4]) == [("proxypass /app", f"{CONF}:4")]
    assert "secret" not in str(found)
    assert host.troubles == [Trouble("apache", f"{CONF}:8", "a folder named by an expression is not followed")]


def test_htaccess(tmp_path: Path) -> None:
    files = {
        "/srv/a/.htaccess": "Require all denied\n",
        "/srv/a/b/.htaccess": "<Files x>\nRequire all denied\n</Files>\n",
        "/srv/c/.htaccess": "Require all granted\nOptions +Indexes\n",
        "/srv/d/e/.htaccess": "Order deny,allow\nAllow from all\n",
        "/srv/never/.htaccess": "Require all denied\n",
    }
    text = (
        "DocumentRoot /srv\n<Directory />\nAllowOverride None\n</Directory>\n"
        "<Directory /srv>\nAllowOverride AuthConfig Options\n</Directory>\n"
        "<Directory /srv/never>\nAllowOverride None\n</Directory>\n"
    )
    found = read(tmp_path, text, files)
    assert brief(found) == [
        ("", "/srv", Level.PUBLIC, "r--"),
        ("", "/srv/a", Level.RESTRICTED, "---"),
        ("", "/srv/c", Level.PUBLIC, "r-l"),
        ("", "/srv/d/e", Level.RESTRICTED, "---"),
    ]
    assert [evidence(one)[0] for one in found[1:]] == [
        ("Require all denied", "/srv/a/.htaccess:1"),
        ("Require all granted", "/srv/c/.htaccess:1"),
        ("a directive that AllowOverride forbids", "/srv/d/e/.htaccess:1"),
    ]


def test_too_many_folders_for_htaccess(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phiscan.expose.services.apache.htaccess._FOLDERS", 2)
    files = {f"/srv/{name}/file": "" for name in "abc"}
    text = "DocumentRoot /srv\n<Directory /srv>\nAllowOverride All\nRequire all denied\n</Directory>\n"
    host = machine(tmp_path, {CONF: f"Listen 80\n{text}", **files})
    assert apache.grants(host) == []
    assert host.troubles == [Trouble("apache", "/srv", "too many folders to look for .htaccess files in all of them")]


def test_user_folders(tmp_path: Path) -> None:
    files = {"/home/bio/public_html/x": "", "/root/public_html/x": "", "/var/www/public_html/x": ""}
    text = (
        "UserDir public_html\nUserDir disabled root\n<Directory /home/*/public_html>\nOptions Indexes\n</Directory>\n"
    )
    assert brief(read(tmp_path, text, files)) == [
        ("/~www-data", "/var/www/public_html", Level.PUBLIC, "r--"),
        ("/~bio", "/home/bio/public_html", Level.PUBLIC, "r-l"),
    ]
    assert brief(read(tmp_path, "UserDir /srv/*/w\nUserDir disabled\nUserDir enabled bio\n", {"/srv/bio/w/x": ""})) == [
        ("/~bio", "/srv/bio/w", Level.PUBLIC, "r--")
    ]


def test_names_of_files(tmp_path: Path) -> None:
    text = (
        "DocumentRoot /srv\n<Directory /srv>\nOptions Indexes\n</Directory>\n"
        '<FilesMatch "^\\.ht">\nRequire all denied\n</FilesMatch>\n'
        '<Files "*.sql">\nRequire all denied\n</Files>\n<Directory /srv/a>\nRequire all denied\n'
        '<Files "b.txt">\nRequire all granted\n</Files>\n</Directory>\n'
    )
    found = read(tmp_path, text)
    closed, none, b = Names(((".ht*", "*.sql"),), False), Names((), False), ("b.txt",)
    assert [(*brief([one])[0], one.names) for one in found] == [
        ("", "/srv", Level.PUBLIC, "r-l", (closed,)),
        # What comes later may open what was closed.
        ("", "/srv/a", Level.PUBLIC, "r--", (Names((*closed.fits, b), True), closed, Names((b,), True), none)),
    ]


def test_more_names_than_are_told_apart(tmp_path: Path) -> None:
    """Then the widest that holds for any name is said of them all; those that say the same are one."""
    closed = "".join(f'<Files "*.{name}">\nRequire all denied\n</Files>\n' for name in "abcdefg")
    (found,) = read(tmp_path, f"DocumentRoot /srv\n{closed}")
    assert found.names == (Names((tuple(f"*.{name}" for name in "abcdefg"),), False),)
    several = "".join(f'<Files "*.{name}">\nRequire ip 10.0.0.{at}\n</Files>\n' for at, name in enumerate("abcdef"))
    (found,) = read(tmp_path, f"DocumentRoot /srv\n{several}")
    assert (found.level, found.names) == (Level.PUBLIC, ())


def test_files_in_their_place(tmp_path: Path) -> None:
    files = {
        "/etc/apache2/envvars": "export APACHE_RUN_USER=bio\nexport LOGS=/var/log$NONE\n",
        "/etc/apache2/sites/a.conf": "DocumentRoot ${where}\nUser ${APACHE_RUN_USER}\nUse Macro x\n",
        "/etc/apache2/mods/dav.load": "LoadModule dav_module x.so\n",
        "/etc/apache2/mods/dav.conf": "<IfModule mod_dav.c>\nDefine where /srv/dav\n</IfModule>\n",
    }
    text = (
        "<IfModule dav_module>\nDefine where /srv/before\n</IfModule>\nInclude mods/*.load\nInclude mods/*.conf\n"
        "<IfVersion < 2.4>\nDav On\n</IfVersion>\n<IfDefine !TEST>\nDav On\n</IfDefine>\n"
        "IncludeOptional sites/*.conf\nIncludeOptional absent.conf\nInclude absent.conf\n<Directory /srv>\n"
    )
    host = machine(tmp_path, {CONF: f"Listen 80\n{text}", **files})
    found = apache.grants(host)
    assert brief(found) == [("", "/srv/dav", Level.PUBLIC, "rwl")]
    assert found[0].identity == Identity("bio", 1001, frozenset({900, 1001}))
    assert evidence(found[0]) == [
        ("Require (default all granted)", CONF),
        ("DocumentRoot /srv/dav", "/etc/apache2/sites/a.conf:1"),
        ("Dav On", f"{CONF}:11"),
    ]
    assert [(one.source, one.detail) for one in host.troubles] == [
        ("/etc/apache2/sites/a.conf:3", "macros are not followed"),
        (f"{CONF}:15", "includes a file that is missing"),
        (f"{CONF}:16", "block without an end"),
    ]


def test_how_it_was_started(tmp_path: Path) -> None:
    files = {
        CONF: "Listen 80\nDocumentRoot /usual\n",
        "/opt/httpd/a.conf": "Listen 8080\n<IfDefine PUB>\nDocumentRoot /opt/pub\n</IfDefine>\nInclude b.conf\n",
        "/opt/httpd/b.conf": "Alias /b /opt/b\n",
    }
    process = Process(("/usr/sbin/httpd", "-d", "/opt/httpd", "-f", "a.conf", "-D", "PUB", "-DFOREGROUND"))
    assert brief(apache.grants(machine(tmp_path, files, (process,)))) == [
        ("/b", "/opt/b", Level.PUBLIC, "r--"),
        ("", "/opt/pub", Level.PUBLIC, "r--"),
        ("", "/opt/pub/b", Level.RESTRICTED, "---"),
    ]
    missing = Machine(root=str(tmp_path), given={"apache": ["/opt/absent.conf"]})
    assert [one.path for one in apache.grants(missing)] == [b"/usual"]
    assert missing.troubles == [Trouble("apache", "/opt/absent.conf", "is missing")]
