"""The rows of the matrix for nginx and Apache: their configurations, and a client that tries without an account.

The client comes from 127.0.0.2, so that what is for this machine itself (127.0.0.1) is closed to it.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from phiscan.expose.grant import Grant
from phiscan.expose.machine import Machine
from phiscan.expose.services import apache as apache_service
from phiscan.expose.services import nginx as nginx_service
from tests.expose import netmatrix, netservers
from tests.expose.netmatrix import NEW, Cells, Configurations, Row
from tests.expose.netservers import Running

_CLIENT = "127.0.0.2"
# By what it is about. DATA is the folder, BASE the one around it, PASSWORDS a file of accounts.
# An address that visitors put before names, where it is not /, stands in front: "/pub/: ...".
_ASKED = 'auth_basic "x"; auth_basic_user_file PASSWORDS;'
NGINX: Configurations = {
    "root": "root DATA;",
    "root, listed": "root DATA; autoindex on;",
    "WebDAV": "root DATA; location / { dav_methods PUT DELETE; }",
    "WebDAV limited": "root DATA; dav_methods PUT; location / { limit_except GET { deny all; } }",
    "WebDAV in one folder": "root DATA; location /up/ { dav_methods PUT; autoindex on; }",
    "passwords": f"root DATA; {_ASKED}",
    "passwords off again": f"root DATA; {_ASKED} location / {{ auth_basic off; }}",
    "passwords on one folder": f"root DATA; location /secret/ {{ {_ASKED} }}",
    "all denied": "root DATA; autoindex on; deny all;",
    "one host": "root DATA; allow 127.0.0.1; deny all;",
    "denied after allowed": "root DATA; allow all; deny all;",
    "list replaced inside": "root DATA; deny all; location /secret/ { allow 0.0.0.0/0; autoindex on; }",
    "satisfy any": f"root DATA; satisfy any; allow all; {_ASKED}",
    "satisfy all": f"root DATA; satisfy all; allow all; {_ASKED}",
    "satisfy any of one host": f"root DATA; satisfy any; allow 127.0.0.1; deny all; {_ASKED}",
    "folder denied": "root DATA; autoindex on; location /secret/ { deny all; }",
    "nested": "root DATA; location /secret/ { deny all; location /secret/deep/ { allow all; } }",
    "expression denies": r"root DATA; location ~ /\. { deny all; } location ~* \.(BAK|old)$ { return 404; }",
    "expression opens": r"root DATA; deny all; location ~ \.(txt|bak)$ { allow all; }",
    "expression does not open": r"root DATA; location ^~ / { deny all; } location ~ \.bak$ { allow all; }",
    "expression closes a folder": "root DATA; location ~ ^/secret/ { deny all; }",
    "exact": "root DATA; location = /open.txt { deny all; } location = /a.bak { return 403; }",
    "exact opens": "root DATA; deny all; location = /open.txt { allow all; }",
    "elsewhere": "root DATA; location / { return 301 https://localhost/; }",
    "proxy but one folder": "root DATA; location / { proxy_pass http://127.0.0.1:9; } location /secret/ { }",
    "internal": "root DATA; location /secret/ { internal; }",
    "no links": "root DATA; disable_symlinks on;",
    "links of their owner": "root DATA; disable_symlinks if_not_owner;",
    "no links but in one folder": "root DATA; disable_symlinks on; location = /out { disable_symlinks off; }",
    "expressions in an expression": "root DATA; autoindex on; location ~ ^/(secret|passed)/ "
    r"{ deny all; location ~ deep/o.*\.txt$ { allow all; } } location ~* \.(BAK|t.t)$ { }",
    "expression asks some": rf"root DATA; location ~ (^/out|\.(txt|bak))$ {{ {_ASKED} }}",
    "expressions in a prefix": r"root DATA; location /secret { deny all; location ~ ^/[s]ecret/o { allow all; } }",
    "expression of another root": "location / { root BASE/empty; autoindex on; } "
    "location ~ ^/(o|secret/) { root DATA; }",
    "exact folder": "root DATA; autoindex on; location = /secret/ { deny all; } location = /passed { deny all; }",
    "exact folder opens": "root DATA; deny all; location = /secret/ { allow all; autoindex on; }",
    "prefix of several names": "root DATA; deny all; autoindex on; "
    "location /se { allow all; } location /o { allow all; }",
    "prefix of several names closes": "root DATA; location /se { deny all; } location /o { deny all; }",
    "internal within": r"root DATA; location /secret/ { internal; location ~ \.txt$ { autoindex on; } }",
    "/pub/: alias": "root BASE/empty; location /pub/ { alias DATA/; autoindex on; }",
    "/pub/: alias, a folder closed": "location /pub/ { alias DATA/; } location /pub/secret/ { deny all; }",
    "/pub/: alias, a folder elsewhere": "location /pub/ { alias DATA/; } location /pub/secret/ { root BASE; }",
    "/pub../data/: alias slips": "location /pub { alias BASE/empty/; }",
    "/data/: root above": "location /data/ { root BASE; }",
    "/u/: alias by expression": "location ~ ^/u/(.*)$ { alias DATA/$1; }",
    "if refuses some": "root DATA; autoindex on; location /secret/ { if ($arg_key) { return 403; } }",
    "server answers by itself": "root DATA; return 200 'x';",
    "try_files": "root DATA; location / { try_files $uri $uri/ =404; }",
}
_OPEN = "DocumentRoot DATA\n<Directory DATA>\nRequire all granted\nAllowOverride None\n</Directory>\n"
_IN = "<Directory DATA>\n"
_SHUT = _OPEN.replace("granted", "denied")
_BASIC = "AuthType Basic\nAuthName x\nAuthUserFile PASSWORDS\n"
APACHE: Configurations = {
    "granted": _OPEN,
    "nothing said": "DocumentRoot DATA",
    "denied": _SHUT,
    "denied from the root": "DocumentRoot DATA\n<Directory />\nRequire all denied\n</Directory>",
    "listed": _OPEN + "<Directory DATA>\nOptions +Indexes\n</Directory>",
    "listed in one folder": _OPEN + "<Directory DATA/up>\nOptions Indexes\n</Directory>",
    "not listed again": _OPEN
    + "<Directory BASE>\nOptions Indexes\n</Directory>\n<Directory DATA>\nOptions -Indexes\n</Directory>",
    "WebDAV": "DavLockDB BASE/lock\n" + _OPEN + "<Location />\nDav On\n</Location>",
    "WebDAV limited": "DavLockDB BASE/lock\n"
    + _OPEN
    + "<Directory DATA>\nDav On\nRequire method GET HEAD\n</Directory>",
    "WebDAV with passwords": "DavLockDB BASE/lock\n"
    + _OPEN
    + f"<Directory DATA>\nDav On\n{_BASIC}<LimitExcept GET>\nRequire valid-user\n</LimitExcept>\n"
    + "<Limit GET>\nRequire all granted\n</Limit>\n</Directory>",
    "passwords": _OPEN.replace("Require all granted", _BASIC + "Require valid-user"),
    "passwords and granted": _OPEN.replace("AllowOverride", _BASIC + "Require valid-user\nAllowOverride"),
    "passwords on one folder": _OPEN + f"<Directory DATA/secret>\n{_BASIC}Require user labo\n</Directory>",
    "local": _OPEN.replace("all granted", "ip 127.0.0.1"),
    "all of two": _OPEN.replace(
        "Require all granted", f"{_BASIC}<RequireAll>\nRequire all granted\nRequire valid-user\n</RequireAll>"
    ),
    "any of two": _OPEN.replace(
        "Require all granted", f"{_BASIC}<RequireAny>\nRequire method GET PROPFIND\nRequire valid-user\n</RequireAny>"
    ),
    "old, denied": _OPEN + "<Directory DATA>\nOrder allow,deny\nDeny from all\n</Directory>",
    "old, allowed": "DocumentRoot DATA\n<Directory DATA>\nOrder allow,deny\nAllow from all\n</Directory>",
    "old, order": "DocumentRoot DATA\n<Directory DATA>\nOrder deny,allow\nDeny from all\nAllow from all\n</Directory>",
    "old, default": "DocumentRoot DATA\n<Directory DATA>\nOrder allow,deny\n</Directory>",
    "satisfy any": "DocumentRoot DATA\n<Directory DATA>\n"
    + _BASIC
    + "Require valid-user\nAllow from all\nSatisfy any\n</Directory>",
    "satisfy any, denied": "DocumentRoot DATA\n<Directory DATA>\n"
    + _BASIC
    + "Require valid-user\nDeny from all\nSatisfy any\n</Directory>",
    "shortest first": "<Directory DATA/secret>\nRequire all denied\n</Directory>\n" + _OPEN,
    "location after directory": _SHUT + "<Location /secret>\nRequire all granted\n</Location>",
    "location closes": _OPEN + "<Location /secret/>\nRequire all denied\n</Location>",
    "files": _OPEN
    + '<Files "a.bak">\nRequire all denied\n</Files>\n<FilesMatch "^\\.h">\nRequire all denied\n</FilesMatch>',
    "files beat directories": _OPEN
    + '<Files "open.txt">\nRequire all denied\n</Files>\n<Directory DATA/secret>\nRequire all granted\n</Directory>',
    "files in a directory": _OPEN
    + '<Directory DATA/secret>\n<Files "open.txt">\nRequire all denied\n</Files>\n</Directory>',
    "locations beat files": '<Files "open.txt">\nRequire all denied\n</Files>\n'
    + _OPEN
    + "<Location />\nRequire all granted\n</Location>",
    "wild directory": _OPEN + "<Directory BASE/*/sec*>\nRequire all denied\n</Directory>",
    "directory by expression": _OPEN + '<DirectoryMatch "^DATA/secret">\nRequire all denied\n</DirectoryMatch>',
    "merged by and": _OPEN + f"<Directory DATA/secret>\nAuthMerging And\n{_BASIC}Require valid-user\n</Directory>",
    "no links": _OPEN + "<Directory DATA>\nOptions None\n</Directory>",
    "links of their owner": _OPEN + "<Directory DATA>\nOptions SymLinksIfOwnerMatch\n</Directory>",
    "links of any owner": _OPEN + "<Directory DATA>\nOptions FollowSymLinks\n</Directory>",
    "links of any owner or of theirs": _OPEN
    + "<Directory BASE>\nOptions SymLinksIfOwnerMatch\n</Directory>\n"
    + "<Directory DATA>\nOptions +FollowSymLinks\n</Directory>",
    "links of theirs or any owner": _OPEN
    + "<Directory BASE>\nOptions FollowSymLinks\n</Directory>\n"
    + "<Directory DATA>\nOptions +SymLinksIfOwnerMatch\n</Directory>",
    "names open": _SHUT + '<FilesMatch "(^in|\\.(txt|bak))$">\nRequire all granted\n</FilesMatch>',
    "names open in a folder": _SHUT
    + '<Directory DATA/secret>\n<Files "open.*">\nRequire all granted\n</Files>\n'
    + "Options Indexes\n</Directory>",
    "names of folders": _OPEN
    + '<Files "secret">\nRequire all denied\n</Files>\n<Files "in">\nRequire all denied\n</Files>',
    "names twice": _OPEN
    + '<Files "*.txt">\nRequire all denied\n</Files>\n<Files "open.*">\nRequire all granted\n</Files>\n'
    + f'<FilesMatch "(?i)\\.BAK$">\n{_BASIC}Require valid-user\n</FilesMatch>',
    "names before all": _OPEN
    + '<Files "open.txt">\nRequire all denied\n</Files>\n<Files "*">\nRequire all granted\n</Files>',
    "names with passwords or": _SHUT
    + '<Files "*.txt">\nRequire all granted\n</Files>\n'
    + '<FilesMatch "^[g.]">\nAuthMerging And\nRequire all denied\n</FilesMatch>',
    "addresses by expression": _OPEN + '<LocationMatch "^/(secret|passed)/o">\nRequire all denied\n</LocationMatch>',
    "addresses by expression open": _SHUT
    + '<LocationMatch "/(open\\.txt|deep/)">\nRequire all granted\n</LocationMatch>',
    "folders by expression": _OPEN + '<DirectoryMatch "/secret/">\nRequire all denied\n</DirectoryMatch>',
    "folders by beginning": _OPEN + '<DirectoryMatch "/open">\nRequire all denied\n</DirectoryMatch>',
    "folders by beginning deeper": _OPEN + '<DirectoryMatch "/sec">\nRequire all denied\n</DirectoryMatch>',
    "htaccess of names": _SHUT.replace("None", "All")
    + '# secret: <FilesMatch "^open">\nRequire all granted\n</FilesMatch>',
    "redirected": _OPEN + "Redirect permanent / https://localhost/",
    "redirected but for a folder": _OPEN + "Redirect permanent /secret https://localhost/",
    "/pub/: alias": f"DocumentRoot BASE/empty\nAlias /pub DATA\n{_OPEN.partition(chr(10))[2]}",
    "/pub/: alias denied": "Alias /pub/ DATA/\n<Directory />\nRequire all denied\n</Directory>",
    "alias takes a folder away": f"{_OPEN}Alias /secret BASE/empty\n",
    "script alias": f"{_OPEN}ScriptAlias /secret/ DATA/secret/\n",
    "virtual host": f"{_SHUT}"
    f"<VirtualHost *:PORT>\nDocumentRoot DATA\n{_IN}Require all granted\n</Directory>\n</VirtualHost>",
    "virtual host closes": f"{_OPEN}<VirtualHost *:PORT>\n{_IN}Require all denied\n</Directory>\n</VirtualHost>",
    "variables and conditions": "Define ou DATA\nDocumentRoot ${ou}\n"
    "<IfModule mod_nothing.c>\n<Directory ${ou}>\nRequire all denied\n</Directory>\n</IfModule>\n"
    "<IfModule !mod_nothing.c>\n<Directory ${ou}>\nRequire all granted\n</Directory>\n</IfModule>",
    "included": "DocumentRoot DATA\nInclude BASE/conf.d/*.conf\nIncludeOptional BASE/nothing/*.conf",
    "htaccess not read": _OPEN + "# secret: Require all denied",
    "htaccess denies": _OPEN.replace("None", "All") + "# secret: Require all denied",
    "htaccess lists": _OPEN.replace("None", "Options") + "# secret: Options +Indexes",
    "htaccess opens": _SHUT.replace("None", "AuthConfig") + "# secret: Require all granted",
    "htaccess may not": _OPEN.replace("None", "FileInfo") + "# secret: Options +Indexes",
    "htaccess not allowed at all": "DocumentRoot DATA\n# secret: Require all granted",
    "htaccess, old, limit": _OPEN.replace("None", "Limit") + "# secret: Deny from all",
}


def nginx(scratch: Path, configurations: Configurations = NGINX) -> list[Row]:
    """Run nginx with each configuration as its one server."""

    def start(folder: Path, text: str) -> AbstractContextManager[Running]:
        return netservers.nginx(folder, f"server {{ listen 127.0.0.1:PORT; {text} }}")

    def grants(config: Path) -> list[Grant]:
        return nginx_service.grants(Machine(given={"nginx": [str(config)]}))

    return list(_rows("nginx", scratch, configurations, start, grants))


def apache(scratch: Path, configurations: Configurations = APACHE) -> list[Row]:
    """Run Apache with each configuration."""

    def start(folder: Path, text: str) -> AbstractContextManager[Running]:
        return netservers.apache(folder, text, ("dav", "dav_fs"))

    def grants(config: Path) -> list[Grant]:
        return apache_service.grants(Machine(given={"apache": [str(config)]}))

    return list(_rows("apache", scratch, configurations, start, grants))


def _rows(
    service: str,
    scratch: Path,
    configurations: Configurations,
    start: Callable[[Path, str], AbstractContextManager[Running]],
    grants: Callable[[Path], list[Grant]],
) -> Iterator[Row]:
    for number, (name, text) in enumerate(configurations.items()):
        folder = scratch / f"{service}{number}"
        data = folder / "data"
        folder.mkdir()
        netmatrix.tree(data, 33, folder / "outside.txt")
        for other in ("empty", "conf.d"):
            (folder / other).mkdir()
        (folder / "conf.d" / "a.conf").write_text(f"<Directory {data}>\nRequire all granted\n</Directory>\n", "utf-8")
        (folder / "conf.d" / "b.con").write_text("Require all denied\n", "utf-8")
        folder.chmod(0o777)
        written = hashlib.sha1(b"x", usedforsecurity=False).digest()
        (folder / "passwords").write_text(f"labo:{{SHA}}{base64.b64encode(written).decode()}\n", "utf-8")
        text, _, htaccess = text.partition("# secret: ")
        if htaccess:
            (data / "secret" / ".htaccess").write_text(f"{htaccess}\n", "utf-8")
        for word, path in (("DATA", data), ("BASE", folder), ("PASSWORDS", folder / "passwords")):
            text = text.replace(word, str(path))
        before = name.partition(":")[0] if name.startswith("/") else "/"
        with start(folder, text) as server:
            truth = _tried(server.port, before, data)
        stated = netmatrix.stated([one for one in grants(server.config) if one.service == service], data)
        yield Row(service, name, truth, stated)


def _tried(port: int, before: str, data: Path) -> Cells:
    def ask(method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=(_CLIENT, 0))
        try:
            connection.request(method, urllib.parse.quote(before + path), body=body, headers={"Depth": "1"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException:  # a list that breaks off where something in it cannot be read
            return 0, b""
        finally:
            connection.close()

    def lists(folder: str) -> bool:
        path = "" if folder == "." else f"{folder}/"
        answers = [ask(how, path) for how in ("GET", "PROPFIND")]
        return any(status in (200, 207) and netmatrix.sign(folder).encode() in text for status, text in answers)

    def reads(name: str) -> bool:
        status, text = ask("GET", name)
        wanted = {"in": "open.txt\n", "out": "outside\n"}.get(name, f"{name}\n")
        return status == 200 and text == wanted.encode()

    def writes(folder: str) -> None:
        ask("PUT", NEW if folder == "." else f"{folder}/{NEW}", b"new\n")

    return netmatrix.cells(data, lists, reads, writes)
