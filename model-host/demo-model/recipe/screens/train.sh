#!/bin/sh
# Runs the training at the lowest priority. malloc keeps its pages: large tensors would otherwise be mapped anew at every step.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=99999999999 MALLOC_TOP_PAD_=268435456 OMP_NUM_THREADS=1
cd "$(dirname "$0")/.." && exec nice -n 19 "${PYTHON:-python}" -m screens.train "$@"
