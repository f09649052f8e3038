"""Texts on who has read a file, on sealed copies and on shared accounts."""

from __future__ import annotations

ACCESS: dict[str, tuple[str, str]] = {
    "alert.read": ("lu par", "read by"),
    "read.purged": ("adresse effacée", "address deleted"),
    "read.more": ("et {n} autre|et {n} autres", "and {n} more|and {n} more"),
    "read.extent.complete": ("complet", "complete"),
    "read.extent.parts": ("complet en plusieurs fois", "complete in several parts"),
    "read.extent.partial": ("partiel", "partial"),
    "read.extent.short": ("partiel ou compressé", "partial or compressed"),
    "read.extent.unknown": ("octets inconnus", "bytes unknown"),
    "read.at_least": ("au moins {size}", "at least {size}"),
    "read.title": ("Qui l'a lu", "Who has read it"),
    "read.times": ("{n} lecture|{n} lectures", "{n} read|{n} reads"),
    "read.probable": ("probable", "probable"),
    "read.nobody": ("compte non indiqué", "no account named"),
    "read.state.read": ("lu d'après les journaux", "read, as the logs say"),
    "read.state.no_evidence": (
        "aucun accès dans les journaux : ce n'est pas la preuve que personne ne l'a lu",
        "no access in the logs: that does not prove that nobody has read it",
    ),
    "read.state.not_logged": (
        "on ne sait pas : aucun journal connu ne pourrait le montrer",
        "not known: there is no known log that could show it",
    ),
    "read.state.not_searched": (
        "les journaux n'ont pas encore été lus (« phiscan watch »)",
        "the logs have not been searched yet (“phiscan watch”)",
    ),
    "read.logged": ("{service} : journalisé depuis le {since} ({logs})", "{service}: logged since {since} ({logs})"),
    "read.empty": ("{service} : journal encore vide ({logs})", "{service}: the log is still empty ({logs})"),
    "read.not_logged": (
        "{service} : aucun journal d'accès que phiscan sache lire ; si ce service en écrit un, donnez-le (clé logs)",
        "{service}: no access log that phiscan can read was found; if this service writes one, name it (key logs)",
    ),
    "read.any": ("tous services", "any service"),
    "read.no_logs": ("aucun journal d'accès trouvé", "no access log was found"),
    "read.unread": ("{log} : ne peut pas être lu", "{log}: cannot be read"),
    "read.lines": (
        "{n} ligne de journal conservée|{n} lignes de journal conservées",
        "{n} log line kept|{n} log lines kept",
    ),
    "read.shared": (
        "{account} ({service}) : compte partagé d'après les journaux",
        "{account} ({service}): a shared account, as the logs say",
    ),
    "exposed.title": ("Exposition prouvée", "Exposure, as proved"),
    "exposed.since": ("du {at} ({proof})", "from {at} ({proof})"),
    "exposed.until": ("au {at} ({proof})", "to {at} ({proof})"),
    "exposed.still": ("toujours exposé", "still exposed"),
    "exposed.proof.log": ("journal {detail}", "log {detail}"),
    "exposed.proof.config": ("configuration {detail}", "configuration {detail}"),
    "exposed.proof.file": ("fichier inchangé depuis{detail}", "file unchanged since{detail}"),
    "exposed.proof.incident": ("constat de phiscan, événement {detail}", "found by phiscan, event {detail}"),
    "incident.event.read": ("lu, d'après les journaux d'accès", "read, as the access logs say"),
    "incident.event.preserved": ("copie scellée", "copy sealed"),
    "preserve.weak": (
        "{path} : la phrase secrète doit compter au moins {n} caractères",
        "{path}: the passphrase needs at least {n} characters",
    ),
    "preserve.exists": ("{path} : existe déjà", "{path}: exists already"),
    "preserve.failed": (
        "{path} : la copie scellée n'a pas pu être écrite ({why})",
        "{path}: the sealed copy could not be written ({why})",
    ),
    "preserve.done": ("Copie scellée : {path}", "Sealed copy: {path}"),
    "preserve.file": ("fichier    SHA-256 {sha256} ({size} octets)", "file       SHA-256 {sha256} ({size} bytes)"),
    "preserve.container": ("archive    SHA-256 {sha256}", "archive    SHA-256 {sha256}"),
    "preserve.gone": (
        "le fichier ne peut plus être lu : seules les lignes de journal sont scellées",
        "the file can no longer be read: only the log lines are sealed",
    ),
    "preserve.changed": (
        "le fichier a été modifié pendant la copie : recommencez",
        "the file was written to while it was copied: do it again",
    ),
    "help.incidents.preserve": (
        "Scelle une copie du fichier et des lignes de journal, pour la police ou l'ANSSI : une archive 7z chiffrée "
        "(AES-256), son SHA-256 dans l'historique de l'incident. Elle contient les données : c'est la seule "
        "commande qui en fait sortir.",
        "Seals a copy of the file and of the log lines, for the police or the ANSSI: a 7z archive under AES-256, "
        "its SHA-256 in the incident's history. It holds the data: no other command lets any out.",
    ),
    "help.incidents.preserve.short": ("Scelle une copie pour la police ou l'ANSSI.", "Seal a copy for the police."),
    "help.incidents.to": ("Dossier, ou fichier à créer.", "Folder, or file to be made."),
    "help.incidents.passphrase": (
        "Fichier qui contient la phrase secrète de l'archive (12 caractères au moins).",
        "File that holds the passphrase of the archive (12 characters at least).",
    ),
    "purge.readers": (
        "{n} lecteur rendu anonyme|{n} lecteurs rendus anonymes",
        "{n} reader made anonymous|{n} readers made anonymous",
    ),
    "purge.accesses": (
        "{n} ligne de journal effacée|{n} lignes de journal effacées",
        "{n} log line deleted|{n} log lines deleted",
    ),
    "purge.accounts": (
        "{n} compte partagé oublié|{n} comptes partagés oubliés",
        "{n} account forgotten|{n} accounts forgotten",
    ),
    "account.generic": ("nom générique", "generic name"),
    "account.addresses": (
        "depuis {n} adresse à la fois|depuis {n} adresses à la fois",
        "from {n} address at once|from {n} addresses at once",
    ),
    "account.anonymous": (
        "accès anonyme là où des données de santé sont exposées",
        "anonymous access where health data lies open",
    ),
    "account.address": ("nouvelle adresse", "new address"),
    "account.hour": ("heure inhabituelle", "unusual hour"),
    "doctor.access.none": (
        "aucun journal d'accès trouvé ; activez-les (docs/access.md) ou nommez-les sous « logs » : sans eux, personne "
        "ne saura qui a lu un fichier",
        "no access log was found; switch them on (docs/access.md) or name them under “logs”: without, nobody will "
        "know who has read a file",
    ),
    "doctor.access.missing": (
        "logs : {path} n'existe pas ; corrigez phiscan.yaml",
        "logs: {path} does not exist; correct phiscan.yaml",
    ),
    "doctor.access.log": (
        "journal d'accès de {service} : {path} ; rien à faire",
        "access log of {service}: {path}; nothing to do",
    ),
    "doctor.access.unknown": (
        "{path} : aucune ligne d'accès comprise ; vérifiez le format (docs/access.md)",
        "{path}: no line of an access is understood; check the format (docs/access.md)",
    ),
    "doctor.access.denied": (
        "{path} : ce journal d'accès ne peut pas être lu ; ajoutez le compte de phiscan au groupe adm",
        "{path}: this access log cannot be read; add phiscan's account to the group adm",
    ),
    "doctor.access.account": (
        "compte partagé : {account} ({service}), {what} ; donnez à chacun son compte",
        "shared account: {account} ({service}), {what}; give everybody an account of their own",
    ),
}
