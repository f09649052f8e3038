"""Random configurations of nginx and Apache: nothing that a stranger can do may be stated as closed.

`python -m tests.expose.netfuzz nginx 300 7` starts 300 servers with the configurations of seed 7, as root, prints each
that gives away more than is stated, and counts the cells that are stated wider than they are.
"""

from __future__ import annotations

import random
import sys

from tests.expose import netmatrix, netweb
from tests.expose.netmatrix import Cell, Row

_ASKED = 'auth_basic "x"; auth_basic_user_file PASSWORDS;'
_NGINX = (
    *("", "deny all;", "allow all;", "allow all; deny all;", "allow 127.0.0.1; deny all;", _ASKED, "auth_basic off;"),
    *("autoindex on;", "autoindex off;", "return 404;", "dav_methods PUT;", "internal;", "satisfy any;"),
    *("disable_symlinks on;", "disable_symlinks if_not_owner;"),
    *("alias DATA/;", "alias DATA/secret/;", "root BASE;", "root BASE/empty;", "proxy_pass http://127.0.0.1:9;"),
)
_PREFIXES = ("/", "/secret", "/secret/", "/up/", "/passed/", "/secret/deep/", "/se", "/o")
_EXACT = ("/open.txt", "/a.bak", "/secret/", "/secret", "/out")
_EXPRESSIONS = (r"\.txt$", r"\.bak$", r"/\.", "^/secret/", "^/up", r"\.(txt|bak)$", "/deep/", r"^/secret/.*\.txt$")
_EXPRESSIONS = (*_EXPRESSIONS, "^/[a-z]+$", "(^|/)open")
_BASIC = "AuthType Basic\nAuthName x\nAuthUserFile PASSWORDS\nRequire valid-user"
_APACHE = (
    *("Require all granted", "Require all denied", "Require method GET", "Require ip 127.0.0.1", _BASIC),
    *("Options Indexes", "Options +Indexes", "Options None", "Options -Indexes", "Dav On"),
    *("Options SymLinksIfOwnerMatch", "Options +FollowSymLinks"),
    *(
        "Order deny,allow\nDeny from all",
        "Order allow,deny\nAllow from all",
        "Deny from all\nSatisfy any",
        "Satisfy any",
    ),
    *(
        "<RequireAny>\nRequire all denied\nRequire method GET PUT\n</RequireAny>",
        "<Limit GET>\nRequire all denied\n</Limit>",
    ),
    *("<RequireAll>\nRequire all granted\nRequire ip 127.0.0.1\n</RequireAll>", "AuthMerging And\nRequire all granted"),
    *("<LimitExcept GET>\nRequire all denied\n</LimitExcept>", "AuthMerging Or\nRequire all denied"),
)
_FOLDERS_ONLY = ("AllowOverride All", "AllowOverride None", "AllowOverride AuthConfig")
_FILES = (
    "<Files *.bak>\nRequire all denied\n</Files>",
    "<Files open.txt>\nRequire all granted\n</Files>",
    '<FilesMatch "\\.txt$">\nRequire all denied\n</FilesMatch>',
    "<Files *>\nRequire all denied\n</Files>",
    '<FilesMatch "(?i)\\.(TXT|bak)$">\nRequire all granted\n</FilesMatch>',
    f'<FilesMatch "^[.o]">\n{_BASIC}\n</FilesMatch>',
    '<FilesMatch "^[a-o]+">\nAuthMerging Or\nRequire all granted\n</FilesMatch>',
)
_OTHER = ("Redirect /secret http://localhost/", "Alias /secret BASE/empty", "Alias /up DATA/secret")
_HTACCESS = ("Require all denied", "Require all granted", "Options +Indexes", "Deny from all", *_FILES[1:3])


def nginx(chance: random.Random) -> str:
    """Return the inside of a server block."""
    text = f"root DATA; {_words(chance, [one for one in _NGINX if not _moves(one)])}"
    met = set()
    for _ in range(chance.randrange(5)):
        kind = chance.choice(("", "", "^~", "=", "~", "~*"))
        by_expression = kind.startswith("~")
        addresses = _EXPRESSIONS if by_expression else _EXACT if kind == "=" else _PREFIXES
        address = chance.choice(addresses)
        if (address, kind if by_expression or kind == "=" else "") in met:
            continue
        met.add((address, kind if by_expression or kind == "=" else ""))
        possible = [one for one in _NGINX if not by_expression or not one.startswith(("alias", "proxy"))]
        inside = _words(chance, possible)
        if kind != "=" and chance.random() < 0.3:
            inside += rf" location ~ \.(txt|deep)$ {{ {_words(chance, [one for one in _NGINX if not _moves(one)])} }}"
        text += f" location {kind} {address} {{ {inside} }}"
    return text


def _moves(one: str) -> bool:
    return one.startswith(("alias", "root", "proxy", "return", "internal"))


def _words(chance: random.Random, possible: list[str]) -> str:
    """Return a few directives, none of a kind twice."""
    found: dict[str, str] = {}
    for one in chance.sample(possible, chance.choice((0, 1, 1, 2, 3))):
        kind = one.partition(" ")[0]
        found.setdefault({"alias": "root", "allow": "deny", "dav_methods": "root"}.get(kind, kind), one)
    return " ".join(found.values())


def apache(chance: random.Random) -> str:
    """Return a configuration with sections of all kinds."""
    parts = ["DavLockDB BASE/lock", "DocumentRoot DATA"]
    if chance.random() < 0.7:
        parts.append("<Directory />\nAllowOverride None\n</Directory>")
    for _ in range(chance.randrange(1, 5)):
        match chance.randrange(6):
            case 0 | 1:
                folder = chance.choice(("DATA", "DATA", "BASE", "DATA/secret", "DATA/secret/deep", "DATA/up/"))
                inside = chance.sample((*_APACHE, *_FILES, *_FOLDERS_ONLY), chance.randrange(4))
                parts.append("\n".join((f"<Directory {folder}>", *_once(inside), "</Directory>")))
            case 2:
                inside = chance.sample(_APACHE, chance.randrange(4))
                address = chance.choice(("/", "/secret", "/secret/", "/up"))
                parts.append("\n".join((f"<Location {address}>", *_once(inside), "</Location>")))
            case 3:
                parts.append(chance.choice((*_FILES[:3], *_FILES[4:])))
            case 4:
                expression = chance.choice(("^DATA/secret", "/secret/", "/deep", "^DATA", "/(open|a)", "^/secret"))
                answer, kind = chance.choice(("granted", "denied")), chance.choice(("Directory", "Location"))
                parts.append(f'<{kind}Match "{expression}">\nRequire all {answer}\n</{kind}Match>')
            case _:
                parts.append(chance.choice(_OTHER))
    text = "\n".join(parts) + "\n"
    return text + (f"# secret: {chance.choice(_HTACCESS)}" if chance.random() < 0.3 else "")


def _once(inside: list[str]) -> list[str]:
    """Return directives with only one of those that a section may say once."""
    found: dict[str, str] = {}
    for one in inside:
        kind = one.split(None, 1)[0]
        found.setdefault(kind if kind in ("Options", "AuthMerging") else one, one)
    return list(found.values())


def rows(service: str, count: int, seed: int) -> list[tuple[str, Row]]:
    """Return as many random configurations with their rows."""
    chance = random.Random(seed)
    make, run = (nginx, netweb.nginx) if service == "nginx" else (apache, netweb.apache)
    texts = {f"{seed}.{number}": make(chance) for number in range(count)}
    found: list[Row] = []
    for folder in netmatrix.scratch():
        found = run(folder, texts)
    return list(zip(texts.values(), found, strict=True))


def missed(row: Row) -> list[Cell]:
    """Return the cells that are open in truth and stated as closed."""
    return [cell for cell, true in row.truth.items() if true and not row.stated[cell]]


def main(service: str = "nginx", count: str = "100", seed: str = "1") -> int:
    """Print what is missed; the status is 1 where anything is."""
    found = rows(service, int(count), int(seed))
    bad = [(text, row) for text, row in found if missed(row)]
    for text, row in bad:
        sys.stdout.write(f"{missed(row)}\n{text}\n\n")
    total = sum(len(row.truth) for _, row in found)
    wide = sum(row.stated[cell] and not true for _, row in found for cell, true in row.truth.items())
    sys.stdout.write(
        f"{service}: {len(found)} configurations, {total} cells, {len(bad)} missed, {wide} cells too wide\n"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
