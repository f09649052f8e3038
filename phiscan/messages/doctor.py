"""What `phiscan doctor` says: key → (French, English). Part of `phiscan.messages.catalogue`."""

from __future__ import annotations

DOCTOR: dict[str, tuple[str, str]] = {
    "doctor.grade.good": ("bon", "good"),
    "doctor.grade.note": ("à savoir", "note"),
    "doctor.grade.warning": ("attention", "warning"),
    "doctor.grade.error": ("erreur", "error"),
    "doctor.count.error": ("{n} erreur|{n} erreurs", "{n} error|{n} errors"),
    "doctor.count.warning": ("{n} point d'attention|{n} points d'attention", "{n} warning|{n} warnings"),
    "doctor.count.note": ("{n} à savoir|{n} à savoir", "{n} note|{n} notes"),
    "doctor.count.good": ("{n} bon|{n} bons", "{n} good|{n} good"),
    # Configuration, recognizers, parts.
    "doctor.config": ("{path} : configuration valide", "{path}: the configuration is valid"),
    "doctor.config.none": (
        "configuration : aucun fichier phiscan.yaml trouvé, les valeurs par défaut s'appliquent ; « phiscan init » "
        "en écrit un",
        "configuration: no phiscan.yaml was found, the defaults apply; “phiscan init” writes one",
    ),
    "doctor.config.writable": (
        "{path} : tout compte de la machine peut modifier la configuration ; chmod o-w {path}",
        "{path}: every account of this machine can change the configuration; chmod o-w {path}",
    ),
    "doctor.rules": (
        "reconnaisseurs et règles : {recognizers} et {rules}, tous valides",
        "recognizers and rules: {recognizers} and {rules}, all valid",
    ),
    "doctor.archives": ("libarchive : présente", "libarchive: present"),
    "doctor.archives.none": (
        "libarchive : absente, les archives RAR, cab et ISO ne seront pas lues ; apt install libarchive13, puis "
        "pip install 'phiscan[archives]'",
        "libarchive: missing, RAR, cab and ISO archives will not be read; apt install libarchive13, then "
        "pip install 'phiscan[archives]'",
    ),
    "doctor.ocr": (
        "OCR : cette version ne lit pas le texte des images ; chaque image est signalée comme non lue",
        "OCR: this version does not read text in images; each image is reported as not read",
    ),
    "doctor.confined": (
        "noyau : Landlock actif, la lecture des fichiers est confinée",
        "kernel: Landlock is active, the reading of files is confined",
    ),
    "doctor.confined.less": (
        "noyau : sans Landlock, la lecture des fichiers est moins confinée ; utilisez Linux 5.13 ou plus récent, avec "
        "« landlock » dans le paramètre de démarrage lsm=",
        "kernel: without Landlock the reading of files is less confined; use Linux 5.13 or later, with “landlock” in "
        "the boot parameter lsm=",
    ),
    # Folders.
    "doctor.root": (
        "{path} : lisible, {n} dossier à surveiller|{path} : lisible, {n} dossiers à surveiller",
        "{path}: readable, {n} folder to watch|{path}: readable, {n} folders to watch",
    ),
    "doctor.watch.none": (
        "watch : aucun dossier à surveiller ; donnez-en la liste, ou faites-la proposer par « phiscan init »",
        "watch: no folder to watch; list some, or have “phiscan init” propose them",
    ),
    "doctor.root.missing": (
        "{path} : ce dossier à surveiller n'existe pas ; créez-le, montez-le, ou retirez-le de watch",
        "{path}: this folder to watch does not exist; make it, mount it, or remove it from watch",
    ),
    "doctor.root.denied": (
        "{path} : ce dossier à surveiller est illisible pour ce compte ; lancez phiscan par son service systemd "
        "(CAP_DAC_READ_SEARCH), ou donnez au compte le droit de lecture",
        "{path}: this account may not read this folder to watch; run phiscan by its systemd service "
        "(CAP_DAC_READ_SEARCH), or give the account the right to read",
    ),
    "doctor.root.broken": (
        "{path} : ce dossier à surveiller ne répond pas ({why}) ; vérifiez le disque ou le montage",
        "{path}: this folder to watch does not answer ({why}); check the disk or the mount",
    ),
    "doctor.root.silent": (
        "{path} : le noyau n'annonce pas les changements de ce système de fichiers ({type}) ; le dossier est parcouru "
        "chaque minute, rien à faire",
        "{path}: the kernel does not tell of changes on this file system ({type}); it is walked every minute, nothing "
        "to do",
    ),
    "doctor.root.shut": (
        "{path} : {n} dossier illisible pour ce compte ({first}), son contenu restera non lu ; donnez le droit de "
        "lecture, ou excluez-le (exclude)|{path} : {n} dossiers illisibles pour ce compte (dont {first}), leur contenu "
        "restera non lu ; donnez le droit de lecture, ou excluez-les (exclude)",
        "{path}: {n} folder that this account may not read ({first}), its content will stay unread; give the right to "
        "read, or exclude it|{path}: {n} folders that this account may not read (one is {first}), their content will "
        "stay unread; give the right to read, or exclude them",
    ),
    "doctor.root.unknown": (
        "{path} : les droits ne disent pas qui peut lire ({why}) ; déclarez ce dossier sous zones avec exposure",
        "{path}: rights do not tell who can read ({why}); declare this folder under zones with exposure",
    ),
    "doctor.servers": (
        "{path} : ce que ce serveur donne à lire n'est pas connu ({why}) ; les lieux que rien d'autre n'ouvre "
        "restent d'exposition inconnue. Corrigez la configuration, lancez phiscan en root, ou déclarez les zones",
        "{path}: what this server gives away is not known ({why}); places that nothing else opens stay of unknown "
        "exposure. Correct the configuration, run phiscan as root, or declare the zones",
    ),
    "doctor.zone.missing": (
        "{source} : la zone {path} n'est pas un dossier ; corrigez le chemin, ou retirez la zone",
        "{source}: the zone {path} is no folder; correct the path, or remove the zone",
    ),
    "doctor.zone.outside": (
        "{source} : la zone {path} est hors des dossiers surveillés ; ajoutez-la à watch, ou retirez-la",
        "{source}: the zone {path} lies outside the watched folders; add it to watch, or remove it",
    ),
    "doctor.watches": (
        "inotify : {needed} surveillances nécessaires, {allowed} permises par le noyau",
        "inotify: {needed} watches needed, {allowed} allowed by the kernel",
    ),
    "doctor.watches.few": (
        "inotify : {needed} dossiers à surveiller, mais {allowed} surveillances permises par le noyau : le reste n'est "
        "vu que par un parcours par minute ; écrivez {key}={advised} dans "
        "/etc/sysctl.d/90-phiscan.conf, puis sysctl --system",
        "inotify: {needed} folders to watch, but the kernel allows {allowed} watches: the rest is seen only by a walk "
        "every minute; write {key}={advised} into /etc/sysctl.d/90-phiscan.conf, then "
        "sysctl --system",
    ),
    "doctor.watches.uncounted": (
        "inotify : au moins {needed} dossiers, comptage arrêté après {seconds} s ; {allowed} surveillances permises "
        "par le noyau",
        "inotify: at least {needed} folders, counting stopped after {seconds} s; the kernel allows {allowed} watches",
    ),
    "doctor.instances": (
        "inotify : le noyau n'accorde plus de file d'événements à ce compte (au plus {allowed}) ; augmentez "
        "fs.inotify.max_user_instances dans /etc/sysctl.d/90-phiscan.conf, puis sysctl --system",
        "inotify: the kernel gives this account no more queues of events ({allowed} at most); raise "
        "fs.inotify.max_user_instances in /etc/sysctl.d/90-phiscan.conf, then sysctl --system",
    ),
    # Key, store, disk.
    "doctor.key": ("{path} : clé valide, droits {mode}", "{path}: the key is valid, mode {mode}"),
    "doctor.key.new": (
        "{path} : pas encore de clé ; « phiscan watch » la crée",
        "{path}: no key yet; “phiscan watch” makes it",
    ),
    "doctor.key.folder": (
        "{path} : la clé ne pourra pas être créée, {folder} n'est pas accessible en écriture à ce compte ; donnez le "
        "droit, ou changez key_file",
        "{path}: the key cannot be made, this account may not write in {folder}; give the right, or change key_file",
    ),
    "doctor.key.rights": (
        "{path} : d'autres comptes ont des droits sur la clé ({mode}) ; chmod 600 {path}",
        "{path}: other accounts have rights on the key ({mode}); chmod 600 {path}",
    ),
    "doctor.store": (
        "{path} : base accessible, de la bonne version, non verrouillée",
        "{path}: the store can be reached, has the right version and is not locked",
    ),
    "doctor.store.new": (
        "{path} : pas encore de base ; « phiscan watch » la crée",
        "{path}: no store yet; “phiscan watch” makes it",
    ),
    "doctor.store.empty": (
        "{path} : le serveur répond et ne contient pas encore de base phiscan ; « phiscan watch » la crée",
        "{path}: the server answers and holds no phiscan store yet; “phiscan watch” makes it",
    ),
    "doctor.store.folder": (
        "{path} : la base ne pourra pas être créée, {folder} n'est pas accessible en écriture à ce compte ; donnez le "
        "droit, ou changez store",
        "{path}: the store cannot be made, this account may not write in {folder}; give the right, or change store",
    ),
    "doctor.store.owner": (
        "{path} : cette base appartient à {owner}, le service tourne en tant que {user} et ne pourra pas y écrire ; "
        "chown {user} {path}*",
        "{path}: this store belongs to {owner}, the service runs as {user} and cannot write it; chown {user} {path}*",
    ),
    "doctor.daemon": ("phiscan watch : en marche", "phiscan watch: at work"),
    "doctor.daemon.never": (
        "phiscan watch : jamais lancé sur cette base ; rien n'est surveillé",
        "phiscan watch: it has never run on this store; nothing is watched",
    ),
    "doctor.daemon.silent": (
        "phiscan watch : aucun signe de vie depuis {minutes} min, rien n'est surveillé ; systemctl start phiscan, puis "
        "journalctl -u phiscan",
        "phiscan watch: no sign of life for {minutes} min, nothing is watched; systemctl start phiscan, then "
        "journalctl -u phiscan",
    ),
    "doctor.disk": ("{path} : {free} libres sur le disque de la base", "{path}: {free} free on the disk of the store"),
    "doctor.disk.scarce": (
        "{path} : seulement {free} libres sur le disque de la base ; libérez de la place, sans quoi plus rien ne sera "
        "consigné",
        "{path}: only {free} free on the disk of the store; make room, or nothing will be recorded any more",
    ),
    "doctor.disk.full": (
        "{path} : le disque de la base est plein ({free} libres) ; libérez de la place",
        "{path}: the disk of the store is full ({free} free); make room",
    ),
    "doctor.disk.inodes": (
        "{path} : le disque de la base n'a plus d'inode libre ; supprimez des fichiers",
        "{path}: the disk of the store has no free inode; delete files",
    ),
    # Channels, heartbeat, metrics.
    "doctor.channel": (
        "alerts.{channel} : configuré, secret lisible ; « phiscan alert-test » l'essaie",
        "alerts.{channel}: configured, its secret can be read; “phiscan alert-test” tries it",
    ),
    "doctor.channel.none": (
        "alerts : aucun canal configuré, personne ne sera prévenu ; ajoutez-en un (email, slack, webhook…)",
        "alerts: no channel is configured, nobody will be told; add one (email, slack, webhook…)",
    ),
    "doctor.channel.refusing": (
        "alerts.{channel} : {n} message en attente depuis {minutes} min, pas accepté ({why}) ; rien n'est perdu, mais "
        "rétablissez ce canal, puis « phiscan alert-test »|"
        "alerts.{channel} : {n} messages en attente, pas acceptés ({why}), le plus ancien depuis {minutes} min ; rien "
        "n'est perdu, mais rétablissez ce canal, puis « phiscan alert-test »",
        "alerts.{channel}: {n} message has waited for {minutes} min, not accepted ({why}); nothing is lost, but mend "
        "this channel, then “phiscan alert-test”|"
        "alerts.{channel}: {n} messages wait, not accepted ({why}), the oldest for {minutes} min; nothing is lost, but "
        "mend this channel, then “phiscan alert-test”",
    ),
    "doctor.channel.partly": (
        "alerts.{channel} : dernier message accepté, mais {why} ; corrigez les adresses, puis « phiscan alert-test »",
        "alerts.{channel}: the last message was accepted, but {why}; correct the addresses, then “phiscan alert-test”",
    ),
    "doctor.channel.file": (
        "{path} : alerts.file n'est pas accessible en écriture à ce compte ; donnez le droit, ou changez path",
        "{path}: this account may not write alerts.file; give the right, or change path",
    ),
    "doctor.secret.unreadable": (
        "{key} : {why} ; créez ce fichier, ou corrigez son chemin ou ses droits",
        "{key}: {why}; make this file, or correct its path or its rights",
    ),
    "doctor.secret.rights": (
        "{path} : tout compte de la machine peut lire ce secret ({mode}) ; chmod o-r {path}",
        "{path}: every account of this machine can read this secret ({mode}); chmod o-r {path}",
    ),
    "doctor.dpo.none": (
        "organisation.dpo : aucune adresse, le DPO ne saura rien d'un incident grave écarté ; ajoutez-la",
        "organisation.dpo: no address, the DPO will not learn of a grave incident that is dismissed; add it",
    ),
    "doctor.dpo.no_mail": (
        "organisation.dpo : pas de canal alerts.email, rien ne part à cette adresse ; ajoutez-le",
        "organisation.dpo: there is no channel alerts.email, nothing goes to that address; add it",
    ),
    "doctor.heartbeat": (
        "heartbeat : un signe de vie toutes les {seconds} s",
        "heartbeat: a sign of life every {seconds} s",
    ),
    "doctor.heartbeat.none": (
        "heartbeat : aucune adresse ; si la machine s'arrête, personne ne le remarque ; donnez heartbeat.url_file",
        "heartbeat: no address; if this machine stops, nobody notices; give heartbeat.url_file",
    ),
    "doctor.heartbeat.address": (
        "heartbeat.url_file : n'est pas une adresse http:// ou https:// ; corrigez ce fichier",
        "heartbeat.url_file: no http:// or https:// address; correct this file",
    ),
    "doctor.metrics.taken": (
        "metrics : {address} est déjà pris, par « phiscan watch » s'il tourne ; sinon choisissez une autre adresse",
        "metrics: {address} is taken, by “phiscan watch” if it runs; otherwise choose another address",
    ),
    "doctor.metrics.wrong": (
        "metrics : {address} n'a pas de port valide ; donnez un port de 1 à 65535",
        "metrics: {address} has no valid port; give a port from 1 to 65535",
    ),
    # Service and clock.
    "doctor.unit": (
        "{path} : service installé, relancé s'il se tait {seconds} s",
        "{path}: the service is installed, and begun anew if it is silent for {seconds} s",
    ),
    "doctor.unit.none": (
        "systemd : phiscan.service n'est pas installé, rien ne relance le démon ; installez packaging/phiscan.service",
        "systemd: phiscan.service is not installed, nothing begins the daemon anew; install packaging/phiscan.service",
    ),
    "doctor.systemd.none": (
        "systemd : absent de cette machine ; faites relancer « phiscan watch » par ce qui le remplace",
        "systemd: not on this machine; have what takes its place begin “phiscan watch” anew",
    ),
    "doctor.unit.type": (
        "{path} : Type={type}, systemd ne saura pas quand le démon est prêt ni s'il est vivant ; écrivez Type=notify",
        "{path}: Type={type}, systemd will not know when the daemon is ready or whether it lives; write Type=notify",
    ),
    "doctor.unit.watchdog": (
        "{path} : sans WatchdogSec, un démon bloqué n'est pas relancé ; écrivez WatchdogSec=300",
        "{path}: without WatchdogSec a daemon that hangs is not begun anew; write WatchdogSec=300",
    ),
    "doctor.unit.short": (
        "{path} : WatchdogSec={seconds} relancerait un démon en bonne santé ; écrivez au moins {least}",
        "{path}: WatchdogSec={seconds} would begin a healthy daemon anew; write at least {least}",
    ),
    "doctor.account": (
        "compte : examiné en tant que {me}, le service tourne en tant que {user}, dont les droits peuvent différer",
        "account: examined as {me}, the service runs as {user}, whose rights may differ",
    ),
    "doctor.clock": ("horloge : synchronisée", "clock: synchronised"),
    "doctor.clock.free": (
        "horloge : rien ne la met à l'heure, les délais légaux partiraient d'une heure fausse ; timedatectl set-ntp "
        "true, ou installez chrony",
        "clock: nothing keeps it right, legal deadlines would start from a wrong time; timedatectl set-ntp true, or "
        "install chrony",
    ),
    "doctor.clock.back": (
        "horloge : elle retarde de {seconds} s au moins sur le dernier signe de vie de « phiscan watch » ; remettez-la "
        "à l'heure",
        "clock: it is at least {seconds} s behind the last sign of life of “phiscan watch”; set it right",
    ),
    # What to do about what the daemon itself would say: added to its line.
    "doctor.todo.watch.no_folder": ("corrigez watch", "correct watch"),
    "doctor.todo.tests.file": ("corrigez ce fichier, ou test_persons", "correct this file, or test_persons"),
    "doctor.todo.key.file": ("donnez ce fichier au compte du service", "give this file to the account of the service"),
    "doctor.todo.key.shape": ("restaurez la clé d'une sauvegarde", "restore the key from a backup"),
    "doctor.todo.key.other": (
        "restaurez la bonne clé, ou partez d'une base vide",
        "restore the right key, or begin with an empty store",
    ),
    "doctor.todo.store.address": (
        "écrivez sqlite:////chemin ou postgresql+psycopg://…",
        "write sqlite:////path or postgresql+psycopg://…",
    ),
    "doctor.todo.store.locked": (
        "terminez ce programme (fuser le nomme) ; d'ici là rien n'est consigné",
        "end that program (fuser names it); until then nothing is recorded",
    ),
    "doctor.todo.store.denied": (
        "lancez phiscan sous le compte du service, ou corrigez les droits du fichier et de son dossier",
        "run phiscan as the account of the service, or correct the rights of the file and its folder",
    ),
    "doctor.todo.store.full": ("libérez de la place", "make room"),
    "doctor.todo.store.io": ("vérifiez le disque (dmesg)", "check the disk (dmesg)"),
    "doctor.todo.store.refused": (
        "vérifiez le compte, le mot de passe et la base que nomme store",
        "check the account, the password and the database that store names",
    ),
    "doctor.todo.store.unreachable": (
        "vérifiez que le serveur tourne et que l'adresse de store est juste",
        "check that the server runs and that the address of the store is right",
    ),
}
