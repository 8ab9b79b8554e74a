"""The tutorial's training script: Keras, everything padded, all layers frozen but the last.

Two mistakes of its common form are mended: each example has its own answer, and padding is not learned.
Writes one line of JSON to standard output:

{"versions": …, "train_seconds": per step after the first two, "validation_seconds": per step after the first,
"""

import argparse
import json
import os
import sys
import time

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import numpy as np
import tensorflow as tf
import transformers
from transformers import TFAutoModelForSeq2SeqLM

import squad

INPUT_TOKENS, LABEL_TOKENS, BATCH, SHUFFLE, RATE = 512, 64, 8, 1000, 3e-5


class Times(tf.keras.callbacks.Callback):
    """Seconds of each step."""

    def __init__(self):
        super().__init__()
        self.train, self.validation, self.losses = [], [], []

    def on_train_batch_begin(self, batch, logs=None):
        self._began = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self.train.append(time.perf_counter() - self._began)
        self.losses.append(logs["loss"])

    def on_test_batch_begin(self, batch, logs=None):
        self._began = time.perf_counter()

    def on_test_batch_end(self, batch, logs=None):
        self.validation.append(time.perf_counter() - self._began)


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
    options = parser.parse_args()
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    tf.keras.utils.set_random_seed(0)
    tokenizer = squad.tokenizer(options.tokenizer)
    model = TFAutoModelForSeq2SeqLM.from_pretrained(options.model)
    for layer in model.layers:
        layer.trainable = layer.name == "lm_head"
    assert [weight.name.split("/")[-2] for weight in model.trainable_weights] == ["lm_head"], model.trainable_weights

    train = dataset(tokenizer, options.train, options.examples)
    bounded = options.steps > 0
    steps = options.steps if bounded else None
    validation = dataset(
        tokenizer, options.validation, options.steps * BATCH if bounded else options.validation_examples
    ).batch(BATCH)
    before = None if bounded else token_loss(model, validation)
    times = Times()
    model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=RATE))
    began = time.perf_counter()
    model.fit(
        train.shuffle(SHUFFLE, seed=0).batch(BATCH),
        validation_data=validation,
        epochs=1 if bounded else options.epochs,
        steps_per_epoch=steps,
        callbacks=[times],
        verbose=0,
    )
    run = time.perf_counter() - began
    print(
        json.dumps(
            {
                "versions": {
                    "TensorFlow": tf.__version__,
                    "transformers": transformers.__version__,
                },
                "train_seconds": float(np.mean(times.train[2:])),
                "validation_seconds": float(np.mean(times.validation[1:])),
                "losses": [float(loss) for loss in times.losses],
                "run_seconds": None if bounded else run,
                "validation_loss_before": before,
                "validation_loss_after": None if bounded else token_loss(model, validation),
            }
        ),
        file=replies,
    )


def dataset(tokenizer, path, count):
    """Returns examples, padded to the full lengths; labels of padding are -100, which the loss leaves out."""
    pairs = squad.examples(path, count)
    inputs = tokenizer(
        [text for text, _ in pairs], max_length=INPUT_TOKENS, truncation=True, padding="max_length", return_tensors="np"
    )
    labels = tokenizer(
        [answer for _, answer in pairs], max_length=LABEL_TOKENS, truncation=True, padding="max_length", return_tensors="np"
    )
    return tf.data.Dataset.from_tensor_slices(
        {
            "input_ids": inputs["input_ids"].astype(np.int32),
            "attention_mask": inputs["attention_mask"].astype(np.int32),
            "labels": np.where(labels["attention_mask"] == 1, labels["input_ids"], -100).astype(np.int32),
        }
    )


def token_loss(model, batches):
    """Returns the mean loss a label token, without dropout."""
    total, count = 0.0, 0
    for batch in batches:
        logits = model(batch, training=False).logits
        known = batch["labels"] != -100
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(batch["labels"][known], logits[known])
        total += float(tf.reduce_sum(losses))
        count += int(tf.size(losses))
    return total / count


if __name__ == "__main__":
    main()
