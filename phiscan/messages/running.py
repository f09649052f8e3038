"""The texts on what reading costs and when it is done: pace, impact of changes, self-test."""

from __future__ import annotations

RUNNING: dict[str, tuple[str, str]] = {
    "progress.paused": ("en pause jusqu'au {at}", "paused until {at}"),
    "help.bandwidth": (
        "Octets lus par seconde, au plus, comme 20MB/s. Le démon ne ralentit pas ce qui vient d'arriver.",
        "Bytes read a second, at most, such as 20MB/s. The daemon does not slow down what has just arrived.",
    ),
    "help.window": (
        "Heures de lecture, comme 20:00-07:00 ou sat-sun 00:00-24:00 (répétable). Le démon ne fait pas attendre ce "
        "qui vient d'arriver.",
        "Hours in which to read, such as 20:00-07:00 or sat-sun 00:00-24:00 (repeatable). The daemon keeps nothing "
        "waiting that has just arrived.",
    ),
    # phiscan check --impact
    "help.check.impact": (
        "Dit combien de fichiers le démon relirait ou rejugerait, et en combien de temps. Ne lit que la base.",
        "Say how many files the daemon would read or judge again, and how long that takes. Reads the store only.",
    ),
    "help.check.format": ("Format de --impact.", "Format of --impact."),
    "impact.same": (
        "Rien à relire, rien à rejuger : reconnaisseurs et règles sont ceux de la base.",
        "Nothing to read again, nothing to judge again: recognizers and rules are those of the store.",
    ),
    "impact.read": ("à relire", "to be read again"),
    "impact.judged": ("à rejuger sans relire", "to be judged again, unread"),
    "impact.unread": ("jamais lu, en attente", "never read, waiting"),
    "impact.line": ("{what} : {files}, {size}", "{what}: {files}, {size}"),
    "impact.level": ("  {level} : {files}, {size}", "  {level}: {files}, {size}"),
    "impact.takes": (
        "durée de lecture estimée : {took} (mesurée sur {n} fichier)|"
        "durée de lecture estimée : {took} (mesurée sur {n} fichiers)",
        "reading will take about {took} (measured on {n} file)|reading will take about {took} (measured on {n} files)",
    ),
    "impact.unmeasured": (
        "durée inconnue : le démon n'a encore rien mesuré",
        "how long it takes is not known: the daemon has measured nothing yet",
    ),
    "impact.window": (
        "lecture pendant {hours} h par semaine (limits.window) : {n} jour environ"
        "|lecture pendant {hours} h par semaine (limits.window) : {n} jours environ",
        "read during {hours} h a week (limits.window): about {n} day"
        "|read during {hours} h a week (limits.window): about {n} days",
    ),
    "impact.digest": (
        "Ce qui sera trouvé arrivera en un seul message par zone.",
        "What is found will arrive as one message a zone.",
    ),
    # phiscan doctor --self-test
    "help.doctor.self_test": (
        "Dépose un fichier de personnes fictives (self_test.folder) et attend que le démon alerte.",
        "Plant a file of fictitious people (self_test.folder) and wait for the daemon to tell of it.",
    ),
    "doctor.selftest": ("essai : fichier à déposer dans {path}", "self-test: a file can be planted in {path}"),
    "doctor.selftest.rights": (
        "self_test.every : ce compte ne peut pas écrire dans {path} ; donnez-en le droit au compte du démon (et "
        "ReadWritePaths= dans l'unité)",
        "self_test.every: this account cannot write into {path}; grant it to the daemon's account (and "
        "ReadWritePaths= in the unit)",
    ),
    "selftest.none": (
        "self_test.folder : aucun dossier où déposer le fichier d'essai",
        "self_test.folder: no folder where the test file can be planted",
    ),
    "selftest.unwatched": (
        "{path} : ce dossier n'est pas surveillé (watch, exclude)",
        "{path}: this folder is not watched (watch, exclude)",
    ),
    "selftest.folder": ("{path} : aucun dossier de ce nom", "{path}: no such folder"),
    "selftest.denied": ("{path} : fichier d'essai non déposé ({why})", "{path}: test file not planted ({why})"),
    "selftest.running": ("un autre essai est en cours", "another self-test is under way"),
    "selftest.read": ("lu et jugé {seconds} s après son arrivée", "read and judged {seconds} s after it arrived"),
    "selftest.accepted": ("{channel} : accepté après {seconds} s", "{channel}: accepted after {seconds} s"),
    "selftest.waiting": ("{channel} : pas accepté à temps", "{channel}: not accepted in time"),
    "selftest.ok": (
        "essai réussi : {seconds} s de l'arrivée à la dernière alerte",
        "self-test passed: {seconds} s from arrival to the last alert",
    ),
    "selftest.unread": (
        "essai manqué : le démon n'a pas lu le fichier en {seconds} s ; est-il en marche ?",
        "self-test failed: the daemon has not read the file within {seconds} s; is it running?",
    ),
    "selftest.silent": (
        "essai manqué : aucune règle n'alerte à cet endroit ; est-il exposé ?",
        "self-test failed: no rule alerts in this place; is it exposed?",
    ),
    "selftest.nobody": (
        "essai manqué : aucun canal à avertir (alerts, self_test.to)",
        "self-test failed: there is no channel to tell (alerts, self_test.to)",
    ),
    "selftest.late": (
        "essai manqué : un canal n'a pas accepté l'alerte en {seconds} s",
        "self-test failed: a channel has not accepted the alert within {seconds} s",
    ),
    "coverage.offline": (
        "dont {n} fichier hors ligne (bande, nuage), jamais rappelé|"
        "dont {n} fichiers hors ligne (bande, nuage), jamais rappelés",
        "{n} of them offline (tape, cloud), never recalled|{n} of them offline (tape, cloud), never recalled",
    ),
}
