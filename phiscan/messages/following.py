"""Texts on what happens around an incident once it exists: accounts, zones that end, exposure, coverage of a day."""

from __future__ import annotations

FOLLOWING: dict[str, tuple[str, str]] = {
    # Alerts.
    "alert.kind.ending": ("Fin de zone", "End of a zone"),
    "alert.kind.reopened": ("Rouvert", "Reopened"),
    "alert.reopened": ("dont {n} rouvert|dont {n} rouverts", "{n} of them reopened|{n} of them reopened"),
    "alert.accounts": ("comptes", "accounts"),
    "alert.accounts_shared": ("{n} compte partagé|{n} comptes partagés", "{n} shared account|{n} shared accounts"),
    "alert.account": ("{name} ({service}) : {how}", "{name} ({service}): {how}"),
    "alert.account_hidden": (
        "compte de l'incident {id} ({service}) : {how}",
        "the account of incident {id} ({service}): {how}",
    ),
    # Zones that end.
    "ending.title": (
        "La zone prend fin le {until} ({left}) et contient encore des fichiers",
        "The zone ends on {until} ({left}) and still holds files",
    ),
    "ending.until": ("fin", "end"),
    "ending.at": ("{until}, {left}", "{until}, {left}"),
    "ending.owner": ("responsable", "owner"),
    "ending.files": ("fichiers", "files"),
    "ending.days": ("dans {n} jour|dans {n} jours", "in {n} day|in {n} days"),
    "ending.today": ("aujourd'hui", "today"),
    "ending.advice": (
        "Faire effacer les fichiers d'ici là, ou prolonger la date de la zone (until) en disant pourquoi.",
        "Have the files deleted by then, or extend the zone's date (until) and say why.",
    ),
    # Coverage of a day.
    "coverage.day": (
        "Du {start} au {end} : {n} parcours terminé|Du {start} au {end} : {n} parcours terminés",
        "From {start} to {end}: {n} walk ended|From {start} to {end}: {n} walks ended",
    ),
    "coverage.earlier": ("aucun parcours ce jour-là, voici le précédent", "no walk that day, this is the one before"),
    "coverage.always": ("surveillance sans interruption", "watched all the time"),
    "coverage.unknown": (
        "on ne sait pas si la surveillance fonctionnait tout ce temps : seuls les parcours le disent",
        "it is not known whether somebody watched all that time: only the walks tell",
    ),
    "coverage.forged_life": (
        "signature fausse : un relevé de surveillance a été modifié",
        "wrong signature: a record of when somebody watched was altered",
    ),
    # The doctor on responses.
    "doctor.response.helper": (
        "réponses : « phiscan incidents respond » est au travail ; rien à faire",
        "responses: “phiscan incidents respond” is at work; nothing to do",
    ),
    "doctor.response.none": (
        "réponses : personne ne les exécute ; installez packaging/phiscan-respond.service ou lancez « phiscan "
        "incidents respond »",
        "responses: nobody carries them out; install packaging/phiscan-respond.service or run “phiscan incidents "
        "respond”",
    ),
    "doctor.response.dry": (
        "{path} : essai à blanc, rien n'est fait aux fichiers ; ajoutez --apply quand ses annonces conviennent",
        "{path}: a dry run, nothing is done to files; add --apply once you agree with what it announces",
    ),
    "doctor.response.no_mail": (
        "réponses : notify-owner n'a pas de messagerie ; renseignez alerts.email",
        "responses: notify-owner has no mail server; fill in alerts.email",
    ),
    "doctor.response.no_contact": (
        "réponses : notify-owner n'a personne à qui écrire ; donnez contact à des zones",
        "responses: notify-owner has nobody to write to; give zones a contact",
    ),
    "doctor.response.owners": (
        "réponses : notify-owner peut écrire à {n} contact ; rien à faire|"
        "réponses : notify-owner peut écrire à {n} contacts ; rien à faire",
        "responses: notify-owner can write to {n} contact; nothing to do|"
        "responses: notify-owner can write to {n} contacts; nothing to do",
    ),
    "doctor.response.read_only": (
        "{path} : système de fichiers en lecture seule, {action} y est impossible ; montez-le en écriture",
        "{path}: a read-only file system, {action} is impossible there; mount it writable",
    ),
    "doctor.response.shut": (
        "{path} : l'unité de phiscan-respond n'y laisse pas écrire, {action} échouera ; ajoutez-le à ReadWritePaths",
        "{path}: the unit of phiscan-respond may not write there, {action} will fail; add it to ReadWritePaths",
    ),
    "doctor.response.modes": (
        "{path} : {type} ne tient pas compte des droits des fichiers, chmod n'y ferme rien ; préférez quarantine",
        "{path}: {type} heeds no rights of files, chmod shuts nothing there; prefer quarantine",
    ),
    "doctor.response.chmod": ("{path} : chmod possible ; rien à faire", "{path}: chmod is possible; nothing to do"),
    "doctor.response.elsewhere": (
        "{path} : pas sur le même système de fichiers que {top}, où serait la quarantaine ; montez-le pour lui-même",
        "{path}: not on the file system of {top}, where the quarantine would be; mount it by itself",
    ),
    "doctor.response.quarantine": (
        "{path} : quarantaine possible, dans {folder} ; rien à faire",
        "{path}: quarantine is possible, in {folder}; nothing to do",
    ),
    "doctor.response.folder": (
        "{path} : phiscan-respond ne peut pas créer la quarantaine dans {folder} ; donnez-lui ce droit ou "
        "CAP_DAC_OVERRIDE",
        "{path}: phiscan-respond cannot make the quarantine in {folder}; give it that right or CAP_DAC_OVERRIDE",
    ),
    "doctor.response.not_ours": (
        "{path} : {folder} n'est pas un dossier du compte de phiscan-respond fermé aux autres (0700) ; rien n'y ira",
        "{path}: {folder} is no folder of phiscan-respond's account, shut to others (0700); nothing will go there",
    ),
    "doctor.response.unknown": (
        "{path} : on ne sait pas si {action} y est possible ({why}) ; vérifiez ce dossier",
        "{path}: whether {action} is possible there is not known ({why}); check this folder",
    ),
    # Incidents.
    "incident.account": ("compte", "account"),
    "incident.why.unseen": ("plus utilisé ainsi", "no longer used so"),
    "incident.why.account.changed": ("autre règle désormais", "another rule applies by now"),
    "exposed.opened": ("ouvert : {level}", "open: {level}"),
    "exposed.closed": ("fermé : {why}", "shut: {why}"),
    "read.during.yes": ("pendant l'exposition", "while it lay open"),
    "read.during.no": ("hors de l'exposition", "while it did not lie open"),
    "read.during.unknown": ("peut-être pendant l'exposition", "perhaps while it lay open"),
}
