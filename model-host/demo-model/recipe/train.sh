#!/bin/sh
# Runs train.py in two processes of one thread each. malloc keeps its pages: large tensors would otherwise be mapped anew at every step.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=99999999999 MALLOC_TOP_PAD_=268435456
export OMP_NUM_THREADS=1 MASTER_ADDR=127.0.0.1 MASTER_PORT="${PORT:-29517}" WORLD_SIZE=2
RANK=1 "${PYTHON:-python}" train.py "$@" &
RANK=0 "${PYTHON:-python}" train.py "$@"
wait
