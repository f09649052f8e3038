"""The help of the command line: key → (French, English). Part of `phiscan.catalogue`."""

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
    "help.check": (
        "Valide les reconnaisseurs et les règles et exécute les exemples qu'ils portent.\n\n"
        "Sans chemin : ceux de phiscan et ceux de la configuration. Statut 10 si un exemple échoue, 2 si un "
        "fichier est invalide.",
        "Validates recognizers and rules and runs the examples they carry.\n\n"
        "Without a path: those of phiscan and of the configuration. Status 10 where an example fails, 2 where "
        "a file is invalid.",
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
