"""NT rights in French: the phrases in which `phiscan.expose.nt` states them, which are English and fixed."""

from __future__ import annotations

import re
from typing import Final

# Names of accounts as Windows has them in French.
NAMES: Final = {
    "Everyone": "Tout le monde",
    "NETWORK": "RÉSEAU",
    "Authenticated Users": "Utilisateurs authentifiés",
    "Users": "Utilisateurs",
    "Guests": "Invités",
    "Guest": "Invité",
    "This Organization": "Cette organisation",
    "Administrators": "Administrateurs",
    "Pre-Windows 2000 Compatible Access": "Accès compatible pré-Windows 2000",
    "NTLM Authentication": "Authentification NTLM",
    "Local account": "Compte local",
    "Authentication authority asserted identity": "Identité déclarée par l'autorité d'authentification",
    "Domain Users": "Utilisateurs du domaine",
    "Domain Guests": "Invités du domaine",
}
RIGHTS: Final = {
    "full control": "contrôle total",
    "modify": "modification",
    "read and write": "lecture et écriture",
    "read": "lecture",
    "write": "écriture",
    "special": "droit particulier",
}
PHRASES: Final = {
    "nobody but named accounts reads": "personne ne lit, sauf des comptes nommés",
    "folder not passed": "dossier infranchissable",
    "nothing for anonymous": "rien pour un anonyme",
    "nothing for guest": "rien pour un invité",
    "nothing for account": "rien pour un compte quelconque",
    "the server is not configured under smb": "ce serveur n'est pas configuré sous smb",
    "smbprotocol is not installed": "smbprotocol n'est pas installé",
    "the account may not read them": "le compte n'a pas le droit de les lire",
    "the account's file cannot be read": "le fichier du compte est illisible",
    "no Kerberos library is installed": "aucune bibliothèque Kerberos n'est installée",
    "no account is stated": "aucun compte n'est indiqué",
    "the server refuses the account": "le serveur refuse le compte",
    "the account is let in as a guest only": "le compte n'est admis que comme invité",
    "the server does not answer": "le serveur ne répond pas",
    "the server has no such share": "ce partage n'existe pas sur le serveur",
    "the server gives an error": "le serveur répond par une erreur",
    "the answer is not understood": "réponse incomprise",
    "the descriptor is not understood": "descripteur incompris",
    "it lies on another server": "il se trouve sur un autre serveur",
    "its name is no text": "son nom n'est pas du texte",
    "no longer there": "n'existe plus",
    "of a kind that is not known": "d'une sorte inconnue",
}
_KNOWN: Final = re.compile(r"(NT ACL|share rights)( missing| not known)?(:)? ?(.*)")
_ENTRY: Final = re.compile(
    rf"(?:\"([^\"]*)\" )?(S-[\dxA-F-]+|of a kind that is not known) ({'|'.join(RIGHTS)})"
    r"( \(inherited\))?( \(not certain\))?"
)


def evidence(setting: str, lang: str) -> str:
    """Return a setting that is evidence of an exposure in the reader's language; others stay as they are written.

    >>> evidence('NT ACL "Everyone" S-1-1-0 read (inherited)', "fr")
    'ACL NT « Tout le monde » S-1-1-0 lecture (héritée)'
    >>> evidence("share rights not known: the server does not answer", "fr")
    'droits du partage inconnus : le serveur ne répond pas'
    """
    found = _KNOWN.fullmatch(setting) if lang == "fr" else None
    if found is None:
        return setting
    acl = found[1] == "NT ACL"
    what = "ACL NT" if acl else "droits du partage"
    entry = _ENTRY.fullmatch(found[4])
    if entry is not None:
        name = f" « {NAMES.get(entry[1], entry[1])} »" if entry[1] else ""
        inherited, doubt = " (héritée)" if entry[4] else "", " (incertain)" if entry[5] else ""
        return f"{what}{name} {PHRASES.get(entry[2], entry[2])} {RIGHTS[entry[3]]}{inherited}{doubt}"
    if found[2] == " missing":
        return f"{what} {'absente' if acl else 'absents'} : tout le monde, tout"
    unknown = (" inconnue" if acl else " inconnus") if found[2] else ""
    return f"{what}{unknown} : {PHRASES.get(found[4], found[4])}"
