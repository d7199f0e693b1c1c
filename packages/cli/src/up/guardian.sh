# Ends what `muster up` started, should `muster up` itself be killed before it could do that.
#
# Reads lines from stdin, one at each change, of which the last one holds: the pids to end, in stages parted by "/",
# as in "101 / 202 203 / 304". An end of input means that the writer is gone. Each stage is asked to end (SIGTERM), gets
# 5 seconds, and is killed with all its children. An empty last line leaves nothing to do.

stages=
while read -r line; do stages=$line; done

# A zombie is gone: only its new parent, which may take its time, hasn't noticed yet. Without /proc it counts as alive.
alive() {
  for pid; do
    kill -0 "$pid" 2>/dev/null || continue
    stat=
    { read -r stat <"/proc/$pid/stat"; } 2>/dev/null
    case $stat in
      *") Z "*) ;;
      *) return 0 ;;
    esac
  done
  return 1
}

end_stage() {
  [ $# -gt 0 ] || return 0
  kill -TERM "$@" 2>/dev/null
  tries=0
  while [ $tries -lt 50 ] && alive "$@"; do
    sleep 0.1
    tries=$((tries + 1))
  done
  for pid; do kill -KILL "-$pid" 2>/dev/null; done
}

stage=
for word in $stages; do
  if [ "$word" = / ]; then
    end_stage $stage
    stage=
  else
    stage="$stage $word"
  fi
done
end_stage $stage
