"""What is stated of real FTP servers is what a stranger finds: every place and action, for many configurations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.expose import ftpservers
from tests.expose.ftpservers import Case


def writable(root: Path) -> None:
    """Let everybody write into the root."""
    root.chmod(0o777)


def hidden_parent(root: Path) -> None:
    """Let nobody pass the folder above the root."""
    root.parent.chmod(0o700)


def listed(root: Path) -> None:
    """Make lists of accounts, of which one is empty."""
    (root.parent / "denied").write_text("anonymous\nftp\n", "utf-8")
    (root.parent / "allowed").write_text("root\n", "utf-8")
    (root.parent / "empty.list").write_text("", "utf-8")
    (root.parent / "mail").write_text("mot-de-passe\n", "utf-8")
    (root.parent / "users").mkdir()
    (root.parent / "users/www-data").write_text(f"local_root={root}\n", "utf-8")
    (root.parent / "users/ftp").write_text("write_enable=YES\nanon_upload_enable=YES\n", "utf-8")


def access(text: str, folder: str = "pub") -> Callable[[Path], None]:
    """Return what puts an .ftpaccess file into a folder."""

    def prepare(root: Path) -> None:
        (root / folder / ".ftpaccess").write_text(text, "utf-8")

    return prepare


VSFTPD = [
    Case("vsftpd", "public: nothing said, as compiled"),
    Case("vsftpd", "public: no password asked", "no_anon_password=YES\nlocal_enable=NO\n"),
    Case("vsftpd", "public: what is said last counts", "anonymous_enable=NO\nanonymous_enable=YES\n"),
    Case("vsftpd", "public: everything of the account", "anon_world_readable_only=NO\n"),
    Case("vsftpd", "public, write", "write_enable=YES\nanon_upload_enable=YES\n"),
    Case("vsftpd", "not writable: one switch is missing", "anon_upload_enable=YES\nanon_mkdir_write_enable=YES\n"),
    Case("vsftpd", "public by guessing", "dirlist_enable=NO\n"),
    Case("vsftpd", "names only", "download_enable=NO\n"),
    Case("vsftpd", "names only: commands", "cmds_allowed=USER,PASS,CWD,PASV,EPSV,LIST,TYPE,QUIT\n"),
    Case("vsftpd", "refused: a pattern", "deny_file={*.mdb,closed.*}\n"),
    Case("vsftpd", "refused: a text anywhere", "deny_file=pub\n"),
    Case("vsftpd", "not refused: a folder's pattern", "deny_file=p*b\n"),
    Case("vsftpd", "hidden only", "hide_file={*.mdb}\n"),
    Case("vsftpd", "closed", "anonymous_enable=NO\nlocal_enable=YES\n"),
    Case("vsftpd", "closed: the root is writable", prepare=writable),
    Case("vsftpd", "closed: no home", "ftp_username=nobody\n"),
    Case("vsftpd", "closed: no such account", "ftp_username=personne\n"),
    Case(
        "vsftpd",
        "closed: not among the accounts",
        "local_enable=YES\nuserlist_enable=YES\nuserlist_deny=NO\nuserlist_file=SCRATCH/allowed\n",
        listed,
    ),
    Case(
        "vsftpd",
        "public: the list of the refused is compared as written",
        "local_enable=YES\nuserlist_enable=YES\nuserlist_file=SCRATCH/denied\n",
        listed,
        user="Anonymous",
    ),
    Case(
        "vsftpd",
        "closed: the list of the allowed is empty",
        "local_enable=YES\nuserlist_enable=YES\nuserlist_deny=NO\nuserlist_file=SCRATCH/empty.list\n",
        listed,
    ),
    Case(
        "vsftpd",
        "closed: a password from a list",
        "secure_email_list_enable=YES\nemail_password_file=SCRATCH/mail\n",
        listed,
    ),
    Case(
        "vsftpd",
        "public: no password is listed",
        "secure_email_list_enable=YES\nemail_password_file=SCRATCH/empty.list\n",
        listed,
    ),
    Case("vsftpd", "closed: no list of passwords", "secure_email_list_enable=YES\nemail_password_file=SCRATCH/none\n"),
    Case("vsftpd", "public: rights above do not count", prepare=hidden_parent),
    Case("vsftpd", "write: by the account's own settings", "local_enable=YES\nuser_config_dir=SCRATCH/users\n", listed),
    Case("vsftpd", "write: for strangers alone too", "user_config_dir=SCRATCH/users\n", listed),
    Case("vsftpd", "one process", "one_process_model=YES\nuser_config_dir=SCRATCH/users\n", listed),
]

LOCAL = "anonymous_enable=NO\nlocal_enable=YES\nchroot_local_user=YES\nwrite_enable=YES\nlocal_umask=022\n"
GUESTS = LOCAL + "guest_enable=YES\nguest_username=ftp\nlocal_root=ROOT\n"


def accounts(name: str, settings: str, prepare: Callable[[Path], None] = lambda _: None) -> Case:
    """Return a case in which one of all accounts comes."""
    return Case("vsftpd", f"accounts: {name}", settings, prepare, user="www-data", password="x")


VSFTPD += [
    accounts("their folder", LOCAL + "local_root=ROOT\n"),
    accounts("read only", LOCAL + "local_root=ROOT\nwrite_enable=NO\n"),
    accounts("rights above count", LOCAL + "local_root=ROOT\n", hidden_parent),
    accounts("one's own folder", LOCAL + "user_config_dir=SCRATCH/users\n", listed),
    accounts("guests, bound as strangers are", GUESTS),
    accounts("guests who leave files", GUESTS + "anon_upload_enable=YES\n"),
    accounts("guests with the rights of accounts", GUESTS + "virtual_use_local_privs=YES\n"),
    accounts("guests: the root is writable", GUESTS, writable),
    accounts("guests: the root may be writable", GUESTS + "allow_writeable_chroot=YES\n", writable),
]

ZONE = """
<Anonymous ROOT>
  User ftp
  Group ftp
  UserAlias anonymous ftp
  RequireValidShell off
  {}
</Anonymous>
"""
INCOMING = """
  <Limit WRITE>
    DenyAll
  </Limit>
  <Directory incoming/*>
    <Limit STOR>
      AllowAll
    </Limit>
    <Limit READ DIRS>
      DenyAll
    </Limit>
  </Directory>
"""
CLOSED_PUB = "<Directory {}>\n<Limit ALL>\nDenyAll\n</Limit>\n</Directory>\n"
PROFTPD = [
    Case("proftpd", "public, write", ZONE.format("")),
    Case("proftpd", "public, read", ZONE.format("<Limit WRITE>\nDenyAll\n</Limit>")),
    Case("proftpd", "public, a box to leave files in", ZONE.format(INCOMING)),
    Case(
        "proftpd",
        "public: read allowed, everything else not",
        ZONE.format("<Limit ALL>\nDenyAll\n</Limit>\n<Limit READ DIRS>\nAllowAll\n</Limit>"),
    ),
    Case(
        "proftpd",
        "public: everywhere by a command, not by its group",
        ZONE.format("<Limit WRITE>\nDenyAll\n</Limit>\n<Limit STOR>\nAllowAll\n</Limit>"),
    ),
    Case("proftpd", "names only", ZONE.format("<Limit READ>\nDenyAll\n</Limit>")),
    Case("proftpd", "by guessing", ZONE.format("<Limit DIRS>\nDenyAll\n</Limit>")),
    Case("proftpd", "closed: a folder of the zone", ZONE.format(CLOSED_PUB.format("pub"))),
    Case("proftpd", "public: the server's folder does not hold", CLOSED_PUB.format("ROOT/pub") + ZONE.format("")),
    Case(
        "proftpd",
        "closed: any folder of the zone",
        ZONE.format("<Directory *>\n<Limit READ>\nDenyAll\n</Limit>\n</Directory>\n"),
    ),
    Case("proftpd", "closed: a pattern of folders", ZONE.format(CLOSED_PUB.format("ROOT/p*"))),
    Case(
        "proftpd",
        "public: any name without a password",
        "<Anonymous ROOT>\nUser www-data\nRequireValidShell off\n</Anonymous>\n",
        user="www-data",
    ),
    Case("proftpd", "closed: no valid shell", ZONE.format("").replace("RequireValidShell off", "")),
    Case(
        "proftpd",
        "closed: the first of two counts",
        ZONE.format("").replace("RequireValidShell off", "RequireValidShell on\nRequireValidShell off"),
    ),
    Case(
        "proftpd",
        "public: the server's word holds in the zone",
        "RequireValidShell off\n" + ZONE.format("").replace("RequireValidShell off", ""),
    ),
    Case("proftpd", "public: Global", "<Global>\n" + ZONE.format("") + "</Global>\n"),
    Case("proftpd", "closed: login", ZONE.format("<Limit LOGIN>\nDenyAll\n</Limit>")),
    Case("proftpd", "closed: login to the server", "<Limit LOGIN>\nDenyAll\n</Limit>\n" + ZONE.format("")),
    Case(
        "proftpd",
        "public: the zone overrules the server",
        "<Limit LOGIN>\nDenyAll\n</Limit>\n" + ZONE.format("<Limit LOGIN>\nAllowAll\n</Limit>\n"),
    ),
    Case("proftpd", "closed: order", ZONE.format("<Limit LOGIN>\nOrder deny,allow\n</Limit>\n")),
    Case(
        "proftpd",
        "public: allowed, and nobody refused",
        ZONE.format("<Limit LOGIN>\nAllow from 10.0.0.0/8\n</Limit>\n"),
    ),
    Case("proftpd", "closed: password", ZONE.format("AnonRequirePassword on")),
    Case("proftpd", "closed: everything", ZONE.format("DenyAll")),
    Case("proftpd", "closed: a condition that does not hold", "<IfDefine ANON>\n" + ZONE.format("") + "</IfDefine>\n"),
    Case("proftpd", "public: a module that is there", "<IfModule mod_auth.c>\n" + ZONE.format("") + "</IfModule>\n"),
    Case("proftpd", "closed: rights above count", ZONE.format(""), prepare=hidden_parent),
    Case("proftpd", "closed by .ftpaccess", ZONE.format(""), prepare=access("<Limit ALL>\nDenyAll\n</Limit>\n")),
    Case(
        "proftpd",
        "public: .ftpaccess above a relative folder with limits is not heard",
        ZONE.format("<Directory incoming>\n<Limit RETR>\nOrder deny,allow\n</Limit>\n</Directory>\n"),
        prepare=access("<Limit WRITE>\nDenyAll\n</Limit>\n", "."),
    ),
    Case(
        "proftpd",
        "closed: .ftpaccess above a relative folder with limits is not heard",
        ZONE.format(
            "<Limit WRITE>\nDenyAll\n</Limit>\n<Directory incoming>\n<Limit RETR>\nDenyAll\n</Limit>\n</Directory>\n"
        ),
        prepare=access("<Limit WRITE>\nAllowAll\n</Limit>\n", "."),
    ),
    Case(
        "proftpd",
        "closed: .ftpaccess above an absolute folder with limits is heard",
        ZONE.format("<Directory ROOT/incoming>\n<Limit RETR>\nOrder deny,allow\n</Limit>\n</Directory>\n"),
        prepare=access("<Limit WRITE>\nDenyAll\n</Limit>\n", "."),
    ),
    Case(
        "proftpd",
        "opened by .ftpaccess",
        ZONE.format(CLOSED_PUB.format("pub").replace("ALL", "READ")),
        prepare=access("<Limit READ>\nAllowAll\n</Limit>\n"),
    ),
    Case(
        "proftpd",
        ".ftpaccess not heard",
        ZONE.format("AllowOverride off"),
        prepare=access("<Limit ALL>\nDenyAll\n</Limit>\n"),
    ),
]

# Everybody who has an account, here in a file of its own.
SHARED = "AuthOrder mod_auth_file.c\nAuthUserFile SCRATCH/accounts\nDefaultRoot ROOT\n"


def account(name: str, settings: str) -> Case:
    """Return a case in which one of all accounts comes."""
    return Case("proftpd", name, SHARED + settings, user="www-data", password="secret")


PROFTPD += [
    account("accounts: their folder", ""),
    account("accounts: read only", "<Limit WRITE>\nDenyAll\n</Limit>\n"),
    account(
        "accounts: a folder of the server holds", "<Directory ROOT>\n<Limit READ>\nDenyAll\n</Limit>\n</Directory>\n"
    ),
    account("accounts: none may log in", "<Limit LOGIN>\nDenyAll\n</Limit>\n"),
]

PURE = [
    Case("pure-ftpd", "public, write: nothing said"),
    Case("pure-ftpd", "public, read", "AnonymousCantUpload yes\n"),
    Case("pure-ftpd", "public, dot files", "AllowDotFiles on\nAnonymousCantUpload yes\n"),
    Case("pure-ftpd", "public, not what visitors left", "AntiWarez yes\n"),
    Case("pure-ftpd", "public: strangers only", "AnonymousOnly yes\nNoAnonymous no\n"),
    Case("pure-ftpd", "closed", "NoAnonymous yes\n"),
    Case("pure-ftpd", "closed: any spelling, and yes stays", "  noanonymous = TRUE\nNoAnonymous no\n"),
    Case("pure-ftpd", "public: hidden folder above", prepare=hidden_parent),
    Case("pure-ftpd", "public: the root is writable", prepare=writable),
    Case("pure-ftpd", "options: public, read", options=("-i",)),
    Case("pure-ftpd", "options: public, dot files", options=("-z", "-X", "-c", "5")),
    Case("pure-ftpd", "options: closed", options=("-c", "5", "-Ei")),
    Case("pure-ftpd", "options: a value is no switch", options=("-g", "/tmp/E.pid", "-C", "3")),
]

CASES = [*VSFTPD, *PROFTPD, *PURE]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_stated_is_true(case: Case) -> None:
    wrong = [str(cell) for cell in ftpservers.cells(case) if cell.stated != cell.true]
    assert wrong == []
