"""The help of the command line: key → (French, English). Part of `phiscan.messages.catalogue`."""

from __future__ import annotations

HELP: dict[str, tuple[str, str]] = {
    "help.phiscan": (
        "Trouve les données de santé françaises sur les partages de fichiers, les rattache aux personnes et juge "
        "où elles se trouvent, sans jamais en répéter une valeur.",
        "Finds French health data on file shares, links it to people and judges where it lies, "
        "without ever repeating a value.",
    ),
    "help.phiscan.examples": (
        "Exemples :\n\nphiscan scan /srv/ftp\n\nphiscan scan /srv/ftp -f json -o rapport.json\n\n"
        "phiscan explain export.csv\n\n"
        "Statut de sortie : 0 rien, 10 quelque chose, 3 tout n'a pas été lu, 1 erreur, 2 usage.",
        "Examples:\n\nphiscan scan /srv/ftp\n\nphiscan scan /srv/ftp -f json -o report.json\n\n"
        "phiscan explain export.csv\n\n"
        "Exit status: 0 nothing, 10 something, 3 not everything was read, 1 error, 2 usage.",
    ),
    "help.version": ("Affiche la version.", "Show the version."),
    "help.help": ("Affiche cette aide.", "Show this help."),
    "help.install_completion": (
        "Installe la complétion pour l'interpréteur de commandes.",
        "Install completion for the current shell.",
    ),
    "help.show_completion": (
        "Affiche le script de complétion, pour le copier ou l'adapter.",
        "Show the completion script, to copy or adapt it.",
    ),
    "help.config": ("Configuration à utiliser.", "Configuration to use."),
    "help.scan": (
        "Analyse des fichiers et des dossiers, une fois, et n'écrit rien d'autre que son rapport.\n\n"
        "Le rapport va sur la sortie standard. Ce qui n'a pas pu être lu y est toujours dit.",
        "Scans files and folders, once, and writes nothing but its report.\n\n"
        "The report goes to standard output. What could not be read is always said.",
    ),
    "help.scan.short": ("Analyse des fichiers et des dossiers.", "Scan files and folders."),
    "help.scan.examples": (
        "Exemples :\n\nphiscan scan /srv/ftp /srv/samba\n\n"
        "phiscan scan --assume-exposure public copie/ -f html -o rapport.html\n\n"
        "phiscan scan /srv/ftp --baseline rapport-accepte.json --fail-on high",
        "Examples:\n\nphiscan scan /srv/ftp /srv/samba\n\n"
        "phiscan scan --assume-exposure public copy/ -f html -o report.html\n\n"
        "phiscan scan /srv/ftp --baseline accepted-report.json --fail-on high",
    ),
    "help.scan.paths": (
        "Fichiers, dossiers ou adresses (http, https, ftp, ftps : ce que le serveur donne sans compte) à analyser.",
        "Files, folders or addresses (http, https, ftp, ftps: what the server gives without an account) to scan.",
    ),
    "help.scan.format": ("Format du rapport.", "Format of the report."),
    "help.scan.output": (
        "Écrit le rapport dans ce fichier plutôt que sur la sortie standard.",
        "Write the report to this file instead of standard output.",
    ),
    "help.scan.fail_on": (
        "Gravité à partir de laquelle le statut de sortie est 10.",
        "Severity from which the exit status is 10.",
    ),
    "help.scan.assume": (
        "Exposition des fichiers regardés hors de leur emplacement (une copie).",
        "Exposure of files looked at outside their place (a copy).",
    ),
    "help.scan.workers": (
        "Nombre de processus d'analyse (par défaut : la configuration).",
        "Number of scanning processes (by default: the configuration).",
    ),
    "help.scan.cluster": (
        "Répartit sur les « phiscan worker » d'une base PostgreSQL (pas dans cette version).",
        "Spread over the “phiscan worker”s of a PostgreSQL store (not in this version).",
    ),
    "help.scan.exclude": (
        "Écarte ces fichiers (syntaxe gitignore, répétable ; aussi lu dans .phiscanignore).",
        "Leave these files out (gitignore syntax, repeatable; also read from .phiscanignore).",
    ),
    "help.scan.baseline": (
        "Rapport JSON antérieur : ce qu'il contient est accepté. Un élément non lu l'est si son élément de gaps "
        "porte « accepted » et une raison.",
        "Earlier JSON report: what it holds is accepted. A gap is, where its element has “accepted” and a reason.",
    ),
    "help.scan.max_file_size": (
        "Ne lit pas les fichiers plus gros (500MB, 1GiB) ; le rapport les dit non lus.",
        "Do not read larger files (500MB, 1GiB); the report says they were not read.",
    ),
    "help.scan.timeout": (
        "Durée maximale par fichier, en secondes (ou 2m).",
        "Longest time a file may take, in seconds (or 2m).",
    ),
    "help.scan.no_ocr": ("Ne lit pas le texte des images.", "Do not read text in images."),
    "help.scan.quiet": ("N'affiche pas la progression.", "Show no progress."),
    "help.scan.verbose": (
        "Montre aussi les fichiers sans rien à signaler, les règles et des exemples masqués.",
        "Show clean files, rules and masked samples too.",
    ),
    "help.watch": (
        "Surveille les dossiers de la configuration, tient les incidents et envoie les alertes.\n\n"
        "SIGTERM l'arrête en quelques secondes, SIGHUP lui fait relire sa configuration. Le journal va sur la "
        "sortie d'erreur, une ligne JSON par événement.",
        "Watches the folders of the configuration, keeps incidents and sends alerts.\n\n"
        "SIGTERM ends it within seconds, SIGHUP makes it read its configuration anew. Its log goes to standard "
        "error, one line of JSON an event.",
    ),
    "help.watch.short": ("Surveille les dossiers et alerte.", "Watch folders and send alerts."),
    "help.watch.examples": (
        "Exemple :\n\nphiscan watch -c /etc/phiscan/phiscan.yaml",
        "Example:\n\nphiscan watch -c /etc/phiscan/phiscan.yaml",
    ),
    "help.watch.verbose": ("Journal plus détaillé.", "Log more."),
    "help.incidents": (
        "Les incidents que tient « phiscan watch » : les lister, les voir, les prendre en charge, les clore, les "
        "écarter, les qualifier. Sans sous-commande : la liste de ce qui est ouvert.",
        "The incidents that “phiscan watch” keeps: list, show, acknowledge, resolve, dismiss, qualify. "
        "Without a subcommand: the list of what is open.",
    ),
    "help.incidents.short": ("Liste et traite les incidents.", "List incidents and decide about them."),
    "help.incidents.examples": (
        "Exemples :\n\nphiscan incidents list --severity high\n\nphiscan incidents show 12\n\n"
        "phiscan incidents list --since 0 -f jsonl\n\n"
        "phiscan incidents dismiss 12 --as test_data --scope folder --until 2026-12-31 --reason \"jeu d'essai\"",
        "Examples:\n\nphiscan incidents list --severity high\n\nphiscan incidents show 12\n\n"
        "phiscan incidents list --since 0 -f jsonl\n\n"
        "phiscan incidents dismiss 12 --as test_data --scope folder --until 2026-12-31 --reason “test data”",
    ),
    "help.incidents.format": ("Format.", "Format."),
    "help.incidents.id": ("Numéro de l'incident.", "Number of the incident."),
    "help.incidents.reason": ("Pourquoi, pour qui relira.", "Why, for whoever reads it later."),
    "help.incidents.state": (
        "Seulement dans cet état (répétable).",
        "Only in this state (repeatable).",
    ),
    "help.incidents.severity": ("Seulement à partir de cette gravité.", "Only from this severity."),
    "help.incidents.since": (
        "Rejoue tout ce qui s'est passé après ce curseur (avec -f jsonl ; 0 : depuis le début).",
        "Replay all that happened after this cursor (with -f jsonl; 0: from the beginning).",
    ),
    "help.incidents.list": (
        "Liste les incidents, le plus grave d'abord. Le tableau montre ce qui est ouvert, json et jsonl tout.",
        "Lists incidents, the gravest first. The table shows what is open, json and jsonl everything.",
    ),
    "help.incidents.list.short": ("Liste les incidents.", "List incidents."),
    "help.incidents.show": (
        "Montre un incident, son historique et ce qu'il y a à examiner en droit.",
        "Shows an incident, its history and what is to be examined in law.",
    ),
    "help.incidents.show.short": ("Montre un incident.", "Show an incident."),
    "help.incidents.ack": (
        "Prend un incident en charge : rien n'est plus répété.",
        "Acknowledges an incident: nothing is repeated any more.",
    ),
    "help.incidents.ack.short": ("Prend un incident en charge.", "Acknowledge an incident."),
    "help.incidents.resolve": (
        "Déclare un incident résolu. S'il est encore là au prochain parcours complet, il se rouvre.",
        "Says that an incident is resolved. If it is still there at the next whole walk, it reopens.",
    ),
    "help.incidents.resolve.short": ("Déclare un incident résolu.", "Say that an incident is resolved."),
    "help.incidents.dismiss": (
        "Écarte un incident, et ce qui lui ressemble dans le fichier, le dossier ou la zone, après avoir montré ce "
        "que cela cache. Ce qui est écarté reste consigné.",
        "Dismisses an incident, and its like in the file, folder or zone, after showing what that hides. What is "
        "dismissed stays on record.",
    ),
    "help.incidents.dismiss.short": ("Écarte un incident.", "Dismiss an incident."),
    "help.incidents.as": ("Pourquoi c'est sans objet.", "Why it is no matter."),
    "help.incidents.scope": ("Jusqu'où.", "How far."),
    "help.incidents.until": ("Jusqu'à ce jour compris.", "Until this day, included."),
    "help.incidents.yes": ("Ne demande pas.", "Do not ask."),
    "help.incidents.qualify": (
        "Qualifie un incident en droit. Seule cette décision d'une personne ouvre un délai.",
        "Qualifies an incident in law. Only this decision of a person starts a deadline.",
    ),
    "help.incidents.qualify.short": ("Qualifie un incident.", "Qualify an incident."),
    "help.incidents.law": ("Qualification.", "Qualification."),
    "help.incidents.aware": (
        "Quand on en a eu connaissance (par défaut : maintenant).",
        "When it became known (by default: now).",
    ),
    "help.coverage": (
        "Montre, pour chaque dossier surveillé, le dernier parcours : ce qui a été lu, exclu, pas lu, et avec quelles "
        "règles. Statut 3 si tout n'a pas été lu.",
        "Shows the last walk of each watched folder: what was read, excluded, not read, and with which rules. "
        "Status 3 where not everything was read.",
    ),
    "help.coverage.short": ("Montre ce qui a été vérifié.", "Show what was checked."),
    "help.coverage.examples": (
        "Exemple :\n\nphiscan coverage --at 2026-11-21",
        "Example:\n\nphiscan coverage --at 2026-11-21",
    ),
    "help.coverage.at": (
        "Ce qui a été vérifié ce jour-là, jusqu'à cette heure si elle est donnée : tous ses parcours et les arrêts de "
        "la surveillance (par défaut : le dernier parcours).",
        "What was checked on that day, up to that time if one is given: all its walks, and when nobody watched (by "
        "default: the last walk).",
    ),
    "help.coverage.format": ("Format.", "Format."),
    "help.init": (
        "Écrit une configuration commentée d'après ce que cette machine partage : Samba, vsftpd, ProFTPD, Pure-FTPd, "
        "OpenSSH (SFTP), NFS, rsync, nginx, Apache et montages. Chaque proposition porte sa preuve et reste à "
        "confirmer.\n\n"
        "Les canaux donnés reçoivent un message d'essai ; statut 1 si l'un ne l'accepte pas. Un fichier existant n'est "
        "jamais remplacé sans --force.",
        "Writes a commented configuration from what this machine shares: Samba, vsftpd, ProFTPD, Pure-FTPd, OpenSSH "
        "(SFTP), NFS, rsync, nginx, Apache and mounts. Each proposal carries its evidence and is to be confirmed.\n\n"
        "The channels that are given get a test message; status 1 where one does not accept it. An existing file is "
        "never replaced without --force.",
    ),
    "help.init.short": ("Écrit une première configuration.", "Write a first configuration."),
    "help.init.examples": (
        "Exemples :\n\nphiscan init\n\nphiscan init --email rssi@example.org --smtp smtp.example.org:587\n\n"
        "phiscan init -o essai.yaml --server /opt/ftp/vsftpd-labo.conf --slack /etc/phiscan/slack",
        "Examples:\n\nphiscan init\n\nphiscan init --email ciso@example.org --smtp smtp.example.org:587\n\n"
        "phiscan init -o trial.yaml --server /opt/ftp/vsftpd-lab.conf --slack /etc/phiscan/slack",
    ),
    "help.init.output": (
        "Où l'écrire (par défaut : /etc/phiscan/phiscan.yaml en root, sinon ~/.config/phiscan/phiscan.yaml).",
        "Where to write it (by default: /etc/phiscan/phiscan.yaml as root, else ~/.config/phiscan/phiscan.yaml).",
    ),
    "help.init.force": ("Remplace un fichier existant.", "Replace an existing file."),
    "help.init.server": (
        "Configuration de serveur à lire en plus de celles trouvées (répétable).",
        "Server configuration to read besides those found (repeatable).",
    ),
    "help.init.email": ("Adresse à prévenir (répétable).", "Address to tell (repeatable)."),
    "help.init.smtp": (
        "Serveur de messagerie (port 587 avec STARTTLS par défaut ; 25 : sans).",
        "Mail server (port 587 with STARTTLS by default; 25: without).",
    ),
    "help.init.from": (
        "Expéditeur (par défaut : phiscan@ le domaine du premier destinataire).",
        "Sender (by default: phiscan@ the domain of the first recipient).",
    ),
    "help.init.slack": (
        "Fichier qui contient l'adresse du webhook Slack.",
        "File that holds the address of the Slack webhook.",
    ),
    "help.init.webhook": ("Adresse HTTP qui accepte les alertes.", "HTTP address that accepts alerts."),
    "help.init.syslog": (
        "Serveur syslog : tls://, tcp://, udp:// ou unix://.",
        "Syslog server: tls://, tcp://, udp:// or unix://.",
    ),
    "help.doctor": (
        "Examine cette machine et la configuration : dossiers, surveillances du noyau, clé, base, disque, canaux, "
        "service, horloge. Rien n'est écrit ni envoyé. Une ligne par constat : où, quoi, que faire ; le plus grave "
        "d'abord.\n\nStatut 10 si quelque chose empêche la surveillance ou l'alerte, 3 si quelque chose échapperait, "
        "0 sinon.",
        "Examines this machine and the configuration: folders, the kernel's watches, key, store, disk, channels, "
        "service, clock. Nothing is written or sent. One line a finding: where, what, what to do; the gravest first."
        "\n\nStatus 10 where something stops the watch or the alerts, 3 where something would be missed, else 0.",
    ),
    "help.doctor.short": ("Dit ce qui manque à cette machine.", "Say what this machine lacks."),
    "help.doctor.examples": (
        "Exemple :\n\nphiscan doctor -c /etc/phiscan/phiscan.yaml",
        "Example:\n\nphiscan doctor -c /etc/phiscan/phiscan.yaml",
    ),
    "help.purge": (
        "Efface ce que phiscan garde depuis plus longtemps que la configuration ne le veut (retention) : incidents "
        "clos, historique, envois, parcours, empreintes. « phiscan watch » le fait chaque jour.\n\n"
        "Reste tout ce dont une obligation a encore besoin : ce qui est à qualifier ou à notifier.",
        "Deletes what phiscan has kept for longer than the configuration wants (retention): closed incidents, "
        "history, deliveries, walks, fingerprints. “phiscan watch” does so every day.\n\n"
        "All that a duty still needs stays: what is to be qualified or notified.",
    ),
    "help.purge.short": ("Applique les durées de conservation.", "Apply the retention to phiscan's own data."),
    "help.purge.examples": (
        "Exemples :\n\nphiscan purge\n\nphiscan purge -c /etc/phiscan/phiscan.yaml -f json",
        "Examples:\n\nphiscan purge\n\nphiscan purge -c /etc/phiscan/phiscan.yaml -f json",
    ),
    "help.purge.format": ("Format.", "Format."),
    "help.alert-test": (
        "Envoie un message d'essai par chaque canal configuré. Statut 1 si l'un ne l'a pas accepté.",
        "Sends a test message through every configured channel. Status 1 where one has not accepted it.",
    ),
    "help.alert-test.short": ("Essaie les canaux d'alerte.", "Test the alert channels."),
    "help.alert-test.examples": ("Exemple :\n\nphiscan alert-test", "Example:\n\nphiscan alert-test"),
    "help.check": (
        "Valide les reconnaisseurs et les règles et exécute les exemples qu'ils portent.\n\n"
        "Sans chemin : ceux de phiscan et ceux de la configuration, et son fichier test_persons. Statut 10 si un "
        "exemple échoue, 2 si un fichier est invalide.",
        "Validates recognizers and rules and runs the examples they carry.\n\n"
        "Without a path: those of phiscan and of the configuration, and its file test_persons. Status 10 where "
        "an example fails, 2 where a file is invalid.",
    ),
    "help.check.short": ("Valide les reconnaisseurs et les règles.", "Validate recognizers and rules."),
    "help.check.examples": (
        "Exemples :\n\nphiscan check\n\nphiscan check /etc/phiscan/recognizers ma-regle.yaml",
        "Examples:\n\nphiscan check\n\nphiscan check /etc/phiscan/recognizers my-rule.yaml",
    ),
    "help.check.paths": ("Fichiers et dossiers à valider.", "Files and folders to validate."),
    "help.explain": (
        "Montre chaque occurrence trouvée dans un fichier : reconnaisseur, motif, validateur, contexte et "
        "personne à laquelle elle est rattachée. Les valeurs sont masquées.",
        "Shows each hit in a file: recognizer, pattern, validator, context and the person it is linked to. "
        "Values are masked.",
    ),
    "help.explain.short": ("Explique ce qui est trouvé dans un fichier.", "Explain what is found in a file."),
    "help.explain.examples": ("Exemple :\n\nphiscan explain export.csv", "Example:\n\nphiscan explain export.csv"),
    "help.explain.file": ("Fichier à expliquer.", "File to explain."),
    "help.panel.options": ("Options", "Options"),
    "help.panel.arguments": ("Arguments", "Arguments"),
    "help.panel.commands": ("Commandes", "Commands"),
    "help.default": ("[défaut : {{}}]", "[default: {{}}]"),
    "help.required": ("[obligatoire]", "[required]"),
}
