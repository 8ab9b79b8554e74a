"""CTranslate2, whose workers are threads of one process."""

import pathlib
import shutil

import ctranslate2
from ctranslate2.converters import TransformersConverter
from transformers import AutoConfig

COMPUTE_TYPES = {"fp32": "float32", "int8": "int8"}


class Ids:
    """Stands in for a tokenizer: every token is called by its id."""

    pad_token, eos_token, unk_token = "0", "1", "2"

    def __init__(self, size):
        self._size = size

    def get_vocab(self):
        return {str(id): id for id in range(self._size)}

    def convert_ids_to_tokens(self, id):
        return str(id)


class Converter(TransformersConverter):
    def load_tokenizer(self, tokenizer_class, model_name_or_path, **kwargs):
        return Ids(AutoConfig.from_pretrained(model_name_or_path).vocab_size)


class Engine:
    """A pool of workers that share the weights."""

    versions = {"CTranslate2": ctranslate2.__version__}

    def __init__(self, model, precision, workers, threads):
        self._translator = ctranslate2.Translator(
            str(converted(pathlib.Path(model), precision)),
            compute_type=COMPUTE_TYPES[precision],
            inter_threads=workers,
            intra_threads=threads,
        )

    def generate(self, batches, beams, new_tokens):
        running = [
            self._translator.translate_batch(
                [list(map(str, row)) for row in batch],
                beam_size=beams,
                max_decoding_length=new_tokens,
                asynchronous=True,
            )
            for batch in batches
        ]
        return [list(map(int, row.result().hypotheses[0])) for batch in running for row in batch]


def converted(model, precision):
    """Returns the directory of the converted model, written when it is not there."""
    directory = model / f"ctranslate2-{precision}"
    if not directory.exists():
        unfinished = model / f"ctranslate2-{precision}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        Converter(str(model)).convert(str(unfinished), quantization=COMPUTE_TYPES[precision])
        unfinished.rename(directory)
    return directory
