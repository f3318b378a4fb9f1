#!/usr/bin/env bash
# Runs tests/slurm on a SLURM of one node that lives for this script only: daemons on loopback, all files in one folder,
# ports and keys of its own, so that neither another SLURM of this host nor another run of this script is met.
# Needs root and Debian's packages, which it installs; status 77 says that this is not the place for it.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-.venv/bin/python}

skip() {
    echo "test-slurm is skipped: $1" >&2
    exit 77
}

[ "$(id -u)" = 0 ] || skip "SLURM's daemons are started by root"
installed() {
    for program in slurmctld slurmd sbatch sinfo squeue scancel munged; do
        command -v $program >/dev/null || return 1
    done
}

# apt-get without questions, and for at most so many seconds
apt() {
    DEBIAN_FRONTEND=noninteractive timeout --kill-after=10 "$1" apt-get -qq -y -o Acquire::Retries=1 \
        -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o DPkg::Lock::Timeout=60 "${@:2}" >/dev/null
}

if ! installed; then
    command -v apt-get >/dev/null || skip "SLURM is not installed, and there is no apt-get to install it"
    # package lists that are there may do, and spare the time to fetch new ones
    apt 300 install --no-install-recommends slurm-wlm munge 2>/dev/null ||
        { apt 120 update && apt 300 install --no-install-recommends slurm-wlm munge; } ||
        skip "apt-get cannot install slurm-wlm and munge"
    installed || skip "the packages slurm-wlm and munge lack some of SLURM's programs"
fi

folder=$(mktemp -d)
# no command below shall reach another SLURM of this host
export SLURM_CONF=$folder/slurm.conf
daemons=()
finish() {
    # jobs of a test that was killed outlive it, and the daemons
    timeout 5 scancel --user=root 2>/dev/null || true
    for _ in {1..50}; do
        [ -n "$(timeout 5 squeue --noheader 2>/dev/null)" ] || break
        sleep 0.2
    done
    kill "${daemons[@]}" 2>/dev/null || true
    for _ in {1..50}; do
        kill -0 "${daemons[@]}" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "${daemons[@]}" 2>/dev/null || true
    wait
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

# what did not come up, and what it says about that
fail() {
    echo "test-slurm: $1 did not come up" >&2
    tail -n 20 "$folder"/*.log "$folder"/*.err >&2
    exit 1
}

deadline=$((SECONDS + 90))
in_time() {
    [ $SECONDS -lt $deadline ] || return 1
    for daemon in "${daemons[@]}"; do
        kill -0 "$daemon" 2>/dev/null || return 1
    done
}

mkdir "$folder/state" "$folder/spool" "$folder/scratch"
node=$(hostname -s)
ports=($("$python" -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(each.getsockname()[1] for each in sockets))'))
# more memory than there may be: nothing here needs it, and jobs of 16 GB shall be accepted
cat >"$SLURM_CONF" <<CONF
ClusterName=syncopy
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmdPort=${ports[1]}
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
# containers have no control groups that their root may write to; before version 23 SLURM cannot be told to do without
version=$(slurmd -V)
version=${version##* }
[ "${version%%.*}" -lt 23 ] || echo CgroupPlugin=disabled >"$folder/cgroup.conf"

(umask 077 && head -c 1024 /dev/urandom >"$folder/munge.key")
# daemons end with this script even if it is killed
setpriv --pdeathsig TERM munged --foreground --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
    --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" --seed-file="$folder/munged.seed" 2>"$folder/munged.err" &
daemons+=($!)
until [ -S "$folder/munge.socket" ]; do
    in_time || fail munged
    sleep 0.1
done
setpriv --pdeathsig TERM slurmctld -D 2>"$folder/slurmctld.err" &
daemons+=($!)
setpriv --pdeathsig TERM slurmd -D 2>"$folder/slurmd.err" &
daemons+=($!)

until timeout 5 sinfo --noheader --format=%T 2>/dev/null | grep -q idle; do
    in_time || fail SLURM
    sleep 0.2
done

SPYTMPDIR=$folder/scratch timeout --kill-after=10 300 "$python" -m pytest -m slurm tests/slurm
