"""What the daemon and its commands say: key → (French, English). Part of `phiscan.messages.catalogue`."""

from __future__ import annotations

DAEMON: dict[str, tuple[str, str]] = {
    "watch.nothing": (
        "watch : aucun dossier à surveiller dans la configuration",
        "watch: the configuration names no folder to watch",
    ),
    "watch.no_folder": ("watch : {path} : un dossier est attendu", "watch: {path}: a folder is expected"),
    "rule.duty": (
        "règle {rule} : duties : aucun fichier de rules/duties ne définit « {duty} »",
        "rule {rule}: duties: no file of rules/duties defines “{duty}”",
    ),
    # Alerts.
    "alert.unknown": ("{channel} : canal inconnu", "{channel}: unknown channel"),
    "alert.apprise.missing": (
        "alerts.apprise : il manque un paquet : pip install 'phiscan[apprise]'",
        "alerts.apprise: a package is missing: pip install 'phiscan[apprise]'",
    ),
    "alert.apprise.line": (
        "{place} : ce n'est pas une adresse qu'Apprise connaît",
        "{place}: not an address that Apprise knows",
    ),
    "alert.apprise.none": ("alerts.apprise : aucune adresse", "alerts.apprise: no address"),
    "alert.no_secret": (
        "alerts.{channel} : {key} manque, dans la configuration ou l'environnement",
        "alerts.{channel}: {key} is missing, in the configuration or the environment",
    ),
    "alert.kind.alert": ("Alerte", "Alert"),
    "alert.kind.repeat": ("Rappel", "Reminder"),
    "alert.kind.escalation": ("Sans réponse", "Nobody answered"),
    "alert.kind.resolved": ("Terminé", "Resolved"),
    "alert.kind.initial": ("État initial", "Initial state"),
    "alert.kind.digest": ("Nouvelles règles", "New rules"),
    "alert.kind.quiet": ("Pendant les heures calmes", "During quiet hours"),
    "alert.kind.deadline": ("Échéance légale", "Legal deadline"),
    "alert.kind.test": ("Essai", "Test"),
    "alert.files": ("{n} fichier|{n} fichiers", "{n} file|{n} files"),
    "alert.test": (
        "Ceci est un essai de phiscan : ce canal fonctionne.",
        "This is a test by phiscan: this channel works.",
    ),
    "alert.place": ("où", "where"),
    "alert.zone": ("zone {zone}", "zone {zone}"),
    "alert.places": ("plusieurs zones", "several zones"),
    "alert.exposed": ("exposé", "exposed"),
    "alert.was_exposed": ("était exposé", "was exposed"),
    "alert.open": (
        "{n} incident ouvert|{n} incidents ouverts",
        "{n} open incident|{n} open incidents",
    ),
    "alert.new": ("dont {n} nouveau|dont {n} nouveaux", "{n} of them new|{n} of them new"),
    "alert.over": ("{n} résolu|{n} résolus", "{n} resolved|{n} resolved"),
    "alert.count": ("incidents", "incidents"),
    "alert.persons": ("personnes", "people"),
    "alert.persons_some": (
        "{count} au moins, dont {health} avec des données de santé",
        "at least {count}, {health} of them with health data",
    ),
    "alert.persons_all": (
        "{count}, dont {health} avec des données de santé",
        "{count}, {health} of them with health data",
    ),
    "alert.facts": ("données", "data"),
    "alert.since": ("depuis", "since"),
    "alert.advice": ("à faire", "to do"),
    "alert.duties": ("à examiner", "to examine"),
    "alert.proposal": (
        "proposition à valider : seule la qualification par une personne ouvre un délai",
        "a proposal to be validated: only a person's qualification starts a deadline",
    ),
    "alert.within": ("{title} ({hours} h)", "{title} ({hours} h)"),
    "alert.deadline": ("échéance", "deadline"),
    "alert.due": ("{title} : avant le {at} (incident {id})", "{title}: by {at} (incident {id})"),
    "alert.overdue": (
        "{title} : délai dépassé depuis le {at} (incident {id})",
        "{title}: overdue since {at} (incident {id})",
    ),
    "alert.lookup": ("détail", "details"),
    "alert.none": ("aucun canal configuré (alerts)", "no channel is configured (alerts)"),
    "alert.accepted": ("accepté", "accepted"),
    "alert.partly": ("accepté, mais {why}", "accepted, but {why}"),
    "alert.refused": ("pas accepté : {why}", "not accepted: {why}"),
    "alert.kind.dismissal": ("Écarté", "Dismissed"),
    # Incidents.
    "incident.unknown": ("incident {id} : inconnu", "incident {id}: unknown"),
    "incident.not_open": (
        "incident {id} : déjà résolu ou écarté",
        "incident {id}: resolved or dismissed already",
    ),
    "incident.unasked": (
        "rien n'a été écarté : personne à qui demander ; ajoutez --yes",
        "nothing was dismissed: there is nobody to ask; add --yes",
    ),
    "incident.agree": ("Écarter ? [o/N] ", "Dismiss? [y/N] "),
    "incident.dismissed": (
        "{n} incident écarté ; il reste consigné|{n} incidents écartés ; ils restent consignés",
        "{n} incident dismissed; it stays on record|{n} incidents dismissed; they stay on record",
    ),
    "incident.hides": (
        "Cela écarte cet incident et {n} autre :|Cela écarte cet incident et {n} autres :",
        "This dismisses this incident and {n} other:|This dismisses this incident and {n} others:",
    ),
    "incident.none": ("Aucun incident.", "No incident."),
    "incident.history": ("Historique", "History"),
    "incident.duties": (
        "À examiner (propositions à valider ; seule la qualification « to_notify » ouvre un délai)",
        "To examine (proposals to be validated; only the qualification “to_notify” starts a deadline)",
    ),
    "incident.state": ("état", "state"),
    "incident.qualification": ("qualification", "qualification"),
    "incident.first_seen": ("vu d'abord", "first seen"),
    "incident.last_seen": ("vu en dernier", "last seen"),
    "incident.state.new": ("nouveau", "new"),
    "incident.state.acknowledged": ("pris en charge", "acknowledged"),
    "incident.state.resolved": ("résolu", "resolved"),
    "incident.state.dismissed": ("écarté", "dismissed"),
    "incident.why.gone": ("fichier disparu", "the file is gone"),
    "incident.why.encrypted": ("fichier chiffré", "the file is encrypted"),
    "incident.why.unexposed": ("plus exposé", "no longer exposed"),
    "incident.why.changed": ("contenu changé", "its content has changed"),
    "incident.why.excluded": ("exclu de la surveillance", "no longer watched"),
    "incident.why.person": ("déclaré résolu", "somebody said so"),
    "incident.aware": ("connu depuis le {at}", "known since {at}"),
    "incident.law.to_qualify": ("à qualifier", "to be qualified"),
    "incident.law.not_a_breach": ("pas une violation", "not a breach"),
    "incident.law.register_only": ("registre seulement", "register only"),
    "incident.law.to_notify": ("à notifier", "to be notified"),
    "incident.law.notified": ("notifié", "notified"),
    "incident.event.opened": ("ouvert", "opened"),
    "incident.event.reopened": ("rouvert", "reopened"),
    "incident.event.grown": ("aggravé ou complété", "grown or completed"),
    "incident.event.moved": ("déplacé ou renommé", "moved or renamed"),
    "incident.event.inherited": ("décision reprise d'une copie", "decision taken over from a copy"),
    "incident.event.acknowledged": ("pris en charge", "acknowledged"),
    "incident.event.resolved": ("résolu", "resolved"),
    "incident.event.dismissed": ("écarté", "dismissed"),
    "incident.event.undismissed": ("n'est plus écarté", "no longer dismissed"),
    "incident.event.reminded": ("échéance rappelée", "reminded of the deadline"),
    "incident.event.qualified": ("qualifié", "qualified"),
    "duty.at_once": ("dans les meilleurs délais", "without undue delay"),
    "duty.within": ("{hours} h après en avoir eu connaissance", "{hours} h after becoming aware"),
    "duty.until": ("avant le {at}", "by {at}"),
    # Coverage.
    "coverage.none": (
        "Aucun parcours terminé à cette date : rien n'est prouvé.",
        "No walk had ended by then: nothing is proved.",
    ),
    "coverage.walked": ("parcouru du {start} au {end}", "walked from {start} to {end}"),
    "coverage.scanned": ("lus", "read"),
    "coverage.partial": ("lus en partie", "read in part"),
    "coverage.encrypted": ("chiffrés", "encrypted"),
    "coverage.gap": ("non lus", "not read"),
    "coverage.unread": ("en attente", "waiting"),
    "coverage.left": ("exclus : {excluded} ; lacunes : {gaps}", "excluded: {excluded}; gaps: {gaps}"),
    "coverage.down": ("surveillance arrêtée du {start} au {end}", "no watch from {start} to {end}"),
    "coverage.rules": ("reconnaisseurs {detect}, règles {rules}", "recognizers {detect}, rules {rules}"),
    "coverage.signed": ("signature valide", "the signature is valid"),
    "coverage.forged": ("signature fausse : ce relevé a été modifié", "wrong signature: this record was altered"),
    # The purge.
    "purge.nothing": ("Rien d'assez ancien à effacer.", "Nothing is old enough to be deleted."),
    "purge.incidents": (
        "{n} incident clos effacé|{n} incidents clos effacés",
        "{n} closed incident deleted|{n} closed incidents deleted",
    ),
    "purge.events": ("{n} événement effacé|{n} événements effacés", "{n} event deleted|{n} events deleted"),
    "purge.decisions": (
        "{n} décision échue effacée|{n} décisions échues effacées",
        "{n} decision out of force deleted|{n} decisions out of force deleted",
    ),
    "purge.responses": (
        "{n} réponse terminée effacée|{n} réponses terminées effacées",
        "{n} response that had ended deleted|{n} responses that had ended deleted",
    ),
    "purge.groups": (
        "{n} groupe d'alertes effacé|{n} groupes d'alertes effacés",
        "{n} group of alerts deleted|{n} groups of alerts deleted",
    ),
    "purge.outbox": ("{n} envoi effacé|{n} envois effacés", "{n} delivery deleted|{n} deliveries deleted"),
    "purge.fingerprints": (
        "empreintes de personnes effacées pour {n} contenu|empreintes de personnes effacées pour {n} contenus",
        "fingerprints of persons deleted for {n} content|fingerprints of persons deleted for {n} contents",
    ),
    "purge.walks": (
        "{n} relevé de parcours effacé|{n} relevés de parcours effacés",
        "{n} record of a walk deleted|{n} records of walks deleted",
    ),
    "purge.ledger": (
        "{n} fichier d'un dossier qui n'est plus surveillé oublié|"
        "{n} fichiers de dossiers qui ne sont plus surveillés oubliés",
        "{n} file of a folder no longer watched forgotten|{n} files of folders no longer watched forgotten",
    ),
    "purge.roots": (
        "{n} dossier qui n'est plus surveillé oublié|{n} dossiers qui ne sont plus surveillés oubliés",
        "{n} folder no longer watched forgotten|{n} folders no longer watched forgotten",
    ),
    "purge.kept": (
        "{n} incident clos depuis longtemps reste : à qualifier ou à notifier (phiscan incidents qualify)|"
        "{n} incidents clos depuis longtemps restent : à qualifier ou à notifier (phiscan incidents qualify)",
        "{n} incident closed long ago stays: to be qualified or notified (phiscan incidents qualify)|"
        "{n} incidents closed long ago stay: to be qualified or notified (phiscan incidents qualify)",
    ),
    # The store.
    "store.driver": (
        "store : PostgreSQL demande un paquet de plus : pip install 'phiscan[postgresql]'",
        "store: PostgreSQL needs one more package: pip install 'phiscan[postgresql]'",
    ),
    "store.address": ("store : adresse invalide", "store: invalid address"),
    "store.missing": (
        "{path} : aucune base phiscan ici ; « phiscan watch » la crée",
        "{path}: no phiscan store here; “phiscan watch” makes it",
    ),
    "store.made": ("{path} : la base n'a pas pu être créée ({why})", "{path}: the store could not be made ({why})"),
    "store.version": (
        "{path} : base de version {found}, plus récente que ce phiscan (version {known}) : mettez phiscan à jour",
        "{path}: store of version {found}, newer than this phiscan (version {known}): update phiscan",
    ),
    "store.older": (
        "{path} : base de version {found}, plus ancienne que ce phiscan (version {known}) : « phiscan watch » la met à "
        "jour",
        "{path}: store of version {found}, older than this phiscan (version {known}): “phiscan watch” migrates it",
    ),
    "store.running": (
        "{path} : un autre « phiscan watch » tient déjà cette base",
        "{path}: another “phiscan watch” already holds this store",
    ),
    "store.lock_lost": (
        "{path} : la connexion qui tenait la base a été perdue, rien n'a été écrit",
        "{path}: the connection that held the store was lost, nothing was written",
    ),
    "store.full": ("{path} : disque plein, rien n'a été écrit", "{path}: disk full, nothing was written"),
    "store.locked": (
        "{path} : base verrouillée par un autre programme",
        "{path}: the store is locked by another program",
    ),
    "store.corrupt": (
        "{path} : base abîmée ; restaurez une sauvegarde",
        "{path}: the store is damaged; restore a backup",
    ),
    "store.denied": ("{path} : droits insuffisants sur la base", "{path}: the rights on the store do not suffice"),
    "store.io": ("{path} : la base n'a pas pu être lue ou écrite", "{path}: the store could not be read or written"),
    "store.refused": ("{path} : la base refuse l'accès", "{path}: the store refuses access"),
    "store.unreachable": ("{path} : base injoignable", "{path}: the store cannot be reached"),
}
