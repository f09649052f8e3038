#!/bin/sh
# Collects what `phiscan zones --from FILE` needs to tell what a server gives away, where phiscan itself cannot run.
#
#   sh collector.sh > server.tar            as root; --no-logs leaves access logs out
#
# It reads configuration files, accounts (without passwords), the rights of shared folders, the servers' command lines,
# what listens, and the end of access logs, which name addresses and files: treat the archive accordingly. It changes
# nothing, opens no connection, and takes no key, no password file and no file of a share but the access rules in its
# .htaccess files.
set -u
umask 077
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
export LC_ALL PATH

logs=yes
[ "${1:-}" = --no-logs ] && logs=no
if [ -t 1 ]; then
  echo "collector: the archive goes to standard output: sh $0 > server.tar" >&2
  exit 2
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/phiscan.XXXXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
root=$work/machine
mkdir "$root" "$root/etc" "$root/proc" "$root/proc/net"

# Settings by which servers log in elsewhere.
secrets='SQL[A-Za-z]*ConnectInfo|LDAPDNInfo|LDAPBindDN|LDAPBindPW|AuthLDAPBindPassword|DBDParams|MYSQLPassword|PGSQLPassword'

# take FILE: its first 4 MiB, links as what they lead to.
take() {
  [ -f "$1" ] && [ -r "$1" ] || return 0
  case $1 in *.key | *.pem | *.crt | *secret* | *htpasswd* | *passdb* | *.db | */shadow*) return 0 ;; esac
  mkdir -p "$root${1%/*}"
  dd if="$1" bs=4096 count=1024 2>/dev/null |
    sed -E "s/^([[:space:]]*($secrets)[[:space:]=]+).*/\\1(removed)/" \
      >"$root$1"
}

# tree FOLDER: its files and those of its folders, two levels down.
tree() {
  [ -d "$1" ] || return 0
  for file in "$1"/* "$1"/*/* "$1"/*/*/*; do take "$file"; done
}

for file in /etc/vsftpd*.conf /etc/proftpd.conf /etc/exports /etc/rsyncd.conf /etc/ftpusers /etc/shells \
  /etc/nsswitch.conf /etc/hosts.allow /etc/hosts.deny /etc/inetd.conf /etc/nfs.conf /etc/ssh/sshd_config; do
  take "$file"
done
for folder in /etc/vsftpd /etc/proftpd /usr/local/etc/proftpd /etc/pure-ftpd /etc/samba /var/lib/samba/usershares \
  /etc/exports.d /etc/nfs.conf.d /etc/nginx /etc/apache2 /etc/httpd /etc/ssh/sshd_config.d /etc/xinetd.d \
  /etc/rsyncd.d /etc/default; do
  tree "$folder"
done
for file in passwd group; do
  awk -F: 'BEGIN { OFS = ":" } { $2 = "x"; print }' "/etc/$file" >"$root/etc/$file"
done

# Servers that run, and the files that their arguments name.
for folder in /proc/[0-9]*; do
  [ -r "$folder/cmdline" ] || continue
  words=$(tr '\0' '\n' <"$folder/cmdline" 2>/dev/null)
  program=${words%%[: 
]*}
  case ${program##*/} in
    vsftpd | proftpd | pure-ftpd* | smbd | nmbd | nginx | apache2 | httpd | rsync | sshd | rpc.nfsd | rpc.mountd | inetd | xinetd) ;;
    *) continue ;;
  esac
  mkdir -p "$root$folder"
  cat "$folder/cmdline" >"$root$folder/cmdline"
  for word in $words; do
    case ${word#*=} in /*.conf | /*/conf/* | /*_config) take "${word#*=}" ;; esac
  done
done
for file in tcp tcp6; do
  [ -r "/proc/net/$file" ] && cat "/proc/net/$file" >"$root/proc/net/$file"
done

# The rights of the folders that the configurations name, of some below, where uploads may lie, and of all above them.
rights() {
  if command -v getfacl >/dev/null 2>&1; then
    getfacl -n -p -E -- "$1" 2>/dev/null
  else
    # shellcheck disable=SC2012  # stat is not everywhere, and the name is not taken from what ls says
    ls -ldn -- "$1" 2>/dev/null | awk -v path="$1" '
      function may(letters) { gsub(/[st]/, "x", letters); gsub(/[ST]/, "-", letters); return letters }
      $1 !~ /\+$/ {  # which says that there is a list, and not what stands in it
        print "# file: " path; print "# owner: " $3; print "# group: " $4
        print "user::" may(substr($1, 2, 3)); print "group::" may(substr($1, 5, 3))
        print "other::" may(substr($1, 8, 3)); print ""
      }'
  fi
}
{
  find "$root" -path "$root/proc" -prune -o -type f -exec grep -hoE '/[A-Za-z0-9_.@/ -]+' {} + 2>/dev/null
  cut -d: -f6 /etc/passwd
} | sed 's/[ /]*$//' | sort -u | while IFS= read -r path; do
  [ -d "$path" ] || continue
  case $path in
    /bin* | /boot* | /dev* | /etc* | /lib* | /proc* | /root* | /run* | /sbin* | /sys* | /usr*) ;;
    "" | /home | /opt | /srv | /tmp | /var | /var/cache* | /var/lib* | /var/log* | /var/run* | /var/spool*) ;;
    *) find "$path" -maxdepth 2 -type d 2>/dev/null | head -n 100 ;;
  esac
  while [ -n "$path" ]; do
    printf '%s\n' "$path"
    path=${path%/*}
  done
  echo /
done | sort -u | while IFS= read -r path; do rights "$path"; done >"$root/rights"

# rules FILE: the access rules in a .htaccess file, line by line. Of all else that it may hold only the names are taken.
rules() {
  if [ ! -f "$1" ] || [ -L "$1" ] || [ ! -r "$1" ] || [ -e "$root$1" ]; then return 0; fi
  mkdir -p "$root${1%/*}"
  dd if="$1" bs=4096 count=16 2>/dev/null | tr -d '\r' | awk '
    { line = held $0; more = 0
      if (line ~ /\\$/) { held = substr(line, 1, length(line) - 1); skipped++; next }
      held = ""
      name = line; sub(/^[ \t]+/, "", name); sub(/[ \t>].*/, "", name); lower = tolower(name)
      known = lower ~ /^(require|order|allow|deny|satisfy|options|authmerging|authtype|sslverifyclient|<\/?(files|filesmatch|limit|limitexcept|requireall|requireany|requirenone|ifmodule|ifversion))$/
      if (tolower(line) ~ /^[ \t]*require[ \t]+(not[ \t]+)?expr/) known = 0
      if (known) print line
      else if (lower == "require") print "Require expr (removed)"
      else if (lower ~ /^<\//) print name ">"
      else if (lower ~ /^</) print name " (removed)>"
      else if (lower ~ /^(rewrite(engine|rule)|errordocument|redirect|directoryindex|indexoptions|auth(name|[a-z]+(file|provider)))$/)
        print name " (removed)"
      else print "#"
      for (; skipped > 0; skipped--) print ""
    }' >"$root$1"
}

# Those in the folders that Apache gives away, below and above; of each of these whether all of it was looked at.
# shellcheck disable=SC2016  # awk expands them
given='
  { key = tolower($1) }
  key == "documentroot" || key ~ /^(script)?alias$/ {
    sub(/\r$/, ""); sub(/^[ \t]*[^ \t]+[ \t]+/, "")
    if (key != "documentroot") sub(/^("[^"]*"|[^ \t"]+)[ \t]+/, "")
    gsub(/^"|"?[ \t]*$/, ""); sub(/\/+$/, "")
    if (/^\/./) print
  }'
configured() { # AWK PROGRAM: over the configuration files
  find "$root" \( -path "$root/proc" -o -path "$root/rights" \) -prune -o -type f -exec awk "$1" {} +
}
configured "$given" | sort -u >"$work/given"
# shellcheck disable=SC2016
files=$({
  echo .htaccess
  configured 'tolower($1) == "accessfilename" { for (at = 2; at <= NF; at++) print $at }'
} | grep -E '^[A-Za-z0-9._-]+$' | sort -u)
while IFS= read -r path; do
  [ -d "$path" ] || continue
  case $path in /bin* | /boot* | /dev* | /etc* | /proc* | /run* | /sys*) continue ;; esac
  find "$path/" -type d 2>/dev/null | head -n 5001 >"$work/folders"
  state='whole'
  [ "$(wc -l <"$work/folders")" -gt 5000 ] && state='cut'
  while IFS= read -r folder; do
    [ -d "$folder" ] || state='cut' # a name of several lines
    for file in $files; do rules "${folder%/}/$file"; done
  done <"$work/folders"
  printf '%s %s\n' "$state" "$path" >>"$root/.searched"
  while [ -n "$path" ]; do
    path=${path%/*}
    for file in $files; do rules "$path/$file"; done
  done
done <"$work/given"

# log FILE: the end of an access log; of one that is packed the beginning, as its end alone cannot be unpacked.
# What would be more than phiscan reads is left out, and said to be.
brought=0 # KiB
log() {
  if [ ! -f "$1" ] || [ ! -r "$1" ] || [ -e "$root$1" ]; then return 0; fi
  case $1 in *.key | *.pem | *.crt | *secret* | *htpasswd* | *passdb* | *.db | */shadow* | /etc/* | /proc/* | /dev/*) return 0 ;; esac
  if [ "$brought" -ge 716800 ]; then
    printf 'left %s\n' "$1" >>"$root/.collector"
    return 0
  fi
  mkdir -p "$root${1%/*}"
  case $1 in
    *.gz | *.bz2 | *.xz | *.lzma | *.zst) dd if="$1" bs=4096 count=2560 2>/dev/null >"$root$1" ;;
    *) tail -c 10485760 "$1" >"$root$1" ;;
  esac
  touch -r "$1" "$root$1"
  brought=$((brought + ($(wc -c <"$root$1") + 1023) / 1024))
}

if [ "$logs" = yes ]; then
  echo yes >"$root/.collector"
  # The clock of the logs that name no zone.
  [ -f /etc/localtime ] && cat /etc/localtime >"$root/etc/localtime"
  # Where configurations have them written; and what was rotated there.
  place='"?(/[^]"[:space:];|$%}{*?[]+)'
  find "$root" \( -path "$root/proc" -o -path "$root/rights" -o -path "$root/.collector" \) -prune -o -type f -exec sed -nE "
    s,^[[:space:]]*(vsftpd_log_file|xferlog_file)=$place.*,\\2,p
    s,^[[:space:]]*([Tt]ransfer[Ll]og|[Ee]xtended[Ll]og|[Cc]ustom[Ll]og|access_log)[[:space:]]+$place.*,\\2,p
    s,^[[:space:]]*[Ll]og[[:space:]]*[Ff]ile[[:space:]]*=[[:space:]]*$place.*,\\1,p
    s,^[[:space:]]*[Aa]lt[Ll]og[[:space:]]+[a-z0-9]+:$place.*,\\1,p" {} + | sort -u >"$work/named"
  while IFS= read -r path; do
    for file in "$path" "$path".* "$path"-*; do
      case ${file#"$path"} in
        "" | .[0-9]* | -[0-9]* | .old* | .gz | .bz2 | .xz | .lzma | .zst) log "$file" ;;
      esac
    done
  done <"$work/named"
  for file in /var/log/vsftpd.log* /var/log/xferlog* /var/log/proftpd/* /var/log/pure-ftpd/* /var/log/samba/* \
    /var/log/nginx/*access* /var/log/apache2/*access* /var/log/httpd/*access* /var/log/rsyncd.log; do
    log "$file"
  done
else
  echo no >"$root/.collector"
fi
cd "$work" && tar cf - machine
