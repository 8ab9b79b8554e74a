"""PyTorch, all layers frozen but the last, each batch padded to its own longest row.

Options and output are those of tutorial_keras.py, and --precision: bf16 is autocast, the head's weights stay fp32.
"""

import argparse
import json
import os
import time

import torch
import transformers
from transformers import AutoModelForSeq2SeqLM

import squad

INPUT_TOKENS, LABEL_TOKENS, BATCH, SHUFFLE, RATE = 512, 64, 8, 1000, 3e-5


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--train", required=True)
    parser.add_argument("--validation", required=True)
    parser.add_argument("--examples", type=int, default=0)
    parser.add_argument("--validation-examples", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=0, help="stop after so many; 0: a complete run")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    options = parser.parse_args()
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    torch.manual_seed(0)
    tokenizer = squad.tokenizer(options.tokenizer)
    model = AutoModelForSeq2SeqLM.from_pretrained(options.model, dtype=torch.float32)
    model.requires_grad_(False)
    model.lm_head.weight.requires_grad_(True)
    optimizer = torch.optim.Adam([model.lm_head.weight], lr=RATE, fused=True)
    mixed = torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bf16")

    bounded = options.steps > 0
    train = encoded(tokenizer, squad.examples(options.train, options.examples))
    wanted = options.steps * BATCH if bounded else options.validation_examples
    validation = encoded(tokenizer, squad.examples(options.validation, wanted))

    def validate():
        model.eval()
        total, count, seconds = 0.0, 0, []
        with torch.inference_mode(), mixed:
            for first in range(0, len(validation), BATCH):
                began = time.perf_counter()
                batch = collated(validation[first : first + BATCH])
                tokens = int((batch["labels"] != -100).sum())
                total += float(model(**batch).loss) * tokens
                count += tokens
                seconds.append(time.perf_counter() - began)
        model.train()
        return total / count, seconds

    before = None if bounded else validate()[0]
    train_seconds, validation_seconds, losses, after = [], [], [], None
    model.train()
    run_began = time.perf_counter()
    for epoch in range(1 if bounded else options.epochs):
        order = squad.shuffled(len(train), SHUFFLE, epoch)
        for first in range(0, min(len(order), options.steps * BATCH) if bounded else len(order), BATCH):
            began = time.perf_counter()
            batch = collated([train[i] for i in order[first : first + BATCH]])
            with mixed:
                loss = model(**batch).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            train_seconds.append(time.perf_counter() - began)
        after, seconds = validate()
        validation_seconds += seconds
    run = time.perf_counter() - run_began
    print(
        json.dumps(
            {
                "versions": {"PyTorch": torch.__version__, "transformers": transformers.__version__},
                "train_seconds": sum(train_seconds[2:]) / len(train_seconds[2:]),
                "validation_seconds": sum(validation_seconds[1:]) / len(validation_seconds[1:]),
                "losses": losses,
                "run_seconds": None if bounded else run,
                "validation_loss_before": before,
                "validation_loss_after": None if bounded else after,
            }
        ),
        file=replies,
    )


def encoded(tokenizer, pairs):
    inputs = tokenizer([text for text, _ in pairs], max_length=INPUT_TOKENS, truncation=True)["input_ids"]
    labels = tokenizer([answer for _, answer in pairs], max_length=LABEL_TOKENS, truncation=True)["input_ids"]
    return list(zip(inputs, labels))


def collated(rows):
    """Returns a batch, padded to its longest row; the loss leaves out -100."""
    return {
        "input_ids": padded([ids for ids, _ in rows], 0),
        "attention_mask": padded([[1] * len(ids) for ids, _ in rows], 0),
        "labels": padded([labels for _, labels in rows], -100),
    }


def padded(rows, filler):
    longest = max(map(len, rows))
    return torch.tensor([row + [filler] * (longest - len(row)) for row in rows])


if __name__ == "__main__":
    main()
