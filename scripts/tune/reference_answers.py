"""What transformers and peft answer to lines, in float32: a JSON list. Arguments: model, adapter, file of lines, file for the answers."""

import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from PIL import Image
from transformers import AutoProcessor, PaliGemmaForConditionalGeneration

model_path, adapter_path, file, out = sys.argv[1:5]
torch.set_num_threads(1)
processor = AutoProcessor.from_pretrained(model_path)
base = PaliGemmaForConditionalGeneration.from_pretrained(model_path, dtype=torch.float32, attn_implementation="eager")
model = PeftModel.from_pretrained(base, adapter_path).eval()
answers = []
for written in Path(file).read_text().splitlines():
    line = json.loads(written)
    picture = Image.open(Path(file).parent / line["image"]).convert("RGB")
    inputs = processor(images=[[picture]], text=["<image>" + line["prefix"]], return_tensors="pt")
    inputs.pop("labels", None)
    with torch.inference_mode():
        ids = model.generate(**inputs, max_new_tokens=32, do_sample=False)
    new = ids[0, inputs["input_ids"].shape[1] :]
    # The end of an answer is none of its tokens.
    tokens = [token for token in new.tolist() if token != processor.tokenizer.eos_token_id]
    answers.append({"suffix": processor.decode(new, skip_special_tokens=True), "tokenIds": tokens})
Path(out).write_text(json.dumps(answers))
