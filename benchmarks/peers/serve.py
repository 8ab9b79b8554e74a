"""Runs one engine: reads a request a line from standard input, writes a reply a line to standard output.

{"encode": batches}                                      -> {}
{"generate": batches, "beams": n, "new_tokens": n}       -> {"ids": one list of ids an input}

A batch is a list of inputs, an input a list of ids. The first line written tells the versions.
"""

import argparse
import importlib
import json
import os
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=["pytorch", "onnxruntime", "ctranslate2"])
    parser.add_argument("--model", required=True, help="directory in Hugging Face's form")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--workers", type=int, default=1, help="batches at a time")
    parser.add_argument("--threads", type=int, default=1, help="threads a batch")
    options = parser.parse_args()

    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes to standard error
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    module = importlib.import_module(f"engines.{options.engine}")
    engine = module.Engine(options.model, options.precision, options.workers, options.threads)

    def reply(value):
        print(json.dumps(value), file=replies, flush=True)

    reply({"versions": module.Engine.versions})
    for line in sys.stdin:
        request = json.loads(line)
        if "encode" in request:
            engine.encode(request["encode"])
            reply({})
        else:
            reply({"ids": engine.generate(request["generate"], request["beams"], request["new_tokens"])})


if __name__ == "__main__":
    main()
