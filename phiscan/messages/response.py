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
    "migration.until": ("dernier jour", "last day"),
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
    "migration.went": (
        "sans compter {n} fichier parti avant la fin du relevé|sans compter {n} fichiers partis avant la fin du relevé",
        "not counting {n} file that went before the record was written"
        "|not counting {n} files that went before the record was written",
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
    # Responses.
    "help.respond": (
        "L'assistant qui agit sur les incidents selon « response » : quarantine, chmod ou notify-owner, par règle. Un "
        "processus à part, avec les droits d'écriture que la surveillance n'a pas. Sans --apply, il dit seulement ce "
        "qu'il ferait. Rien n'est jamais supprimé ; « phiscan incidents restore » remet tout en place.",
        "The helper that acts on incidents as “response” says: quarantine, chmod or notify-owner, per rule. A process "
        "of its own, with the rights to write that the daemon has not. Without --apply it only says what it would do. "
        "Nothing is ever deleted; “phiscan incidents restore” puts everything back.",
    ),
    "help.respond.short": ("Agit sur les incidents.", "Act on incidents."),
    "help.respond.examples": (
        "Exemples :\n\nphiscan incidents respond --once\n\nphiscan incidents respond --apply",
        "Examples:\n\nphiscan incidents respond --once\n\nphiscan incidents respond --apply",
    ),
    "help.respond.apply": ("Agit, au lieu de dire ce qui serait fait.", "Act, instead of saying what would be done."),
    "help.respond.once": ("Traite ce qui attend, puis s'arrête.", "Do what waits, then end."),
    "help.incidents.restore": (
        "Remet à sa place le fichier d'un incident mis en quarantaine, ou lui rend ses droits. Il n'est plus repris "
        "tant que son contenu est le même.",
        "Puts the quarantined file of an incident back to its place, or gives it its rights back. It is not taken away "
        "again while its content is the same.",
    ),
    "help.incidents.restore.short": ("Remet un fichier en place.", "Put a file back."),
    "store.responding": (
        "{path} : un autre « phiscan incidents respond » tient déjà cette base",
        "{path}: another “phiscan incidents respond” already holds this store",
    ),
    "incident.kept": ("gardé dans", "kept at"),
    "incident.why.quarantined": ("mis en quarantaine", "quarantined"),
    "incident.event.responded": ("réponse", "response"),
    "response.rule": (
        "response : {rule} : aucune règle n'a cet identifiant",
        "response: {rule}: no rule has this id",
    ),
    "response.none": ("Rien n'attend.", "Nothing waits."),
    "response.dry": (
        "Essai à blanc : rien n'a été fait. Pour agir : phiscan incidents respond --apply",
        "Dry run: nothing was done. To act: phiscan incidents respond --apply",
    ),
    "response.nothing": (
        "incident {id} : rien à remettre en place",
        "incident {id}: there is nothing to put back",
    ),
    "response.not_restored": (
        "incident {id} : pas remis en place : {wrong}",
        "incident {id}: not put back: {wrong}",
    ),
    "response.restored.quarantine": ("Remis à sa place : {path}", "Put back to its place: {path}"),
    "response.restored.chmod": ("Droits rendus : {path}", "Rights given back: {path}"),
    "response.action.quarantine": ("quarantaine", "quarantine"),
    "response.action.chmod": ("fermeture des droits", "closing of rights"),
    "response.action.notify-owner": ("message au responsable", "message to the owner"),
    "response.state.dry": ("{action} : à blanc, rien n'a été fait", "{action}: dry run, nothing was done"),
    "response.state.would_not": ("{action} : ne se ferait pas", "{action}: would not be done"),
    "response.state.doing": ("{action} : en cours", "{action}: under way"),
    "response.state.undoing": ("{action} : remise en place en cours", "{action}: being put back"),
    "response.state.done": ("{action} : fait", "{action}: done"),
    "response.state.refused": ("{action} : pas fait", "{action}: not done"),
    "response.state.restored": ("{action} : remis en place", "{action}: put back"),
    "response.links": (
        "il a {n} autre nom, qui reste lisible|il a {n} autres noms, qui restent lisibles",
        "it has {n} other name, which can still be read|it has {n} other names, which can still be read",
    ),
    "response.why.outside": ("hors des dossiers surveillés", "outside the watched folders"),
    "response.why.changed": (
        "le fichier n'est plus celui qui a été jugé",
        "the file is no longer the one that was judged",
    ),
    "response.why.vanished": ("le fichier ou son dossier n'est plus là", "the file or its folder is no longer there"),
    "response.why.link": ("un lien a pris la place d'un dossier", "a link has taken a folder's place"),
    "response.why.another_device": ("un autre système de fichiers", "another file system"),
    "response.why.read_only": ("système de fichiers en lecture seule", "the file system is read-only"),
    "response.why.full": ("disque plein", "the disk is full"),
    "response.why.denied": ("droits insuffisants", "the rights do not suffice"),
    "response.why.taken": ("un autre fichier a pris cette place", "another file has taken that place"),
    "response.why.no_noreplace": (
        "ce système de fichiers ne sait pas déplacer sans risque d'écraser",
        "this file system cannot move without the risk of overwriting",
    ),
    "response.why.not_ours": (
        "le dossier .phiscan-quarantine n'est pas à ce compte ou pas fermé (0700)",
        "the folder .phiscan-quarantine is not this account's, or not shut (0700)",
    ),
    "response.why.ignored": ("le système de fichiers ignore ces droits", "the file system ignores these rights"),
    "response.why.over": ("l'incident n'est plus ouvert", "the incident is no longer open"),
    "response.why.not_configured": (
        "la configuration ne le demande plus",
        "the configuration does not ask for it any more",
    ),
    "response.why.no_contact": ("la zone n'a pas de contact", "the zone has no contact"),
    "response.why.no_mail": ("aucun canal email configuré", "no email channel is configured"),
}
