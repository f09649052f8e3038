"""What is said of zones that come to their end and of responses: key → (French, English)."""

from __future__ import annotations

RESPONSE: dict[str, tuple[str, str]] = {
    # `phiscan coverage --zone`.
    "help.coverage.zone": (
        "Le rapport d'une zone déclarée, de sa déclaration à l'effacement prouvé (3 s'il ne l'est pas)",
        "The report of a declared zone, from its declaration to its proved erasure (3 where it is not)",
    ),
    "coverage.no_zone": (
        "{path} : aucune zone déclarée ici (zones, dans la configuration)",
        "{path}: no zone is declared here (zones, in the configuration)",
    ),
    "coverage.unwatched": (
        "{path} : hors des dossiers surveillés (watch), rien n'en est connu",
        "{path}: outside the watched folders (watch), nothing is known of it",
    ),
    "migration.owner": ("responsable", "owner"),
    "migration.contact": ("contact", "contact"),
    "migration.controller": ("pour le compte de", "on behalf of"),
    "migration.allow": ("données prévues", "meant for"),
    "migration.until": ("à effacer avant", "to be gone by"),
    "migration.source": ("déclarée dans", "declared in"),
    "migration.first_arrival": ("première arrivée", "first arrival"),
    "migration.last_arrival": ("dernière arrivée", "last arrival"),
    "migration.last_departure": ("dernier départ", "last departure"),
    "migration.files": ("fichiers", "files"),
    "migration.counts": (
        "{arrived} arrivés, {departed} partis, {now} présents",
        "{arrived} arrived, {departed} gone, {now} there",
    ),
    "migration.course": ("Au fil des parcours", "Over the walks"),
    "migration.persons": (
        "{persons} personnes au plus, dont {health} avec des données de santé",
        "{persons} people at most, {health} of them with health data",
    ),
    "migration.incidents": ("Incidents et décisions", "Incidents and decisions"),
    "migration.verified": (
        "Effacement prouvé : le parcours du {start} au {end} n'y a trouvé aucun fichier.",
        "Erasure proved: the walk from {start} to {end} met no file there.",
    ),
    "migration.not_verified": ("Effacement non prouvé :", "Erasure not proved:"),
    "migration.not.no_end": ("la zone n'a pas de date de fin (until)", "the zone has no last day (until)"),
    "migration.not.not_over": ("la date de fin n'est pas passée", "the last day is not over"),
    "migration.not.quarantined": (
        "des fichiers venus de cette zone sont en quarantaine",
        "files from this zone lie in quarantine",
    ),
    "migration.not.no_walk": (
        "aucun parcours complet n'a commencé depuis la fin et le dernier mouvement",
        "no whole walk has begun since the end and the last movement",
    ),
    "migration.not.forged": ("le relevé du dernier parcours a été modifié", "the record of the last walk was altered"),
    "migration.not.files": ("des fichiers sont encore là", "files are still there"),
    "migration.not.gaps": (
        "une partie n'a pas pu être parcourue ou lue",
        "a part could not be walked or read",
    ),
    "migration.not.excluded": ("une partie est exclue de la surveillance", "a part is left out on purpose"),
    "migration.not.another_device": (
        "un autre système de fichiers est monté ici : les fichiers sont peut-être sur celui d'avant",
        "another file system is mounted here: the files may lie on the one before",
    ),
}
