"""Makes the golden reference fixtures: tiny seeded Hugging Face models and what they give. See README.md.

    python make_golden.py                                     the suite of this folder
    python make_golden.py --suite NAME --seed N --out DIR     another suite: dims are drawn from the seed
    python make_golden.py --tokenizer DIR --data FILE         from another T5 tokenizer, another SQuAD file
    python make_golden.py --out DIR --check                   only load a suite back and check it
"""
import argparse, collections, contextlib, hashlib, itertools, json, math, os, random, re, shutil, string, sys, tempfile
from importlib.metadata import version
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import transformers
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import (AutoModelForSeq2SeqLM, AutoTokenizer, BartConfig, BartForConditionalGeneration,
                          BartTokenizerFast, GenerationConfig, MT5Config, MT5ForConditionalGeneration, T5Config,
                          T5ForConditionalGeneration, T5TokenizerFast, Trainer)
from transformers.models.mt5.modeling_mt5 import MT5LayerNorm
from transformers.models.t5.modeling_t5 import T5Attention, T5LayerNorm

HERE = Path(__file__).resolve().parent
TOKENIZER = HERE.parent.parent / "models" / "squadlet"
SQUAD = HERE.parent / "handbook-train.json"
EXTRA_IDS = 100

# ---------------------------------------------------------------------------------------------- dims and inputs

def draw_dims(rng):
    """Dims of the models, by the suite's seed."""
    def t5(d_model, d_kv, heads, d_ff, enc, dec, **more):
        return dict(d_model=rng.choice(d_model), d_kv=rng.choice(d_kv), num_heads=rng.choice(heads),
                    d_ff=rng.choice(d_ff), num_layers=enc, num_decoder_layers=dec,
                    relative_attention_num_buckets=rng.choice([16, 32]),
                    relative_attention_max_distance=rng.choice([64, 128]), **more)
    return {
        "t5-v1_0": t5([40, 56, 72], [8, 12, 24], [3, 5], [72, 104], 3, 3, pieces=rng.choice([1700, 1900])),
        "flan-t5": t5([16, 20], [6, 10], [2, 3], [40, 56], 3, 2),
        # HF 4.57 cannot generate with more decoder than encoder layers: it makes a cache of num_layers
        "mt5": t5([40, 44, 60], [10, 14], [2, 6], [60, 100], 4, 3, pieces=rng.choice([1300, 1400])),
        "bart": dict(d_model=60, heads=rng.choice([3, 5]), d_ff=rng.choice([76, 84]), encoder_layers=3,
                     decoder_layers=2, pieces=rng.choice([1000, 1100])),
    }


def read_squad(path):
    return [dict(id=qa["id"], question=qa["question"], context=p["context"], answers=[a["text"] for a in qa["answers"]])
            for a in json.loads(Path(path).read_text())["data"] for p in a["paragraphs"] for qa in p["qas"]]


def prompt(x):
    return f"question: {x['question']} context: {x['context']}"


HAND_WRITTEN = [
    "", " ", "\n", "Hello world", "  two  spaces   three ", "tab\tand\nnewline\r\nand more\n\n", "don't . Do it , now .",
    "Wait ... what ? ! He said \"no\" , n't it 's", "\u00a0non\u00a0breaking\u2003em\u3000ideographic\u200bzero-width",
    "Beyonc\u00e9 vs. Beyonce\u0301 (composed, decomposed)", "\ufb01ne \ufb02at \u00bd \u2460 \u2122 \u212b \uff21\uff22\uff23",
    "na\u00efve fa\u00e7ade \u00df \u0130stanbul \u01c5", "\u041c\u043e\u0441\u043a\u0432\u0430 \u0438 \u041a\u0438\u0435\u0432",
    "\u6771\u4eac\u306f\u65e5\u672c\u306e\u9996\u90fd", "\u0627\u0644\u0642\u0627\u0647\u0631\u0629 \u05e9\u05dc\u05d5\u05dd",
    "emoji \U0001f600\U0001f680 mid\U0001f600word", "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1eb\U0001f1f7 \u2764\ufe0f",
    "price: \u20ac1,234.56 or \u00a31.2m; 50\u201360% \u2014 \u201cquoted\u201d \u2018single\u2019 \u2026",
    "<extra_id_0> walks in <extra_id_1> park <extra_id_99>", "x<extra_id_0>y  <extra_id_5>  z", "<pad> in text </s> and <unk> too",
    "</s>", "text</s>", "<extra_id_100> <EXTRA_ID_0> < pad >", "<s> bart </s> <mask> <pad>",
    "\u2581metaspace \u2581 in \u2581text", "_under_score_ __init__", "control\u0000\u0001\u0007\u007f chars \u0085 \ufeff bom",
    "https://example.org/a?b=c&d=%20#e", "3.14159 1e-7 0x1F -42 1,000,000 007", "ALLCAPS MixedCase camelCase SCREAMING_SNAKE",
    "Antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis", "a" * 60, ". , ; : ! ?", "\u0e01\u0e32\u0e23 \u0915\u094d\u0937",
    "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab", "H\u2082O E=mc\u00b2 \u2211\u221e \U0001d4d0\U0001d4d1 \U00010348",
]
FRAGMENTS = ["the", " ", "  ", "\n", ",", " .", "\u00e9", "e\u0301", "\U0001f600", "\u6771", "<extra_id_3>", "</s>", "Norman", "1066", "\u2014",
             "\ufb01", "n't", " 's", "\u00a0", "(", ")", "\u2581", "%", "\u0416", "?", " do not", "\u00bd", "\U0001f3fd", "\u200d", "<unk>"]

# -------------------------------------------------------------------------------------------------- tokenizers


def pruned_t5_tokenizer(texts, pieces, folder):
    """The given tokenizer.json with only the `pieces` most used Unigram pieces, all one-character pieces, <pad>, </s>,
    <unk> and the 100 extra ids. Scores, normalizer (with its charsmap) and the rest are as they were."""
    spec = json.loads((TOKENIZER / "tokenizer.json").read_text())
    real = T5TokenizerFast.from_pretrained(TOKENIZER)
    counts = collections.Counter(i for ids in real(texts, add_special_tokens=False)["input_ids"] for i in ids)
    keep = {i for i, _ in sorted(counts.items(), key=lambda x: (-x[1], x[0]))[:pieces]}
    vocab = spec["model"]["vocab"]
    extra = [i for i, (p, _) in enumerate(vocab) if p.startswith("<extra_id_")]
    order = [0, 1, 2] + [i for i, (p, _) in enumerate(vocab)
                         if i > 2 and i not in extra and (i in keep or len(p) == 1)] + extra
    new_id = {old: new for new, old in enumerate(order)}
    spec["model"]["vocab"] = [vocab[i] for i in order]
    for token in spec["added_tokens"]:
        token["id"] = new_id[token["id"]]
    with tempfile.TemporaryDirectory() as tmp:
        file = Path(tmp) / "tokenizer.json"
        file.write_text(json.dumps(spec, ensure_ascii=False))
        T5TokenizerFast(tokenizer_file=str(file), extra_ids=EXTRA_IDS, model_max_length=512).save_pretrained(folder)


def copy_tokenizer(folder, compact=False):
    for name in ("tokenizer.json", "special_tokens_map.json"):
        shutil.copyfile(TOKENIZER / name, folder / name)
    config = json.loads((TOKENIZER / "tokenizer_config.json").read_text())
    config.pop("add_prefix_space", None)  # with it HF builds the tokenizer from spiece.model and leaves tokenizer.json unread
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n")
    if compact:
        file = folder / "tokenizer.json"
        file.write_text(json.dumps(json.loads(file.read_text()), ensure_ascii=False, separators=(",", ":")))


def bart_tokenizer(texts, pieces, folder):
    from tokenizers import ByteLevelBPETokenizer
    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(texts, vocab_size=pieces, min_frequency=2, show_progress=False,
                            special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    with tempfile.TemporaryDirectory() as tmp:
        bpe.save_model(tmp)
        BartTokenizerFast(f"{tmp}/vocab.json", f"{tmp}/merges.txt", model_max_length=512).save_pretrained(folder)


def tokenization(tok, data, rng):
    sample = rng.sample(data, 14)
    texts = HAND_WRITTEN + [x["question"] for x in sample[:6]] + [prompt(x) for x in sample[6:10]] + [x["context"] for x in sample[10:]]
    texts += ["".join(rng.choices(FRAGMENTS, k=rng.randint(4, 14))) for _ in range(12)]
    cases = [dict(text=t, pair=None, max_length=None, truncation=False) for t in texts]
    long = " ".join(x["context"] for x in sample[:8])
    cases += [dict(text=long, pair=None, max_length=n, truncation=True) for n in (512, 64, 8, 1)]
    for x in sample[:6]:
        cases.append(dict(text=x["question"], pair=x["context"], max_length=None, truncation=False))
        if len(tok(x["question"])["input_ids"]) < 44:  # HF raises when the first text alone is too long
            cases.append(dict(text=x["question"], pair=x["context"], max_length=48, truncation="only_second"))
        cases.append(dict(text=x["question"], pair=x["context"], max_length=40, truncation="longest_first"))
    cases.append(dict(text="", pair="context only", max_length=None, truncation=False))
    for c in cases:
        e = tok(c["text"], c["pair"], truncation=c["truncation"], max_length=c["max_length"], return_offsets_mapping=True)
        c["ids"], c["attention_mask"] = e["input_ids"], e["attention_mask"]
        c["sequence_ids"] = e.sequence_ids()
        c["offsets"] = [list(o) for o in e["offset_mapping"]]
        parts = [c["text"] if s == 0 else c["pair"] if s == 1 else "" for s in c["sequence_ids"]]
        c["offsets_utf16"] = [[len(p[:o].encode("utf-16-le")) // 2 for o in off] for p, off in zip(parts, c["offsets"])]
        c["decoded"] = tok.decode(c["ids"], skip_special_tokens=True)
        c["decoded_no_cleanup"] = tok.decode(c["ids"], skip_special_tokens=True, clean_up_tokenization_spaces=False)
        c["decoded_with_special"] = tok.decode(c["ids"], skip_special_tokens=False)
    padded = []
    for padding, length in (("longest", 64), ("max_length", 32)):
        batch = [prompt(x) for x in sample[:2]] + [sample[2]["question"], ""]
        e = tok(batch, padding=padding, truncation=True, max_length=length)
        padded.append(dict(texts=batch, padding=padding, max_length=length, ids=e["input_ids"], attention_mask=e["attention_mask"]))
    return dict(cases=cases, padded=padded)

# ------------------------------------------------------------------------------------------------------ models


@torch.no_grad()
def randomize(model, seed, eos_id, logit_std, eos_gain, cross_gain):
    """Seeded random weights. Every matrix keeps the scale of its input, except: q gives attention scores of std 2 to 3;
    cross-attention output times `cross_gain` (so that the output follows the input); the row of </s> times `eos_gain`,
    and in BART its bias + 5 (so that some sequences end); in a tied model the decoder's last norm has random signs (or
    the output would only repeat its last token)."""
    g = torch.Generator().manual_seed(seed)
    c = model.config
    bart = c.model_type == "bart"
    tied = c.tie_word_embeddings
    last_norm = f"decoder.layers.{c.decoder_layers - 1}.final_layer_norm.weight" if bart else "decoder.final_layer_norm.weight"
    seen = set()
    for name, p in sorted(model.named_parameters(remove_duplicate=True)) + sorted(model.named_buffers()):
        if p.data_ptr() in seen or not p.dtype.is_floating_point:
            continue
        seen.add(p.data_ptr())
        x = torch.randn(p.shape, generator=g)
        if name == "final_logits_bias":
            x *= 0.2
            x[0, eos_id] += 5.0
        elif p.dim() == 1:
            x = x * 0.1 + (1.0 if "norm" in name and not name.endswith("bias") else 0.0)
            if tied and name.endswith(last_norm):
                x *= torch.randint(0, 2, p.shape, generator=g) * 2 - 1
        elif "relative_attention_bias" in name:
            x *= 0.7
        elif "embed_positions" in name:
            x *= 0.3
        elif name.endswith(("shared.weight", "embed_tokens.weight")):
            x *= logit_std * c.d_model ** -0.5 if bart else logit_std if tied else 1.0
            if tied:
                x[eos_id] *= eos_gain
        elif name == "lm_head.weight":
            x *= logit_std * c.d_model ** -0.5
            x[eos_id] *= eos_gain
        else:
            x *= p.shape[1] ** -0.5
            if name.endswith(".q.weight"):
                x *= 2.0 * c.d_kv ** -0.5
            elif name.endswith(".q_proj.weight"):
                x *= 3.0
            elif "EncDecAttention.o." in name or "encoder_attn.out_proj" in name:
                x *= cross_gain
        p.copy_(x)
    model.tie_weights()
    return model.eval()


def make_models(out, dims, seed, data):
    texts = sorted({x["context"] for x in data}) + [x["question"] for x in data[::4]]
    names = list(dims)
    for name in names:
        folder = out / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        d = dict(dims[name])
        pieces = d.pop("pieces", None)
        s = seed * 100 + names.index(name)
        if name == "bart":
            bart_tokenizer(texts[:len(texts) // 4], pieces, folder)
            n = math.ceil((len(AutoTokenizer.from_pretrained(folder)) + 1) / 8) * 8
            config = BartConfig(vocab_size=n, max_position_embeddings=512, d_model=d["d_model"],
                                encoder_layers=d["encoder_layers"], decoder_layers=d["decoder_layers"],
                                encoder_attention_heads=d["heads"], decoder_attention_heads=d["heads"],
                                encoder_ffn_dim=d["d_ff"], decoder_ffn_dim=d["d_ff"], forced_eos_token_id=None)
            model = randomize(BartForConditionalGeneration(config), s, 2, 2.0, 2.0, 1.5)
            model.generation_config = GenerationConfig(
                bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2, forced_bos_token_id=0,
                forced_eos_token_id=2, num_beams=4, early_stopping=True, no_repeat_ngram_size=3)
        else:
            if name == "flan-t5":
                copy_tokenizer(folder)
                n = -(-len(T5TokenizerFast.from_pretrained(TOKENIZER)) // 128) * 128
            else:
                pruned_t5_tokenizer(texts, pieces, folder)
                n = math.ceil((len(AutoTokenizer.from_pretrained(folder)) + 1) / 32) * 32
            kind, cls = (MT5Config, MT5ForConditionalGeneration) if name == "mt5" else (T5Config, T5ForConditionalGeneration)
            config = kind(vocab_size=n, tie_word_embeddings=name == "t5-v1_0", decoder_start_token_id=0, pad_token_id=0,
                          eos_token_id=1, feed_forward_proj="relu" if name == "t5-v1_0" else "gated-gelu", **d)
            model = randomize(cls(config), s, 1, 2.0, {"t5-v1_0": 2.0, "flan-t5": 3.5, "mt5": 2.5}[name], 4.0)
        model.save_pretrained(folder)
    # The same weights in other files: fp32 shards, bf16, fp16. HF keeps the FFN's "wo" in fp32 when it loads as fp16.
    base = out / "flan-t5"
    base_bytes = (base / "model.safetensors").stat().st_size
    for name, dtype, shard in (("flan-t5-sharded", torch.float32, f"{base_bytes // 3 // 1000}KB"), ("flan-t5-bf16", torch.bfloat16, "1GB"),
                               ("flan-t5-fp16", torch.float16, "1GB")):
        folder = out / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        copy_tokenizer(folder, compact=True)
        T5ForConditionalGeneration.from_pretrained(base, dtype=dtype).save_pretrained(folder, max_shard_size=shard)


def load(folder, dtype=torch.float32):
    """fp32 always: a bf16 or fp16 file is converted on load."""
    return AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32).to(dtype).eval()


@contextlib.contextmanager
def float64():
    """HF's T5 computes the norm's variance and the attention softmax in fp32 even in a double model. Here: in fp64."""
    def norm(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.variance_epsilon))
    saved = T5LayerNorm.forward, MT5LayerNorm.forward, torch.Tensor.float
    T5LayerNorm.forward = MT5LayerNorm.forward = norm
    torch.Tensor.float = lambda self: self if self.dtype == torch.float64 else saved[2](self)
    try:
        yield
    finally:
        T5LayerNorm.forward, MT5LayerNorm.forward, torch.Tensor.float = saved


def both(f):
    """f(dtype) in fp32 and in fp64."""
    a = f(torch.float32)
    with float64():
        return a, f(torch.float64)


def err(a, b):
    return float((a.double() - b.double()).abs().max())

# ----------------------------------------------------------------------------------------------------- batches


def make_batches(tok, data, rng, count, size, max_in, max_out):
    examples = [x for x in rng.sample(data, 300) if len(tok(x["answers"][0])["input_ids"]) <= max_out]
    chosen = rng.sample(examples, count * size)
    rows = [dict(id=x["id"], input_ids=tok(prompt(x), truncation=True, max_length=max_in)["input_ids"],
                 labels=tok(x["answers"][0], truncation=True, max_length=max_out)["input_ids"]) for x in chosen]
    return [rows[i:i + size] for i in range(0, len(rows), size)]


def pad(rows, value):
    n = max(map(len, rows))
    return torch.tensor([r + [value] * (n - len(r)) for r in rows])


def collate(rows, pad_id):
    ids = pad([r["input_ids"] for r in rows], pad_id)
    mask = pad([[1] * len(r["input_ids"]) for r in rows], 0)
    return dict(input_ids=ids, attention_mask=mask, labels=pad([r["labels"] for r in rows], -100))

# ----------------------------------------------------------------------------------------------------- forward


@torch.no_grad()
def forward(model, batch, columns):
    o = model(**batch, output_hidden_states=True)
    top = o.logits.topk(10)
    return dict(encoder_last_hidden_state=o.encoder_last_hidden_state, decoder_last_hidden_state=o.decoder_hidden_states[-1],
                logits=o.logits[..., columns].contiguous(), logsumexp=o.logits.logsumexp(-1), loss=o.loss[None],
                top10_logits=top.values, top10_ids=top.indices, logits_std=o.logits.std()[None])


def forward_reference(folder, batch, columns, tensors, prefix="forward"):
    a, b = both(lambda dtype: forward(load(folder, dtype), batch, columns))
    for k in a:
        if k not in ("top10_ids", "logits_std"):
            tensors[f"{prefix}.{k}"] = a[k]
            if k != "logits" or len(columns) < 1000:  # room
                tensors[f"{prefix}.{k}.f64"] = b[k]
    tensors[f"{prefix}.top10_ids"] = a["top10_ids"]
    assert torch.equal(a["top10_ids"], b["top10_ids"])
    return dict(loss=float(a["loss"]), loss_f64=float(b["loss"]), logits_std=float(a["logits_std"]),
                max_abs_error_fp32_vs_f64={k: err(a[k], b[k]) for k in a if k not in ("top10_ids", "logits_std")})


def forward_inputs(tok, data, rng, model):
    a, b, c, d = rng.sample([x for x in rng.sample(data, 300) if len(tok(prompt(x))["input_ids"]) > 200], 4)
    rows = [dict(input_ids=tok(t, truncation=True, max_length=n)["input_ids"], labels=tok(l, truncation=True, max_length=12)["input_ids"])
            for t, n, l in ((prompt(a), 192, a["answers"][0]), (prompt(b), 97, b["context"]),
                            (c["question"], 64, "yes"), (prompt(d), 33, d["answers"][-1]))]
    pad_id = model.config.pad_token_id
    batch = collate(rows, pad_id)
    v = model.config.vocab_size
    used = {0, 1, 2, v - 1, *batch["labels"].flatten().clamp(min=0).tolist()}
    columns = torch.tensor(sorted(used | set(rng.sample(range(v), 400))) if v > 10000 else list(range(v)))
    return rows, batch, columns

# -------------------------------------------------------------------------------------------------- generation

BEAM = dict(num_beams=4, length_penalty=1.0)
GENERATION = {
    "greedy": {},
    "greedy_no_repeat_ngram_3": dict(no_repeat_ngram_size=3),
    "greedy_repetition_penalty": dict(repetition_penalty=1.2),
    "greedy_min_new_tokens": dict(min_new_tokens=12),
    "greedy_forced": dict(forced_bos_token_id="BOS", forced_eos_token_id="EOS", max_new_tokens=6),
    "greedy_all": dict(no_repeat_ngram_size=3, repetition_penalty=1.2, min_new_tokens=8, forced_eos_token_id="EOS", max_new_tokens=16),
    "beam4_early_stopping": dict(**BEAM, early_stopping=True),
    "beam4": dict(**BEAM, early_stopping=False),
    "beam4_never": dict(**BEAM, early_stopping="never"),
    "beam4_length_penalty_2": dict(num_beams=4, length_penalty=2.0, early_stopping=False),
    "beam4_length_penalty_0.5": dict(num_beams=4, length_penalty=0.5, early_stopping="never"),
    "beam4_no_repeat_ngram_3": dict(**BEAM, early_stopping=True, no_repeat_ngram_size=3),
    "beam4_repetition_penalty": dict(**BEAM, early_stopping=True, repetition_penalty=1.2),
    "beam4_min_new_tokens": dict(**BEAM, early_stopping=True, min_new_tokens=12),
    "beam4_forced": dict(**BEAM, early_stopping=True, forced_bos_token_id="BOS", forced_eos_token_id="EOS", max_new_tokens=6),
    "beam4_return_4": dict(**BEAM, early_stopping=False, num_return_sequences=4, max_new_tokens=10),
    "defaults": None,
}


@torch.no_grad()
def generate(model, tok, inputs, options, forced_bos):
    saved = model.generation_config
    if options is not None:
        ids = dict(BOS=forced_bos, EOS=model.config.eos_token_id)
        options = {"max_new_tokens": 32, **{k: ids.get(v, v) if isinstance(v, str) else v for k, v in options.items()}}
        model.generation_config = GenerationConfig(
            pad_token_id=saved.pad_token_id, eos_token_id=saved.eos_token_id,
            decoder_start_token_id=saved.decoder_start_token_id, **options)
        more = {}
    else:
        more = dict(max_new_tokens=16)
    o = model.generate(**inputs, **more, return_dict_in_generate=True, output_scores=True, output_logits=True)
    used = model.generation_config.to_diff_dict() | more
    model.generation_config = saved
    r = dict(generation_config={k: v for k, v in used.items() if k[0] != "_" and k != "transformers_version"}, sequences=o.sequences.tolist(),
             texts=tok.batch_decode(o.sequences, skip_special_tokens=True))
    if getattr(o, "sequences_scores", None) is not None:
        r["sequences_scores"] = o.sequences_scores.tolist()
    else:
        raw, scores = (torch.stack(x, 1).double() for x in (o.logits, o.scores))
        chosen = o.sequences[:, 1:, None]
        n = ((chosen[..., 0] == model.config.eos_token_id).cumsum(1) - (chosen[..., 0] == model.config.eos_token_id).int() == 0).sum(1).tolist()
        lp, plp = (x.log_softmax(-1).gather(2, chosen)[..., 0].tolist() for x in (raw, scores))
        gap = scores.topk(2).values
        gap = gap[..., 0] - gap[..., 1]
        r["token_log_probs"] = [x[:k] for x, k in zip(lp, n)]
        r["token_log_probs_of_processed_scores"] = [x[:k] for x, k in zip(plp, n)]
        r["smallest_top2_gap"] = min(float(g[:k].min()) for g, k in zip(gap, n))
    return r


def generation_reference(folder, tok, data, rng):
    model = load(folder)
    start = model.config.decoder_start_token_id
    chosen = rng.sample(data, 60)
    for attempt in range(10):  # inputs whose results do not hang on fp32 rounding
        texts = [prompt(x) for x in chosen[attempt * 6:attempt * 6 + 5]] + [chosen[attempt * 6 + 5]["question"]]
        rows = tok(texts, truncation=True, max_length=128)["input_ids"]
        inputs = dict(input_ids=pad(rows, model.config.pad_token_id), attention_mask=pad([[1] * len(r) for r in rows], 0))
        forced = tok(chosen[0]["answers"][0], add_special_tokens=False)["input_ids"][0]
        result, stable, worst = {}, True, 0.0
        for name, options in GENERATION.items():
            a, b = both(lambda dtype: generate(load(folder, dtype), tok, inputs, options, forced))
            stable &= a["sequences"] == b["sequences"] and a.get("smallest_top2_gap", 1) > 1e-3
            for k in ("sequences_scores", "token_log_probs"):
                if k in a and stable:
                    a[k + "_f64"] = b[k]
                    worst = max(worst, max(abs(x - y) for x, y in zip(*(itertools.chain(*v) if k[0] == "t" else v for v in (a[k], b[k])))))
            result[name] = a
            if not stable:
                print("  generation: unstable in", name, "- other inputs")
                break
        if stable and len({tuple(s) for s in result["greedy"]["sequences"]}) >= len(texts) - 1:
            break
    else:
        raise AssertionError("greedy output does not depend on the input, or hangs on rounding")
    greedy = result["greedy"]["sequences"]
    for i, row in enumerate(rows):  # padding does not change the result
        one = generate(model, tok, dict(input_ids=torch.tensor([row])), GENERATION["greedy"], forced)["sequences"][0]
        assert one == greedy[i][:len(one)], (one, greedy[i])
    return dict(texts=texts, max_length=128, input_ids=rows, decoder_start_token_id=start, score_error_fp32_vs_f64=worst, cases=result)

# ---------------------------------------------------------------------------------------------------- training


class KerasAdam(torch.optim.Optimizer):
    """tf.keras Adam: eps is added to sqrt(v), not to sqrt(v_hat)."""
    def __init__(self, params, lr, eps=1e-7, betas=(0.9, 0.999)):
        super().__init__(params, dict(lr=lr, eps=eps, betas=betas))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                s = self.state[p]
                if not s:
                    s.update(t=0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                s["t"] += 1
                s["m"].add_(p.grad - s["m"], alpha=1 - b1)
                s["v"].add_(p.grad.square() - s["v"], alpha=1 - b2)
                lr = group["lr"] * math.sqrt(1 - b2 ** s["t"]) / (1 - b1 ** s["t"])
                p.sub_(lr * s["m"] / (s["v"].sqrt() + group["eps"]))


class Lamb(torch.optim.Optimizer):
    """LAMB, You et al. 2020, algorithm 2, phi = identity, per tensor, with bias correction."""
    def __init__(self, params, lr, weight_decay=0.01, eps=1e-6, betas=(0.9, 0.999)):
        super().__init__(params, dict(lr=lr, eps=eps, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                s = self.state[p]
                if not s:
                    s.update(t=0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                s["t"] += 1
                s["m"].mul_(b1).add_(p.grad, alpha=1 - b1)
                s["v"].mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
                m, v = s["m"] / (1 - b1 ** s["t"]), s["v"] / (1 - b2 ** s["t"])
                r = m / (v.sqrt() + group["eps"]) + group["weight_decay"] * p
                w_norm, r_norm = float(p.norm()), float(r.norm())
                trust = w_norm / r_norm if w_norm > 0 and r_norm > 0 else 1.0
                p.sub_(r, alpha=group["lr"] * trust)


def make_optimizer(params, spec):
    """params: (name, parameter) pairs; weight decay is left off those that HF's Trainer leaves out."""
    kind, lr = spec["optimizer"], spec["lr"]
    if kind == "adam_keras":
        return KerasAdam([p for _, p in params], lr, eps=1e-7)
    if kind == "adam":
        return torch.optim.Adam([p for _, p in params], lr, eps=1e-8)
    if kind == "adamw":
        groups = [dict(params=[p for n, p in params if decayed(n) == d], weight_decay=0.01 if d else 0.0) for d in (True, False)]
        return torch.optim.AdamW([g for g in groups if g["params"]], lr, eps=1e-8)
    if kind == "lamb":
        return Lamb([p for _, p in params], lr)
    if kind == "sgd":
        return torch.optim.SGD([p for _, p in params], lr, momentum=0.9)
    raise ValueError(kind)


def decayed(name):
    """HF Trainer.get_decay_parameter_names of transformers 4.57, by name (checked against it in full_reference)."""
    return not re.search(r"bias|layernorm|rmsnorm|(?:^|\.)norm(?:$|\.)|_norm(?:$|\.)", name.lower())


def lr_factor(spec, step, steps):
    """HF get_linear_schedule_with_warmup; the first step is step 0."""
    if spec["schedule"] == "constant":
        return 1.0
    w = spec["warmup_steps"]
    return step / max(1, w) if step < w else max(0.0, (steps - step) / max(1, steps - w))


def run(model, trainable, batches, spec, steps, pad_id, accumulate=None):
    """`trainable`: names of what trains. `accumulate`: None, "token_weighted" or "mean_of_means" over halves of a batch."""
    for n, p in model.named_parameters():
        p.requires_grad_(n in trainable)
    params = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    assert {n for n, _ in params} == set(trainable)
    optimizer = make_optimizer(params, spec)
    r = dict(losses=[], grad_norms=[], lrs=[])
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = spec["lr"] * lr_factor(spec, step, steps)
        rows = batches[step % len(batches)]
        micro = [rows] if accumulate is None else [rows[:len(rows) // 2], rows[len(rows) // 2:]]
        tokens = sum(len(x["labels"]) for x in rows)
        optimizer.zero_grad()
        loss = 0.0
        for part in micro:
            weight = sum(len(x["labels"]) for x in part) / tokens if accumulate != "mean_of_means" else 1 / len(micro)
            l = model(**collate(part, pad_id)).loss * weight
            l.backward()
            loss += float(l.detach())
        norm = torch.nn.utils.clip_grad_norm_([p for _, p in params], spec.get("clip_norm") or math.inf)
        r["losses"].append(loss)
        r["grad_norms"].append(float(norm))
        r["lrs"].append(optimizer.param_groups[0]["lr"])
        optimizer.step()
    with torch.no_grad():
        r["loss_after_on_first_batch"] = float(model(**collate(batches[0], pad_id)).loss)
    return r


def untie(model):
    model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach().clone())
    return model


HEAD_RUNS = {
    "adam_keras_3e-5": dict(optimizer="adam_keras", lr=3e-5, schedule="constant"),
    "adam_keras_1e-3": dict(optimizer="adam_keras", lr=1e-3, schedule="constant"),
    "adam_3e-5": dict(optimizer="adam", lr=3e-5, schedule="constant"),
    "adam_1e-3": dict(optimizer="adam", lr=1e-3, schedule="constant"),
    "adamw_1e-3": dict(optimizer="adamw", lr=1e-3, schedule="constant"),
    "adamw_1e-2_linear": dict(optimizer="adamw", lr=1e-2, schedule="linear", warmup_steps=5),
    "adamw_1e-3_clip": dict(optimizer="adamw", lr=1e-3, schedule="constant", clip_norm=1.0),
    "lamb_1e-2": dict(optimizer="lamb", lr=1e-2, schedule="constant"),
    "lamb_1e-2_linear": dict(optimizer="lamb", lr=1e-2, schedule="linear", warmup_steps=5),
    "sgd_0.1": dict(optimizer="sgd", lr=0.1, schedule="constant"),
    "sgd_0.1_linear_clip": dict(optimizer="sgd", lr=0.1, schedule="linear", warmup_steps=5, clip_norm=0.1),
}


def compare_runs(a, b):
    return {k: max(abs(x - y) for x, y in zip(a[k], b[k])) for k in ("losses", "grad_norms")}


def head_training(folder, batches, rng, tensors, pad_id):
    first = load(folder).lm_head.weight.detach().clone()
    v = first.shape[0]
    used = sorted({t for rows in batches for r in rows for t in r["labels"]})
    rows = sorted(set(rng.sample(used, 24)) | set(rng.sample(range(v), 24)) | {0, 1, 2, v - 1})
    tensors["training.head_rows"] = torch.tensor(rows)
    result = {}
    for name, spec in HEAD_RUNS.items():
        heads = []

        def go(dtype):
            model = untie(load(folder)).to(dtype)
            r = run(model, ["lm_head.weight"], batches, spec, len(batches), pad_id)
            heads.append(model.lm_head.weight.detach())
            return r
        a, b = both(go)
        h, h64 = heads
        tensors[f"training.{name}.head"] = h[rows].clone()
        tensors[f"training.{name}.head.f64"] = h64[rows].clone()
        if name == "adam_keras_1e-3" and v < 10000:
            tensors[f"training.{name}.whole_head"] = h.clone()
        if name == "sgd_0.1_linear_clip":
            assert min(a["grad_norms"]) > spec["clip_norm"], "clipping does not act"
        result[name] = dict(**spec, steps=len(batches), **a, losses_f64=b["losses"], grad_norms_f64=b["grad_norms"],
                            head_norm=float(h64.norm()), head_change_norm=float((h64 - first).norm()),
                            head_sha256=hashlib.sha256(h.contiguous().numpy().tobytes()).hexdigest(),
                            error_fp32_vs_f64=dict(**compare_runs(a, b), head=err(h, h64)))
    return dict(trainable=["lm_head.weight"], head_row_ids=rows, runs=result)


def wider_training(folder, batches, pad_id):
    """The last decoder block + head, then everything."""
    model = load(folder)
    bart = model.config.model_type == "bart"
    last = f"model.decoder.layers.{model.config.decoder_layers - 1}." if bart else f"decoder.block.{model.config.num_decoder_layers - 1}."
    spec = dict(optimizer="adamw", lr=1e-3, schedule="constant")
    everything = [n for n, _ in model.named_parameters()]
    by_trainer = set(Trainer.get_decay_parameter_names(None, model))
    assert {n for n in everything if decayed(n)} == by_trainer & set(everything)
    names = [n for n, _ in untie(load(folder)).named_parameters()]
    block = [n for n in names if n.startswith(last)] + ["lm_head.weight"]
    result = {}
    for name, trainable, steps, change, clip in (("last_block_and_head", block, 10, untie, None), ("full", everything, 5, lambda m: m, 1.0)):
        models = []
        spec["clip_norm"] = clip

        def go(dtype):
            m = change(load(folder)).to(dtype)
            models.append(m)
            return run(m, trainable, batches, spec, steps, pad_id)
        a, b = both(go)
        w, w64 = (dict(m.named_parameters()) for m in models)
        noise = {n for n in w if n.endswith("k_proj.bias")}  # its gradient is zero but for rounding, which Adam blows up
        result[name] = dict(**spec, steps=steps, trainable=trainable, not_decayed=[n for n in trainable if not decayed(n)],
                            **a, losses_f64=b["losses"], grad_norms_f64=b["grad_norms"],
                            final_norms={n: float(w64[n].detach().norm()) for n in trainable if n not in noise},
                            error_fp32_vs_f64=dict(**compare_runs(a, b), weights=max(err(w[n].detach(), w64[n].detach()) for n in trainable if n not in noise)))
    return result


def accumulation(folder, batches, pad_id):
    """5 updates on batches of 8: at once, and as 2 x 4."""
    eights = [batches[i] + batches[i + 1] for i in range(0, 10, 2)]
    spec = dict(optimizer="adamw", lr=1e-2, schedule="constant")
    result = {}
    for name, how in (("batch_of_8", None), ("token_weighted", "token_weighted"), ("mean_of_means", "mean_of_means")):
        a, b = both(lambda dtype: run(untie(load(folder)).to(dtype), ["lm_head.weight"], eights, spec, 5, pad_id, how))
        result[name] = dict(**spec, steps=5, **a, losses_f64=b["losses"], grad_norms_f64=b["grad_norms"], error_fp32_vs_f64=compare_runs(a, b))
    x, y, z = (result[k]["losses_f64"] for k in result)
    assert max(abs(p - q) for p, q in zip(x, y)) < 1e-9 < max(abs(p - q) for p, q in zip(x, z))
    return result


def lora_reference(out, name, batches, batch, columns, seed, tensors):
    from peft import LoraConfig, PeftModel, get_peft_model
    folder, pad_id = out / name, 0
    config = LoraConfig(r=4, lora_alpha=16, lora_dropout=0.0, target_modules=["q", "v"], task_type="SEQ_2_SEQ_LM")
    model = get_peft_model(load(folder), config)
    g = torch.Generator().manual_seed(seed)
    for n, p in sorted(model.named_parameters()):
        if "lora_" in n:
            p.data.copy_(torch.randn(p.shape, generator=g) * (p.shape[1] ** -0.5 if "lora_A" in n else 0.04))

    def save(m, where):
        shutil.rmtree(where, ignore_errors=True)
        for c in m.peft_config.values():
            c.base_model_name_or_path = name
        m.save_pretrained(where, save_embedding_layers=False)
        (where / "README.md").unlink(missing_ok=True)
        file = where / "adapter_config.json"  # peft writes a set: order it
        c = json.loads(file.read_text())
        c["target_modules"] = sorted(c["target_modules"])
        file.write_text(json.dumps(c, indent=2, sort_keys=True) + "\n")
    save(model, folder / "lora")
    a, b = both(lambda dtype: forward(PeftModel.from_pretrained(load(folder), folder / "lora").to(dtype), batch, columns))
    for k in ("logits", "encoder_last_hidden_state", "decoder_last_hidden_state", "loss"):
        tensors[f"lora.{k}"] = a[k]
    spec = dict(optimizer="adamw", lr=1e-3, schedule="constant")
    models = []

    def go(dtype):
        m = PeftModel.from_pretrained(load(folder), folder / "lora", is_trainable=True).to(dtype)
        models.append(m)
        return run(m, [n for n, _ in m.named_parameters() if "lora_" in n], batches, spec, 10, pad_id)
    ra, rb = both(go)
    save(models[0], folder / "lora-trained")
    w, w64 = ({n: p.detach() for n, p in m.named_parameters() if "lora_" in n} for m in models)
    return dict(r=4, lora_alpha=16, scaling=4.0, target_modules=["q", "v"], loss=float(a["loss"]),
                logits_change=err(a["logits"], tensors["forward.logits"]), logits_error_fp32_vs_f64=err(a["logits"], b["logits"]),
                training=dict(**spec, steps=10, **ra, losses_f64=rb["losses"], grad_norms_f64=rb["grad_norms"],
                              trainable_parameters=sum(p.numel() for p in w.values()),
                              error_fp32_vs_f64=dict(**compare_runs(ra, rb), weights=max(err(w[n], w64[n]) for n in w))))

# -------------------------------------------------------------------------------------------------- extractive


@torch.no_grad()
def span_log_probs(model, ids, starts, longest):
    """For each start, log p(token i | before) and log p(</s> | first i tokens), by teacher forcing from that start."""
    eos, start = model.config.eos_token_id, model.config.decoder_start_token_id
    encoded = model.get_encoder()(input_ids=torch.tensor([ids]))
    token, end = [], []
    for i in range(0, len(starts), 32):
        part = [ids[s:s + longest] for s in starts[i:i + 32]]
        target = pad(part, 0)
        decoder = torch.cat([torch.full((len(part), 1), start), target], 1)
        hidden = encoded.last_hidden_state.expand(len(part), -1, -1)
        logits = model(encoder_outputs=transformers.modeling_outputs.BaseModelOutput(hidden), decoder_input_ids=decoder).logits
        lse = logits.logsumexp(-1)
        token += (logits[:, :-1].gather(2, target[..., None])[..., 0] - lse[:, :-1]).tolist()
        end += (logits[..., eos] - lse).tolist()
    return token, end


def extractive(folder, tok, data, rng, count=12, longest=12):
    model = load(folder)
    with float64():
        model64 = load(folder, torch.float64)
    pool = [(len(tok(prompt(x))["input_ids"]), x) for x in rng.sample(data, 400)]
    short = [x for n, x in pool if 60 < n <= 160]
    if len(short) < count:
        short = [x for _, x in sorted(pool, key=lambda p: p[0])[:2 * count]]
    result = []
    for x in rng.sample(short, count):
        text, context = prompt(x), x["context"]
        before = len(f"question: {x['question']} context:")
        e = tok(text, return_offsets_mapping=True)
        ids = e["input_ids"]
        offsets = [(max(s - before - 1, 0), t - before - 1) for s, t in e["offset_mapping"]]
        inside = [i for i, (s, t) in enumerate(e["offset_mapping"]) if t > before and ids[i] not in tok.all_special_ids]
        first, last = inside[0], max(i for i in range(len(ids)) if e["offset_mapping"][i][1] > before)
        starts = list(range(first, last + 1))
        token, end = span_log_probs(model, ids, starts, longest)
        with float64():
            token64, end64 = span_log_probs(model64, ids, starts, longest)
        spans, seen, elsewhere = [], set(), 0
        for k, s in enumerate(starts):
            for n in range(1, min(longest, last + 1 - s) + 1):
                span = tuple(ids[s:s + n])
                if any(i in tok.all_special_ids for i in span):
                    break
                if span in seen:
                    continue
                c0, c1 = offsets[s][0], offsets[s + n - 1][1]
                raw = context[c0:c1]
                c0 += len(raw) - len(raw.lstrip())
                answer = raw.strip()
                decoded = tok.decode(span, skip_special_tokens=True, clean_up_tokenization_spaces=False).strip()
                if not answer or decoded != answer:
                    elsewhere += bool(decoded) and decoded in context
                    continue
                seen.add(span)
                spans.append(dict(text=answer, char_start=c0, char_end=c0 + len(answer), token_start=s, tokens=n, ids=list(span),
                                  log_prob=sum(token[k][:n]) + end[k][n], log_prob_f64=sum(token64[k][:n]) + end64[k][n]))
        assert all(context[s["char_start"]:s["char_end"]] == s["text"] for s in spans)
        best = sorted(spans, key=lambda s: -s["log_prob_f64"])
        penalised = {}
        for penalty in (1.0, 1.25, 1.5, 2.0):
            ranked = sorted(((s["log_prob_f64"] / (s["tokens"] + 1) ** penalty, -i) for i, s in enumerate(spans)), reverse=True)
            penalised[str(penalty)] = dict(**spans[-ranked[0][1]], score_f64=ranked[0][0], gap_to_second=ranked[0][0] - ranked[1][0])
        by_length = {n: max((s for s in spans if s["tokens"] == n), key=lambda s: s["log_prob_f64"]) for n in range(1, longest + 1)}
        result.append(dict(id=x["id"], question=x["question"], context=context, input_ids=ids, first_context_token=first,
                           last_context_token=last, spans=len(spans), spans_found_elsewhere_only=elsewhere, best=best[:5],
                           gap_to_second=best[0]["log_prob_f64"] - best[1]["log_prob_f64"],
                           best_by_length_penalty=penalised,
                           best_by_tokens=by_length,
                           error_fp32_vs_f64=max(abs(s["log_prob"] - s["log_prob_f64"]) for s in spans)))
    return dict(longest=longest, questions=result)

# ------------------------------------------------------------------------------------------------ SQuAD metric


def normalize(s):
    s = "".join(c for c in s.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", s).split())


def exact(prediction, gold):
    return int(normalize(prediction) == normalize(gold))


def f1(prediction, gold, v2):
    p, g = normalize(prediction).split(), normalize(gold).split()
    if v2 and not (p and g):
        return float(p == g)
    same = sum((collections.Counter(p) & collections.Counter(g)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(p), same / len(g)
    return 2 * precision * recall / (precision + recall)


def score(prediction, golds, v2=False):
    if v2:
        golds = [g for g in golds if normalize(g)] or [""]
    return max(exact(prediction, g) for g in golds), max(f1(prediction, g, v2) for g in golds)


PAIRS = [
    ("Denver Broncos", ["Denver Broncos"]), ("the Denver Broncos", ["Denver Broncos"]), ("denver broncos.", ["Denver Broncos"]),
    ("Broncos", ["Denver Broncos", "The Denver Broncos"]), ("Carolina Panthers", ["Denver Broncos"]), ("", ["Denver Broncos"]),
    ("a an the", ["the"]), ("the", [""]), ("...", ["!"]), ("", [""]), ("", []), ("something", []), ("the", []), ("something", [""]),
    ("a", ["A."]), ("an apple a day", ["apple day"]), ("theatre", ["the atre"]), ("The The", ["the"]), ("Athe", ["A the"]),
    ("a-b", ["ab"]), ("a-b", ["a b"]), ("U.S.", ["US"]), ("U. S.", ["US"]), ("don't", ["dont"]), ("don\u2019t", ["dont"]), ("don\u2019t", ["don't"]),
    ("\u201cquoted\u201d", ["quoted"]), ("\"quoted\"", ["quoted"]), ("1,000", ["1000"]), ("1.5 million", ["15 million"]), ("$5", ["5"]), ("\u20ac5", ["5"]),
    ("50%", ["50 percent"]), ("1980\u201390", ["198090"]), ("1980-90", ["198090"]), ("Beyonc\u00e9", ["Beyonc\u00e9"]), ("Beyonc\u00e9", ["Beyonce\u0301"]),
    ("Beyonc\u00e9", ["Beyonce"]), ("STRASSE", ["stra\u00dfe"]), ("\u0130stanbul", ["istanbul"]), ("\u0130stanbul", ["i\u0307stanbul"]), ("\u039f\u03a3", ["\u03bf\u03c2"]), ("\u039f\u03a3\u0391", ["\u03bf\u03c3\u03b1"]),
    ("new\u00a0york", ["new york"]), ("new\u3000york", ["new york"]), ("new\u200byork", ["new york"]), ("new\u2028york\x85city", ["new york city"]), ("a\u00a0b", ["b"]),
    ("new\tyork\n", ["new york"]), ("x\x1cy", ["x y"]), ("\u00e9 a \u00e9", ["\u00e9 \u00e9"]), ("a\u00e9", ["\u00e9"]), ("\u00e9a", ["\u00e9"]), ("a\u0301 b", ["b"]), ("a_b", ["ab"]), ("_the_", [""]),
    ("the-cat", ["thecat"]), ("the\u2014cat", ["\u2014cat"]), ("an\u2019other", ["\u2019other"]), ("\u6771\u4eac", ["\u6771\u4eac"]), ("\u6771 \u4eac", ["\u6771\u4eac"]), ("\uff11\uff12", ["12"]),
    ("to be to be", ["to be"]), ("to be", ["to be to be"]), ("be to be to", ["to be or not to be"]), ("A B C D", ["d c b a"]), ("x y z", ["x", "x y", "x y z w"]),
    ("\U0001f600 smile", ["smile"]), ("\U0001f600", ["\U0001f600"]), ("\U0001d400", ["a"]), ("\u02b0the", ["\u02b0"]), ("the\u20e3", ["\u20e3"]), ("2nd", ["2 nd"]), ("\u00bd", ["1/2"]), ("<unk>", ["unk"]), ("  The   end. ", ["end"]),
]


def squad_metric(data, rng):
    changes = [str.upper, str.title, lambda s: "the " + s, lambda s: s + ".", lambda s: s.replace(" ", "  "), lambda s: s.replace(" ", "\u00a0"),
               lambda s: s.split()[0], lambda s: s + " " + s, lambda s: " ".join(reversed(s.split())), lambda s: f"\u201c{s}\u201d", lambda s: s[:-1],
               lambda s: "", lambda s: "an " + s.replace(" ", " a "), lambda s: s + "\u2019s", lambda s: s.replace("e", "\u00e9"), lambda s: "in " + s]
    pairs = list(PAIRS)
    for x in rng.sample(data, 48):
        pairs.append((rng.choice(changes)(rng.choice(x["answers"])), x["answers"]))
    cases = []
    for p, golds in pairs:
        one = dict(prediction=p, golds=golds, normalized_prediction=normalize(p), normalized_golds=[normalize(g) for g in golds])
        if golds:
            one["v1_exact"], one["v1_f1"] = score(p, golds)
        one["v2_exact"], one["v2_f1"] = score(p, golds, v2=True)
        cases.append(one)

    def mean(xs):
        return 100.0 * sum(xs) / len(xs)
    v1 = [c for c in cases if c["golds"]]
    totals = dict(v1=dict(exact_match=mean([c["v1_exact"] for c in v1]), f1=mean([c["v1_f1"] for c in v1]), total=len(v1)))
    v2 = dict(exact=mean([c["v2_exact"] for c in cases]), f1=mean([c["v2_f1"] for c in cases]), total=len(cases))
    for label, group in (("HasAns", [c for c in cases if c["golds"]]), ("NoAns", [c for c in cases if not c["golds"]])):
        v2 |= {f"{label}_exact": mean([c["v2_exact"] for c in group]), f"{label}_f1": mean([c["v2_f1"] for c in group]), f"{label}_total": len(group)}
    return dict(pairs=cases, totals=totals | dict(v2=v2))

# -------------------------------------------------------------------------------------------- making and checking


def relative_buckets():
    """T5's bucket of each distance (key position - query position), -300 to 300, as HF computes it: in fp32."""
    bucket, d = T5Attention._relative_position_bucket, torch.arange(-300, 301)
    return dict(first_distance=-300, tables=[
        dict(num_buckets=n, max_distance=m, bidirectional=b, buckets=bucket(d, bidirectional=b, num_buckets=n, max_distance=m).tolist())
        for n, m, b in itertools.product((16, 32, 64), (64, 128, 256), (True, False))])


def write_json(path, value):
    path.write_text(json.dumps(value, indent=None, separators=(",", ":"), ensure_ascii=True) + "\n")


def make(out, suite, seed, data_file):
    data = read_squad(data_file)
    dims = draw_dims(random.Random(seed))
    make_models(out, dims, seed, data)
    for k, name in enumerate(dims):
        print(name, flush=True)
        rng = random.Random(seed * 1000 + k)
        folder = out / name
        tok, model, tensors = AutoTokenizer.from_pretrained(folder), load(folder), {}
        pad_id = model.config.pad_token_id
        reference = dict(model=name, tokenization=tokenization(tok, data, rng))
        rows, batch, columns = forward_inputs(tok, data, rng, model)
        tensors.update({f"forward.{n}": t for n, t in batch.items()}, **{"forward.logit_columns": columns})
        tensors["forward.decoder_input_ids"] = model.prepare_decoder_input_ids_from_labels(batch["labels"])
        reference["forward"] = dict(rows=rows, **forward_reference(folder, batch, columns, tensors))
        reference["generation"] = generation_reference(folder, tok, data, rng)
        batches = make_batches(tok, data, rng, 20, 4, 96, 12)
        reference["training"] = dict(batches=batches, head=head_training(folder, batches, rng, tensors, pad_id),
                                     accumulation=accumulation(folder, batches, pad_id), **wider_training(folder, batches, pad_id))
        if name == "mt5":
            reference["lora"] = lora_reference(out, name, batches, batch, columns, seed, tensors)
        if name in ("flan-t5", "t5-v1_0"):
            reference["extractive"] = extractive(folder, tok, data, rng)
        if name == "flan-t5":
            for copy in ("flan-t5-sharded", "flan-t5-bf16", "flan-t5-fp16"):
                more = {f"forward.{n}": t for n, t in batch.items()} | {"forward.logit_columns": columns}
                write_json(out / copy / "reference.json", dict(model=copy, forward=dict(rows=rows, **forward_reference(out / copy, batch, columns, more))))
                save_file({n: t.contiguous().clone() for n, t in more.items()}, out / copy / "reference.safetensors")
        write_json(folder / "reference.json", reference)
        save_file({n: t.contiguous().clone() for n, t in tensors.items()}, folder / "reference.safetensors")
    write_json(out / "squad_metric.json", squad_metric(data, random.Random(seed)))
    write_json(out / "relative_buckets.json", relative_buckets())
    for p in out.rglob("*.safetensors"):
        p.chmod(0o644)
    files = sorted(p for p in out.rglob("*") if p.is_file() and p.suffix in (".json", ".safetensors", ".txt") and p.name != "manifest.json")
    manifest = dict(suite=suite, seed=seed, data=Path(data_file).name, dims=dims, python=sys.version.split()[0],
                    versions={n: version(n) for n in ("torch", "transformers", "tokenizers", "peft", "safetensors", "numpy")},
                    files={str(p.relative_to(out)): dict(bytes=p.stat().st_size, sha256=hashlib.sha256(p.read_bytes()).hexdigest()) for p in files})
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def check(out):
    """Loads every file back and computes a part of each kind again."""
    manifest = json.loads((out / "manifest.json").read_text())
    for name, f in manifest["files"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == f["sha256"], name
        if name.endswith(".safetensors"):
            with safe_open(out / name, "pt") as s:
                assert all(torch.isfinite(s.get_tensor(k).float()).all() for k in s.keys()), name
    for folder in sorted(p.parent for p in out.glob("*/reference.json")):
        r, t = json.loads((folder / "reference.json").read_text()), load_file(folder / "reference.safetensors")
        tok, model = AutoTokenizer.from_pretrained(folder), load(folder)
        batch = {k: t[f"forward.{k}"] for k in ("input_ids", "attention_mask", "labels")}
        assert torch.equal(batch["input_ids"], collate(r["forward"]["rows"], model.config.pad_token_id)["input_ids"])
        f = forward(model, batch, t["forward.logit_columns"])
        for k in ("encoder_last_hidden_state", "decoder_last_hidden_state", "logits", "loss"):
            torch.testing.assert_close(f[k], t[f"forward.{k}"], rtol=1e-5, atol=1e-5)
        done = ["forward"]
        if "tokenization" in r:
            for c in r["tokenization"]["cases"]:
                assert tok(c["text"], c["pair"], truncation=c["truncation"], max_length=c["max_length"])["input_ids"] == c["ids"]
                assert tok.decode(c["ids"], skip_special_tokens=True) == c["decoded"]
            done.append(f"tokenization ({len(r['tokenization']['cases'])})")
        if "generation" in r:
            g = r["generation"]
            inputs = dict(input_ids=pad(g["input_ids"], model.config.pad_token_id), attention_mask=pad([[1] * len(x) for x in g["input_ids"]], 0))
            for name, c in g["cases"].items():
                model.generation_config = GenerationConfig(**c["generation_config"])
                o = model.generate(**inputs, return_dict_in_generate=True, output_scores=True)
                assert o.sequences.tolist() == c["sequences"], name
                if "sequences_scores" in c:
                    torch.testing.assert_close(o.sequences_scores, torch.tensor(c["sequences_scores"]), rtol=1e-5, atol=1e-5)
            done.append(f"generation ({len(g['cases'])})")
        if "training" in r:
            batches, head = r["training"]["batches"], r["training"]["head"]
            name = "adam_keras_1e-3"
            again = run(m := untie(load(folder)), ["lm_head.weight"], batches, head["runs"][name], len(batches), model.config.pad_token_id)
            torch.testing.assert_close(torch.tensor(again["losses"]), torch.tensor(head["runs"][name]["losses"]), rtol=1e-5, atol=1e-5)
            torch.testing.assert_close(m.lm_head.weight.detach()[t["training.head_rows"]], t[f"training.{name}.head"], rtol=1e-4, atol=1e-5)
            done.append("training")
        if "lora" in r:
            from peft import PeftModel
            m = PeftModel.from_pretrained(load(folder), folder / "lora").merge_and_unload()
            torch.testing.assert_close(forward(m, batch, t["forward.logit_columns"])["logits"], t["lora.logits"], rtol=1e-4, atol=1e-4)
            PeftModel.from_pretrained(load(folder), folder / "lora-trained")
            done.append("lora, merged")
        for q in r.get("extractive", dict(questions=[]))["questions"]:  # the best span, scored alone
            best = q["best"][0]
            labels = torch.tensor([best["ids"] + [model.config.eos_token_id]])
            with torch.no_grad():
                loss = model(input_ids=torch.tensor([q["input_ids"]]), labels=labels).loss
            assert abs(-float(loss) * labels.shape[1] - best["log_prob"]) < 1e-3
            assert q["context"][best["char_start"]:best["char_end"]] == best["text"]
        if "extractive" in r:
            done.append("extractive")
        print("checked", folder.name, ":", ", ".join(done))
    for c in json.loads((out / "squad_metric.json").read_text())["pairs"]:
        assert score(c["prediction"], c["golds"], v2=True) == (c["v2_exact"], c["v2_f1"])


if __name__ == "__main__":
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--suite", default="squadron")
    a.add_argument("--seed", type=int, default=20261123)
    a.add_argument("--out", type=Path, default=HERE)
    a.add_argument("--data", type=Path, default=SQUAD, help="a SQuAD 1.1 file")
    a.add_argument("--tokenizer", type=Path, default=TOKENIZER, help="a folder with the fast tokenizer of a T5")
    a.add_argument("--check", action="store_true", help="only check")
    args = a.parse_args()
    TOKENIZER = args.tokenizer
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    if not args.check:
        make(args.out, args.suite, args.seed, args.data)
    check(args.out)
