#!/usr/bin/env bash
# Runs tests/slurm on a SLURM of one node that lives for this script only: daemons on loopback, all files in one folder.
# Needs root and Debian's packages, which it installs; status 77 says that this is not the place for it.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-.venv/bin/python}

skip() {
    echo "test-slurm is skipped: $1" >&2
    exit 77
}

[ "$(id -u)" = 0 ] || skip "SLURM's daemons are started by root"
if ! command -v slurmctld slurmd munged >/dev/null; then
    command -v apt-get >/dev/null || skip "SLURM is not installed, and there is no apt-get to install it"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends slurm-wlm munge; } >/dev/null ||
        skip "apt-get cannot install slurm-wlm and munge"
fi

folder=$(mktemp -d)
# no command below shall reach another SLURM of this host
export SLURM_CONF=$folder/slurm.conf
daemons=()
finish() {
    # jobs of a test that was killed outlive it, and the daemons
    scancel --user=root 2>/dev/null || true
    for _ in {1..50}; do
        [ -n "$(squeue --noheader 2>/dev/null)" ] || break
        sleep 0.2
    done
    kill "${daemons[@]}" 2>/dev/null || true
    wait
    rm -rf "$folder"
}
trap finish EXIT

mkdir "$folder/state" "$folder/spool" "$folder/scratch"
node=$(hostname -s)
# more memory than there may be: nothing here needs it, and jobs of 16 GB shall be accepted
cat >"$SLURM_CONF" <<CONF
ClusterName=syncopy
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=36817
SlurmdPort=36818
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
ReturnToService=2
KillWait=2
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=64000 State=UNKNOWN
PartitionName=8GBXS Nodes=$node Default=YES OverSubscribe=FORCE:4 State=UP
PartitionName=16GBXL Nodes=$node OverSubscribe=FORCE:4 State=UP
CONF

(umask 077 && head -c 1024 /dev/urandom >"$folder/munge.key")
munged --foreground --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
    --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" --seed-file="$folder/munged.seed" 2>"$folder/munged.err" &
daemons+=($!)
until [ -S "$folder/munge.socket" ]; do
    kill -0 "${daemons[0]}" || { cat "$folder"/munged.*; exit 1; }
    sleep 0.1
done
slurmctld -D 2>"$folder/slurmctld.err" &
daemons+=($!)
slurmd -D 2>"$folder/slurmd.err" &
daemons+=($!)

deadline=$((SECONDS + 60))
until sinfo --noheader --format=%T 2>/dev/null | grep -q idle; do
    if [ $SECONDS -ge $deadline ]; then
        echo "SLURM did not come up" >&2
        tail -n 20 "$folder"/slurm*.log "$folder"/*.err >&2
        exit 1
    fi
    sleep 0.2
done

SPYTMPDIR=$folder/scratch "$python" -m pytest -m slurm tests/slurm
