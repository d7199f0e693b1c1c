#!/bin/sh
# Starts nginx in its container: lays nginx.conf and the files of this folder out below /tmp, as the nginx that is here
# can use them, and becomes it. Refuses, with the reason, what would let everybody in by oversight.
#
#   MUSTER_BIND  the address of the machine at which the engine lets others in to nginx
#   MUSTER_KEYS  the services' keys file, where they have one
#   MUSTER_OPEN  "on": whoever reaches that address may do everything
#   ../tls       the folder of fullchain.pem and privkey.pem; no folder: no TLS
#
# Port 8080 is for callers from outside, with TLS where there is a certificate; 8081 for the services, always without.
set -eu

from=$(cd "$(dirname "$0")/.." && pwd)
to=${TMPDIR:-/tmp}/nginx

case ${MUSTER_BIND:-127.0.0.1} in
  127.* | localhost | ::1 | "[::1]") ;;
  *)
    if [ -z "${MUSTER_KEYS:-}" ] && [ "${MUSTER_OPEN:-off}" != on ]; then
      echo "MUSTER_BIND: is $MUSTER_BIND, where other machines can come in, and no keys are in use: make some by \`muster keys create\` and name the file in MUSTER_KEYS; or leave it at 127.0.0.1; or, where only your own machines come in, set MUSTER_OPEN=on" >&2
      exit 78 # EX_CONFIG, as the services end for a faulty setting
    fi
    ;;
esac

version=$(nginx -v 2>&1 | sed -n 's,.*/\([0-9]*\.[0-9]*\.[0-9]*\).*,\1,p')
# 1.28.0 as 1028000.
number=$(echo "$version" | { IFS=. read -r major minor patch && echo $((major * 1000000 + minor * 1000 + patch)); })

# Written anew, not copied with their modes: what is mounted may be read-only.
mkdir -p "$to/deployment"
cat "$from/nginx.conf" > "$to/nginx.conf"
for file in "$from"/deployment/*.conf; do cat "$file" > "$to/deployment/${file##*/}"; done

if [ "$number" -ge 1027003 ]; then
  # It looks again every two seconds who is there, at the engine's own name server.
  server=$(sed -n 's/^nameserver \([^ ]*\).*/\1/p' /etc/resolv.conf | head -n 1)
  case $server in *:*) server="[$server]" ;; esac
  echo "resolver $server valid=2s ipv6=off;" >> "$to/deployment/http.conf"
  for services in orchestrators playservers monitor; do
    sed 's/^\(server .*\);/\1 resolve;/' "$from/deployment/$services.conf" > "$to/deployment/$services.conf"
  done
else
  echo "nginx $version looks who is there only when it starts or is told to reload; from 1.27.3 on it does by itself." >&2
fi

if [ -d "$from/tls" ]; then
  listen="listen 8080 ssl http2;"
  # Since then HTTP/2 has a line of its own.
  if [ "$number" -ge 1025001 ]; then listen="listen 8080 ssl; http2 on;"; fi
  listen="$listen
ssl_certificate     $from/tls/fullchain.pem;
ssl_certificate_key $from/tls/privkey.pem;
ssl_protocols       TLSv1.2 TLSv1.3;"
else
  listen="listen 8080;"
fi
printf 'listen 8081;\n%s\n' "$listen" > "$to/deployment/listen.conf"

exec nginx -e stderr -p /tmp -c "$to/nginx.conf"
