"""What `phiscan zones` says: key → (French, English). Part of `phiscan.messages.catalogue`."""

from __future__ import annotations

ZONES: dict[str, tuple[str, str]] = {
    "help.zones": (
        "Montre tout ce que les serveurs de cette machine donnent à lire ou à écrire, et à qui : FTP, SFTP, Samba, "
        "NFS, rsync, nginx, Apache, et les zones déclarées. Chaque ligne porte sa preuve, le fichier et la ligne.\n\n"
        "Statut 10 si --probe contredit une configuration, 3 si quelque chose n'a pas pu être établi, 0 sinon.",
        "Shows everything that this machine's servers let people read or write, and whom: FTP, SFTP, Samba, NFS, "
        "rsync, nginx, Apache, and the declared zones. Each line carries its evidence, file and line.\n\n"
        "Status 10 where --probe contradicts a configuration, 3 where something could not be established, else 0.",
    ),
    "help.zones.short": ("Montre ce qui est exposé, et la preuve.", "Show what is exposed, and the evidence."),
    "help.zones.examples": (
        "Exemples :\n\nphiscan zones /srv/ftp --probe\n\nphiscan zones --collector > collecteur.sh\n\n"
        "phiscan zones --from serveur.tar -f json",
        "Examples:\n\nphiscan zones /srv/ftp --probe\n\nphiscan zones --collector > collector.sh\n\n"
        "phiscan zones --from server.tar -f json",
    ),
    "help.zones.paths": (
        "Seulement les zones qui contiennent ces dossiers, ou qui s'y trouvent.",
        "Only the zones that hold these folders, or lie in them.",
    ),
    "help.zones.format": ("Format.", "Format."),
    "help.zones.probe": (
        "Vérifie en se connectant sans compte aux seuls serveurs de cette machine : liste, ouvre, ne lit ni "
        "n'écrit rien.",
        "Verify by logging in without an account to this machine's own servers only: list, open, read and "
        "write nothing.",
    ),
    "help.zones.from": (
        "Lire ce que le collecteur a rapporté d'une autre machine, et qui y a lu d'après ses journaux.",
        "Read what the collector has brought from another machine, and who has read there, by its logs.",
    ),
    "help.zones.collector": (
        "Écrire un script sh qui rassemble ce qu'il faut sur un serveur où phiscan ne peut pas tourner.",
        "Print an sh script that gathers what is needed on a server where phiscan cannot run.",
    ),
    "zones.together": (
        "--probe, --from et --collector s'emploient séparément",
        "--probe, --from and --collector are used apart",
    ),
    "zones.from.none": (
        "{path} : ce n'est pas une archive du collecteur",
        "{path}: not an archive of the collector",
    ),
    "zones.from.hostile": (
        "{path} : contient ce qu'aucun collecteur n'écrit (lien, périphérique, nom qui en sort) ; rien n'est lu",
        "{path}: holds what no collector writes (a link, a device, a name that leads out); nothing is read",
    ),
    "zones.from.big": (
        "{path} : plus gros que ce qu'un collecteur rapporte",
        "{path}: larger than what a collector brings",
    ),
    "zones.none": ("Aucune zone trouvée.", "No zone was found."),
    "zones.somewhere": ("(dossier inconnu)", "(unknown folder)"),
    "zones.head.level": ("NIVEAU", "LEVEL"),
    "zones.head.may": ("DROITS", "RIGHTS"),
    "zones.head.service": ("SERVICE", "SERVICE"),
    "zones.head.reach": ("PORTÉE", "REACH"),
    "zones.head.account": ("COMPTE", "ACCOUNT"),
    "zones.head.state": ("ÉTAT", "STATE"),
    "zones.head.path": ("DOSSIER", "FOLDER"),
    "zones.level.public": ("public", "public"),
    "zones.level.shared": ("partagé", "shared"),
    "zones.level.restricted": ("restreint", "restricted"),
    "zones.level.unknown": ("inconnu", "unknown"),
    "zones.reach.everywhere": ("partout", "everywhere"),
    "zones.reach.private": ("réseau privé", "private"),
    "zones.reach.loopback": ("cette machine", "loopback"),
    "zones.reach.unknown": ("selon le conteneur", "container's"),
    "zones.reach.none": ("à l'arrêt", "not running"),
    "zones.state.configured": ("configuré", "configured"),
    "zones.state.proved": ("prouvé", "proved"),
    "zones.state.contradicted": ("CONTREDIT", "CONTRADICTED"),
    "zones.proof": ("vérification : {proof}", "probe: {proof}"),
    "zones.note": ("{proof}", "{proof}"),
    "zones.no_rights": (
        "droits du dossier non vérifiés",
        "the rights of the folder were not looked at",
    ),
    "zones.read.certain": (
        "lu d'après les journaux, {what} : {who}",
        "read, as the logs say, {what}: {who}",
    ),
    "zones.read.probable": ("lu probablement, {what} : {who}", "probably read, {what}: {who}"),
    "zones.read.readers": ("{n} lecteur|{n} lecteurs", "{n} reader|{n} readers"),
    "zones.read.rest": ("les autres ensemble", "the rest together"),
    "zones.read.extent.complete": ("{n} complète|{n} complètes", "{n} complete|{n} complete"),
    "zones.read.extent.partial": ("{n} partielle|{n} partielles", "{n} partial|{n} partial"),
    "zones.read.extent.unknown": ("{n} d'étendue inconnue", "{n} of unknown extent"),
    "zones.read.no_evidence": (
        "aucun accès dans les journaux{since} : ce n'est pas la preuve que personne n'y a lu",
        "no access in the logs{since}: that does not prove that nobody has read there",
    ),
    "zones.read.since": (", qui commencent le {at}", ", which begin {at}"),
    "zones.read.not_logged": (
        "on ne sait pas qui y a lu : l'archive n'a aucun journal d'accès de ce service que phiscan sache lire",
        "not known who has read there: the archive has no access log of this service that phiscan can read",
    ),
    "zones.read.not_collected": (
        "on ne sait pas qui y a lu : les journaux n'ont pas été rapportés (--no-logs)",
        "not known who has read there: the logs were not brought (--no-logs)",
    ),
    "zones.read.unread": (
        "Journal non lu, ou pas jusqu'au bout : {log} ({why})",
        "A log that was not read, or not to its end: {log} ({why})",
    ),
    "zones.summary": (
        "Dossiers : {folders} · {counts} · où n'importe qui peut écrire {written}",
        "Folders: {folders} · {counts} · that anybody can write to {written}",
    ),
    "zones.trouble": (
        "Non établi : {where} ({why}) ; ce qui s'y ouvre n'est pas connu",
        "Not established: {where} ({why}); what it opens is not known",
    ),
}

# What a probe has met and why a configuration is not understood, as code says it, in French.
SAID: dict[str, str] = {
    "an anonymous login is refused": "connexion anonyme refusée",
    "an anonymous login is let in": "connexion anonyme acceptée",
    "an anonymous login reads it": "lu par une connexion anonyme",
    "an anonymous login enters it": "ouvert à une connexion anonyme",
    "an anonymous login lists it": "listé par une connexion anonyme",
    "an anonymous login does not get there": "une connexion anonyme n'y arrive pas",
    "an anonymous login sees another folder": "une connexion anonyme voit un autre dossier",
    "a guest lists it": "listé par un invité",
    "a guest cannot list it": "un invité ne peut pas le lister",
    "a guest is refused": "invité refusé",
    "whoever comes lists it": "listé sans compte",
    "whoever comes is refused": "refusé sans compte",
    "a file is read without an account": "un fichier se lit sans compte",
    "its address answers without an account": "son adresse répond sans compte",
    "a listing is shown without an account": "une liste s'affiche sans compte",
    "an answer that says nothing of it": "une réponse qui n'en dit rien",
    "not all of its folders were looked at": "tous ses dossiers n'ont pas été regardés",
    "let in from this machine, which says nothing of others": "ouvert depuis cette machine, ce qui n'en dit rien",
    "no answer": "pas de réponse",
    "no such folder": "ce dossier n'existe pas",
    "not asked: no way to ask this service": "non demandé, aucun moyen pour ce service",
    "not asked: its addresses are a pattern": "non demandé, ses adresses sont un motif",
    "not asked: smbclient is not installed": "non demandé, smbclient n'est pas installé",
    "not asked: rsync is not installed": "non demandé, rsync n'est pas installé",
    "not asked: it listens in a network of its own": "non demandé, il écoute dans son propre réseau",
    "gives away a folder that is not seen from here": "donne un dossier qui n'est pas visible d'ici",
    "cannot be read": "illisible",
    "is missing": "absent",
    "could not be understood": "pas compris",
    "of no service that is known": "d'aucun service connu",
    "includes itself": "s'inclut lui-même",
    "a block that is not followed": "bloc non interprété",
    "a folder named by variables is not followed": "dossier nommé par des variables, non suivi",
    "a folder named by a variable is not followed": "dossier nommé par une variable, non suivi",
    "a folder named by an expression is not followed": "dossier nommé par une expression, non suivi",
    "a folder that differs by client or account is not followed": "dossier propre à chaque client ou compte, non suivi",
    "a line that is no text": "ligne qui n'est pas du texte",
    "a line that vsftpd refuses": "ligne que vsftpd refuse",
    "block or directive without an end": "bloc ou directive sans fin",
    "block without an end": "bloc sans fin",
    "copies a share that is not there": "copie un partage qui n'existe pas",
    "does not begin with a folder": "ne commence pas par un dossier",
    "end of a block that was not begun": "fin d'un bloc qui n'a pas commencé",
    "includes a file that is missing": "inclut un fichier absent",
    "includes another file for each client": "inclut un autre fichier pour chaque client",
    "macros are not followed": "macros non suivies",
    "neither yes nor no: Samba does not load this": "ni oui ni non, Samba ne le charge pas",
    "neither yes nor no: the server does not start": "ni oui ni non, le serveur ne démarre pas",
    "options without an end: the server reads no further": "options sans fin, le serveur ne lit pas plus loin",
    "reads another file for each client": "lit un autre fichier pour chaque client",
    "the arguments of the server are not shown": "les arguments du serveur ne sont pas visibles",
    "the registry of Samba is not read": "le registre de Samba n'est pas lu",
    "too many blocks within each other": "trop de blocs imbriqués",
    "too many folders to look for .htaccess files in all of them": "trop de dossiers pour y chercher les .htaccess",
    "its .htaccess files were not collected": "ses fichiers .htaccess n'ont pas été rapportés",
    "not all of its symbolic links were looked at": "tous ses liens symboliques n'ont pas été suivis",
}


def said(phrase: str, lang: str) -> str:
    """Return a phrase of ours in the reader's language; what follows in brackets stays as it is."""
    plain, space, rest = phrase.partition(" (")
    return SAID.get(plain, plain) + space + rest if lang == "fr" else phrase
