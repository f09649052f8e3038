"""What `phiscan init` says and writes: key → (French, English). Part of `phiscan.messages.catalogue`."""

from __future__ import annotations

INIT: dict[str, tuple[str, str]] = {
    # What it says.
    "init.exists": (
        "{path} : ce fichier existe déjà ; --force le remplace, -o en écrit un autre",
        "{path}: this file exists; --force replaces it, -o writes another one",
    ),
    "init.failed": (
        "{path} : n'a pas pu être écrit ({why}) ; -o choisit un autre emplacement",
        "{path}: could not be written ({why}); -o chooses another place",
    ),
    "init.server": (
        "{path} : configuration de serveur inconnue ; attendu : un chemin qui contient smb, vsftpd, proftpd, "
        "pure-ftpd, sshd, exports, rsyncd, nginx, apache ou httpd",
        "{path}: unknown server configuration; expected a path with smb, vsftpd, proftpd, pure-ftpd, sshd, "
        "exports, rsyncd, nginx, apache or httpd in it",
    ),
    "init.email": (
        "--email et --smtp vont ensemble : à qui écrire, et par quel serveur",
        "--email and --smtp go together: whom to write to, and by which server",
    ),
    "init.written": ("{path} : écrit. Proposé à la surveillance :", "{path}: written. Proposed to be watched:"),
    "init.folder": ("{path} : {level}", "{path}: {level}"),
    "init.evidence": ("{service}{name} : {setting} ({source})", "{service}{name}: {setting} ({source})"),
    "init.public": ("public, à confirmer", "public, to be confirmed"),
    "init.rights": ("selon les droits des fichiers", "as the rights of the files say"),
    "init.nothing": (
        "rien : aucun dossier partagé trouvé ; complétez watch",
        "nothing: no shared folder was found; complete watch",
    ),
    "init.read": ("Configurations de serveurs lues : {files}", "Server configurations read: {files}"),
    "init.read.none": (
        "Aucune configuration de serveur trouvée ; --server en donne une",
        "No server configuration was found; --server gives one",
    ),
    "init.mount": (
        "{path} : montage {type}, laissé en commentaire",
        "{path}: {type} mount, left as a comment",
    ),
    "init.left.system": (
        "Laissé de côté, dossier du système : {path}, partagé par {evidence}",
        "Left out, a folder of the system: {path}, shared by {evidence}",
    ),
    "init.left.missing": (
        "Laissé de côté, ce dossier n'existe pas : {path}, partagé par {evidence}",
        "Left out, this folder does not exist: {path}, shared by {evidence}",
    ),
    "init.left.name": (
        "Laissé de côté, son nom ne s'écrit pas en YAML : {path}, partagé par {evidence}",
        "Left out, its name cannot be written in YAML: {path}, shared by {evidence}",
    ),
    "init.unread": (
        "{path} : illisible pour ce compte, ce que ce serveur partage n'est pas proposé ; relancez en root",
        "{path}: this account may not read it, what this server shares is not proposed; run again as root",
    ),
    "init.next": (
        "Relisez {path}, puis lancez « phiscan doctor » et « phiscan watch ».",
        "Read {path}, then run “phiscan doctor” and “phiscan watch”.",
    ),
    # And what it writes.
    "init.file.head": (
        "Configuration de phiscan, proposée par « phiscan init » d'après cette machine. Tout y est à relire.\n"
        "« phiscan doctor » la vérifie ; « systemctl reload phiscan » la fait relire au démon.\n"
        "Un secret n'est jamais écrit ici : donnez un fichier (…_file) ou une variable PHISCAN_….",
        "Configuration of phiscan, proposed by “phiscan init” from this machine. All of it is to be read again.\n"
        "“phiscan doctor” checks it; “systemctl reload phiscan” makes the daemon read it anew.\n"
        "A secret is never written here: give a file (…_file) or a variable PHISCAN_….",
    ),
    "init.file.organisation": (
        "Qui répond des données : role vaut controller (responsable de traitement) ou processor (sous-traitant).",
        "Who answers for the data: role is controller or processor.",
    ),
    "init.file.watch": (
        "Dossiers à surveiller, avec tout ce qu'ils contiennent. Les montages en commentaire sont à décider.\n"
        "Dossiers personnels : ceux de [homes] de Samba sont proposés, un par compte ; ceux de vsftpd ne le sont pas.",
        "Folders to watch, with all they hold. Mounts left as comments are for you to decide.\n"
        "Home folders: those of [homes] of Samba are proposed, one an account; those of vsftpd are not.",
    ),
    "init.file.nothing": (
        "Aucun dossier partagé n'a été trouvé : donnez au moins un dossier, comme [/srv/ftp].",
        "No shared folder was found: give at least one folder, such as [/srv/ftp].",
    ),
    "init.file.mount": ("{type}", "{type}"),
    "init.file.remote": (
        "{type} : changements faits ailleurs non annoncés par le noyau, parcouru chaque minute",
        "{type}: the kernel does not tell of changes made elsewhere, walked every minute",
    ),
    "init.file.zones": (
        "Les lieux, chacun avec ce qui le partage. phiscan relit ces configurations et sait qui peut lire : exposure\n"
        "(public, sans compte ; shared, tout compte ; restricted) n'est utile que là où il ne peut pas le savoir, et\n"
        "ne ferme pas ce qu'un serveur ouvre. On peut ajouter owner, contact.",
        "The places, each with what shares it. phiscan reads these configurations again and knows who can read:\n"
        "exposure (public, no account; shared, any account; restricted) is of use only where it cannot know, and does\n"
        "not close what a server opens. You may add owner, contact.",
    ),
    "init.file.public": (
        "sans compte d'après la configuration ; à confirmer par « phiscan zones --probe »",
        "no account needed, says the configuration; “phiscan zones --probe” confirms it",
    ),
    "init.file.servers": (
        "Configurations de serveurs données à « phiscan init ».",
        "Server configurations that were given to “phiscan init”.",
    ),
    "init.file.alerts": (
        "Qui est prévenu, à partir de quelle gravité. « phiscan alert-test » essaie les canaux.",
        "Who is told, from which severity on. “phiscan alert-test” tries the channels.",
    ),
    "init.file.heartbeat": (
        "Une adresse appelée régulièrement, pour que le silence de cette machine soit remarqué.",
        "An address that is called regularly, so that silence of this machine is noticed.",
    ),
    "init.file.store": (
        "La base et sa clé, par défaut dans /var/lib/phiscan. Sauvegardez la clé à part.",
        "The store and its key, by default in /var/lib/phiscan. Back the key up apart.",
    ),
    "init.file.exclude": (
        "Ce qui n'est pas lu (syntaxe gitignore) ; les dossiers d'instantanés sont déjà exclus.",
        "What is not read (gitignore syntax); snapshot folders are left out already.",
    ),
    "init.file.limits": ("Ce que la lecture peut coûter.", "What reading may cost."),
}
