#!/bin/bash
# Screen a list as a Slurm array: every task a part of the list, with a folder of its own.
#
#   sbatch --array=0-9 --cpus-per-task=32 workflows/slurm_array.sh 10 library.smi library_parts \
#       --qd CdSe:3.0/CdS:3.5 --store postgresql://me@dbhost/echemscreen
#
# That is: how many parts (as many as the array has tasks), the list (.smi, not packed), where the parts go, and the
# options of 'echemscreen screen'. With one --store for all, no part computes what another one has; without it
# every part keeps a calculations.db of its own. The same command again goes on where tasks were ended, and
# finished parts take a second; --array=3 runs part 3 alone. With a container:
#
#   export ECHEMSCREEN="apptainer run echemscreen.sif"
#
#SBATCH --job-name=echemscreen
#SBATCH --time=24:00:00
#SBATCH --output=echemscreen-%A_%a.log
#SBATCH --requeue
# Ctrl-C two minutes before the end of the time: what is computed until then is stored.
#SBATCH --signal=B:INT@120
set -euo pipefail

parts=$1 list=$2 out=$3
shift 3
case $list in *.smi) ;; *) echo "$list: the lines of a .smi are split; other tables have a head. Write SMILES and names, a line each." >&2; exit 2 ;; esac
part=$(printf 'part-%04d-of-%04d' "$SLURM_ARRAY_TASK_ID" "$parts")
mkdir -p "$out"

# Lines one after the other, so that the tables in order have the order of the list.
if [ ! -e "$out/$part.smi" ]; then
    split -n "l/$((SLURM_ARRAY_TASK_ID + 1))/$parts" "$list" > "$out/$part.smi.$SLURM_JOB_ID"
    mv "$out/$part.smi.$SLURM_JOB_ID" "$out/$part.smi"
fi

# A node's processes share it: as many workers as the task has cores.
exec ${ECHEMSCREEN:-echemscreen} screen "$out/$part.smi" --out "$out/$part" --quiet \
    --workers "${SLURM_CPUS_PER_TASK:-1}" "$@"
