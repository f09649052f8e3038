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
