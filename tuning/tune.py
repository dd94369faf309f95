"""The trainer's door: `python tune.py FILE --model MODEL --out FOLDER`, or `accelerate launch tune.py …` for several GPUs."""

import sys

from paligemma_tune.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
