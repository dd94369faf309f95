"""Run `python3 -m unittest` in the folder of the recipe. Tests of pictures need numpy, Pillow and fontTools, and say so where they are missing."""
