"""PyTorch through transformers' own classes."""

import torch
import transformers

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16}


class Engine:
    """T5 as transformers runs it."""

    def __init__(self, model, precision, workers, threads):
        torch.set_num_threads(threads)
        self._model = transformers.AutoModelForSeq2SeqLM.from_pretrained(model, dtype=PRECISIONS[precision]).eval()

    versions = {"PyTorch": torch.__version__, "transformers": transformers.__version__}

    @torch.inference_mode()
    def encode(self, batches):
        for batch in batches:
            ids, mask = padded(batch)
            self._model.get_encoder()(input_ids=ids, attention_mask=mask)

    @torch.inference_mode()
    def generate(self, batches, beams, new_tokens):
        outputs = []
        for batch in batches:
            ids, mask = padded(batch)
            found = self._model.generate(
                input_ids=ids, attention_mask=mask, num_beams=beams, do_sample=False, max_new_tokens=new_tokens
            )
            outputs += found[:, 1:].tolist()
        return outputs


def padded(batch):
    """Returns ids and mask, both [batch, longest row]; T5 pads with 0."""
    longest = max(map(len, batch))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in batch])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in batch])
    return ids, mask
