"""SQuAD files as the tutorial reads them: one prompt and the first answer of each question."""

import json
import os
import random

from transformers import PreTrainedTokenizerFast


def tokenizer(directory):
    """Returns the tokenizer of a directory, of which tokenizer.json is all that counts."""
    return PreTrainedTokenizerFast(
        tokenizer_file=os.path.join(directory, "tokenizer.json"), pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )


def examples(path, count):
    """Returns the first `count` (input, answer) of a SQuAD file; all where it is 0."""
    found = []
    with open(path, encoding="utf-8") as file:
        for article in json.load(file)["data"]:
            for paragraph in article["paragraphs"]:
                for question in paragraph["qas"]:
                    if question["answers"]:
                        found.append(
                            (
                                f"question: {question['question']} context: {paragraph['context']}",
                                question["answers"][0]["text"],
                            )
                        )
    return found[:count] if count else found


def shuffled(count, buffer, seed):
    """Returns the order in which a shuffle buffer gives so many examples."""
    draw = random.Random(seed)
    filled, order = list(range(min(buffer, count))), []
    for next_one in range(len(filled), count):
        place = draw.randrange(len(filled))
        order.append(filled[place])
        filled[place] = next_one
    draw.shuffle(filled)
    return order + filled
