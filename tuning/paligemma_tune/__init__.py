"""Fine-tunes PaliGemma and PaliGemma 2 on lines of picture, prompt and answer."""
