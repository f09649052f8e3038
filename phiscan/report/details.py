"""The fixed phrases of gaps in French. Gaps speak English, like all that programs read; people read these.

A test finds every phrase in the source and asks that it stands here.
"""

from __future__ import annotations

import re

FRENCH: dict[str, str] = {
    "DICOM is not read": "DICOM non lu",
    "OneNote files are not read": "fichier OneNote non lu",
    "Outlook stores are not read": "boîte Outlook (pst, ost) non lue",
    "WordPerfect files are not read": "fichier WordPerfect non lu",
    "no text layer, OCR needed": "sans texte : numérisation à reconnaître",
    "JSON nested too deeply": "JSON trop imbriqué",
    "RTF too large to be read": "RTF trop gros pour être lu",
    "XFA form": "formulaire XFA",
    "XML entities expand too far": "entités XML qui se multiplient",
    "ZIP member cut short": "membre ZIP tronqué",
    "ZIP without its directory: cut short or damaged": "ZIP sans son répertoire : tronqué ou abîmé",
    "answer too large": "réponse trop grosse",
    "archives nested too deeply": "archives trop imbriquées",
    "marked as encrypted, but readable": "marqué comme chiffré, mais lisible",
    "audio: not transcribed": "audio : non transcrit",
    "checksum of a ZIP member does not fit": "somme de contrôle fausse dans le ZIP",
    "no spreadsheet": "pas une feuille de calcul",
    "too much text outside the cells of a spreadsheet": "trop de texte hors des cellules d'une feuille de calcul",
    "damaged header of a dBASE table": "en-tête abîmé d'une table dBASE",
    "the dBASE table ends before its last record": "la table dBASE s'arrête avant son dernier enregistrement",
    "memo fields are in another file (.dbt, .fpt): not read with their records": (
        "champs mémo rangés dans un autre fichier (.dbt, .fpt) : non lus avec leurs enregistrements"
    ),
    "columnar and statistical data files are not read": "fichiers de données colonnaires ou statistiques non lus",
    "no packed log": "journal compressé illisible",
    "the packed log breaks off": "journal compressé interrompu",
    "zstd is not installed": "zstd n'est pas installé",
    "compiled help files are not read": "aide compilée non lue",
    "compressed data is damaged": "données compressées abîmées",
    "compressed database dumps are not read": "sauvegarde de base compressée non lue",
    "compression method of a ZIP member": "méthode de compression ZIP non lue",
    "damaged PDF": "PDF abîmé",
    "damaged encrypted document": "document chiffré abîmé",
    "nested deeper than allowed": "imbriqué plus profond que permis",
    "the encrypted document breaks off": "document chiffré interrompu",
    "damaged Word document": "document Word abîmé",
    "damaged ZIP": "ZIP abîmé",
    "damaged ZIP member": "membre ZIP abîmé",
    "damaged archive": "archive abîmée",
    "damaged content": "contenu abîmé",
    "damaged office document": "document bureautique abîmé",
    "damaged part of a spreadsheet": "partie de classeur abîmée",
    "damaged part of an office document": "partie de document abîmée",
    "damaged spreadsheet": "classeur abîmé",
    "damaged tar": "tar abîmé",
    "database files are not read": "base de données non lue",
    "disk images are not read": "image disque non lue",
    "embedded objects in RTF are not read": "objets incorporés au RTF non lus",
    "encrypted section": "section chiffrée",
    "further members were not read": "les autres membres n'ont pas été lus",
    "image: no OCR here": "image : pas de reconnaissance de caractères ici",
    "internal error, see the log": "erreur interne, voir le journal",
    "kept changing while it was read": "modifié pendant toute la lecture",
    "larger than --max-file-size": "plus gros que --max-file-size",
    "libarchive is needed to read this archive": "libarchive est nécessaire pour lire cette archive",
    "libarchive or py7zr is needed to read this archive": "libarchive ou py7zr est nécessaire pour lire cette archive",
    "message body in compressed RTF": "corps de message en RTF compressé",
    "message too large to be read": "message trop gros pour être lu",
    "more bookmarks than allowed": "trop de signets",
    "more members than allowed": "trop de membres",
    "more pages than are read": "trop de pages",
    "more parts in a message than allowed": "trop de parties dans un message",
    "more unpacked bytes than allowed": "trop de données une fois décompressé",
    "needs more memory than allowed": "demande trop de mémoire",
    "nested too deeply": "trop imbriqué",
    "no longer a regular file": "n'est plus un fichier ordinaire",
    "operation not permitted": "opération interdite",
    "permission denied": "droits insuffisants",
    "replaced by a symbolic link": "remplacé par un lien symbolique",
    "not a file but the kernel's": "fichier du noyau, pas d'un disque",
    "out of memory": "mémoire épuisée",
    "over the memory limit": "au-delà de la limite de mémoire",
    "rights cannot be established here": "les droits ne peuvent pas être établis ici",
    "what a server gives away could not be established": "ce qu'un serveur donne à lire n'a pas pu être établi",
    "signed CMS messages are not read": "message CMS signé non lu",
    "signed OpenPGP messages are not read": "message OpenPGP signé non lu",
    "some rows could not be read as a table": "des lignes n'ont pas pu être lues comme un tableau",
    "stream of an OLE document too large to be read": "partie d'un document OLE trop grosse pour être lue",
    "the file became shorter while it was read": "le fichier a raccourci pendant la lecture",
    "the file could not be read": "le fichier n'a pas pu être lu",
    "the file could not be read to its end": "le fichier n'a pas pu être lu jusqu'au bout",
    "the file grew while it was read": "le fichier a grossi pendant la lecture",
    "the site's spaCy model could not read a passage": "le modèle spaCy du site n'a pas pu lire un passage",
    "the rows could not be read to their end": "les lignes n'ont pas pu être lues jusqu'au bout",
    "the rows need too much memory": "les lignes demandent trop de mémoire",
    "the spreadsheet needs too much memory": "le classeur demande trop de mémoire",
    "the worker answered nonsense": "le lecteur a répondu n'importe quoi",
    "the worker hung up": "le lecteur a raccroché",
    "this kind of OLE storage is not read": "ce genre de document OLE n'est pas lu",
    "unknown compressed or encrypted format": "format inconnu, compressé ou chiffré",
    "unpacks to too many times its size": "se décompresse démesurément",
    "video: not transcribed": "vidéo : non transcrite",
    "winmail.dat is not read": "winmail.dat non lu",
    "a line end in a name": "nom qui contient une fin de ligne",
    "a listing that is neither of Unix nor of Windows": "liste de fichiers de forme inconnue",
    "cannot be read without an account, or is no longer there": "illisible sans compte, ou disparu",
    "larger than what is kept in memory of a file behind an address": (
        "trop gros pour être gardé en mémoire : copiez le fichier, puis analysez la copie"
    ),
    "more files or folders than phiscan follows": "plus de fichiers ou de dossiers que phiscan n'en suit",
    "no longer there": "disparu",
    "out of reach": "hors d'atteinte",
    "what was mounted here is not": "ce qui était monté ici ne l'est plus",
    "no trusted encrypted connection: check the server's certificate": (
        "pas de connexion chiffrée de confiance : vérifiez le certificat du serveur"
    ),
    "the listing is too long": "liste de fichiers trop longue",
    "the server asks for an account": "le serveur demande un compte",
    "the server cannot be reached": "serveur injoignable",
    "the server hung up before the end": "le serveur a coupé avant la fin",
    "the server sends on to another host: give its address": (
        "le serveur renvoie vers un autre : donnez l'adresse de celui-ci"
    ),
    "the server shows a page where it could list the folder": (
        "le serveur montre une page au lieu de la liste du dossier"
    ),
}

# Phrases with a number in them.
_COUNTED = (
    (
        r"no text layer on (\d+) of (\d+) pages, OCR needed",
        r"\1 page(s) sur \2 sans texte : numérisation à reconnaître",
    ),
    (r"(\d+) of (\d+) pages are damaged", r"\1 page(s) sur \2 abîmée(s)"),
    (r"(\d+) pictures in the document not read: no OCR here", r"\1 image(s) du document non lue(s)"),
    (r"not fetched after (\S+) s", r"pas reçu après \1 s"),
    (r"the server was silent for (\S+) s", r"serveur muet pendant \1 s"),
    (r"the server answers (\d+)", r"le serveur répond \1"),
    (r"the listing took more than (\S+) s", r"liste de fichiers pas reçue après \1 s"),
    (r"not finished after (\S+) s", r"pas fini après \1 s"),
)


def in_french(detail: str) -> str:
    """Return a gap's phrase in French; one that is not known stays as it is."""
    if detail in FRENCH:
        return FRENCH[detail]
    for pattern, french in _COUNTED:
        if re.fullmatch(pattern, detail):
            return re.sub(pattern, french, detail)
    return detail
