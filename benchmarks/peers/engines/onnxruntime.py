"""ONNX Runtime on graphs that optimum exports; int8 by its dynamic quantisation."""

import pathlib
import shutil

import onnxruntime
import optimum.version
from onnxruntime.quantization import quantize_dynamic
from optimum.onnxruntime import ORTModelForSeq2SeqLM

from engines.pytorch import padded


class Engine:
    """Encoder, first step and later steps are a graph each; transformers' generate drives them."""

    versions = {"ONNX Runtime": onnxruntime.__version__, "optimum": optimum.version.__version__}

    def __init__(self, model, precision, workers, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._model = ORTModelForSeq2SeqLM.from_pretrained(
            exported(pathlib.Path(model), precision), use_merged=False, session_options=options
        )

    def encode(self, batches):
        for batch in batches:
            ids, mask = padded(batch)
            self._model.encoder(input_ids=ids, attention_mask=mask)

    def generate(self, batches, beams, new_tokens):
        outputs = []
        for batch in batches:
            ids, mask = padded(batch)
            found = self._model.generate(
                input_ids=ids, attention_mask=mask, num_beams=beams, do_sample=False, max_new_tokens=new_tokens
            )
            outputs += found[:, 1:].tolist()
        return outputs


def exported(model, precision):
    """Returns the directory of the exported model, written when it is not there."""
    directory = model / f"onnx-{precision}"
    if not directory.exists():
        unfinished = model / f"onnx-{precision}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        if precision == "fp32":
            ORTModelForSeq2SeqLM.from_pretrained(model, export=True, use_merged=False).save_pretrained(unfinished)
        else:
            full = exported(model, "fp32")
            shutil.copytree(full, unfinished, ignore=shutil.ignore_patterns("*.onnx*"))
            for graph in full.glob("*.onnx"):
                quantize_dynamic(graph, unfinished / graph.name)
        unfinished.rename(directory)
    return directory
