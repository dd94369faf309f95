"""Run `python3 -m unittest` in vllm-plugin/. The tests need neither vLLM nor torch; those that look at a real vLLM say so where it is missing."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "src"))
