"""Whatever stands in the configurations of Samba, NFS, rsync, nginx and Apache: nothing raises, grants are proper."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.expose import services
from phiscan.expose.machine import Machine
from phiscan.expose.services import apache, nfs, nginx, rsync, samba
from tests.expose.machines import machine

FILES = {
    "samba": "/etc/samba/smb.conf",
    "nfs": "/etc/exports",
    "rsync": "/etc/rsyncd.conf",
    "nginx": "/etc/nginx/nginx.conf",
    "apache": "/etc/apache2/apache2.conf",
}
WORDS = {
    samba: "[a] [global] [homes] path = / guest ok yes no valid users @labo , include copy config file /etc/samba "
    "%S %U \" ' \\ ; # hosts allow deny ALL EXCEPT veto files /x/ force user bio interfaces lo",
    nfs: '/a /b * ( ) (rw) (ro,sec=sys:krb5) -rw " \\ \\040 # @x 10.0.0.0/8 ::/0 all_squash anonuid=-2 sec= , gss/krb5',
    rsync: "[a] [global] path = / %X% %% uid gid * auth users hosts allow deny exclude + - /x *.y &include &merge /etc "
    "/etc/rsyncd.conf \\ # read only no port",
    nginx: "http { } ; server location ~ ~* ^~ = /a / (.*)$ root alias /srv $1 deny allow all 10.0.0.1 auth_basic off "
    "satisfy any include nginx.conf listen [::]:80 \" ' \\ # if limit_except GET content_by_lua_block internal user",
    apache: "<Directory > </Directory> <Location /a <Files ~ * <If <VirtualHost *:80> </VirtualHost> <RequireAll> "
    "</RequireAll> Require all granted not ip 10. Order Allow from Deny Satisfy any Options +Indexes None DocumentRoot "
    "Alias AliasMatch ^/(.*) /srv/$1 Include apache2.conf Listen 80 AllowOverride All UserDir \" ' \\ # ${X} Define "
    "ProxyPass ! <IfModule !x> </IfModule> ServerRoot <FilesMatch ( [",
}


@pytest.mark.parametrize("service", WORDS, ids=lambda service: service.__name__.rpartition(".")[2])
@settings(max_examples=150)
@given(data=st.data())
def test_junk_never_raises(service: ModuleType, data: st.DataObject) -> None:
    words = st.sampled_from([*WORDS[service].split(" "), " ", " ", "\n", "\n", "="])
    anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    text = "".join(data.draw(st.lists(words | anything, max_size=60)))
    if data.draw(st.booleans()):
        text = " ".join(data.draw(st.lists(words, max_size=80)))
    name = service.__name__.rpartition(".")[2]
    with tempfile.TemporaryDirectory() as root:
        host = machine(Path(root), {FILES[name]: text})
        for grant in service.grants(host):
            assert grant.path.startswith(b"/")
            assert os.path.normpath(grant.path) == grant.path
            assert grant.evidence
            assert all(reason.service == name and reason.source and reason.zone for reason in grant.evidence)


def test_an_empty_machine_gives_nothing(tmp_path: Path) -> None:
    host = Machine(root=str(tmp_path))
    assert services.grants(host) == []
    assert [one for one in host.troubles if one.service in FILES] == []
    assert set(FILES.values()) <= host.files
