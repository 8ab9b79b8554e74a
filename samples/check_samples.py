#!/usr/bin/env python3
"""Checks the sample data beside this file and prints its counts.

Needs Python 3.8 or newer and nothing but the standard library. Exits 1 on any fault.
The hostile records are judged a second time here, by a small reference reading of
the rules in README.md, and the judgement is compared with the expectation file.
"""
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MAX_QUESTION, MAX_CONTEXT, MAX_NAME, MAX_ANSWER = 8192, 131072, 256, 4096
MAX_DEPTH, MAX_DIGITS, MAX_FILE = 1000, 1000, 1_000_000
DATASET = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
ID = re.compile(r"handbook-[a-z]+-\d\d-\d\d")
OUTCOMES = {
    "not-utf8": "rejected", "not-json": "rejected", "duplicate-key": "rejected",
    "wrong-type": "rejected", "missing-field": "rejected", "too-long": "rejected",
    "invalid-text": "rejected", "blank": "rejected", "bad-name": "rejected",
    "unknown-split": "rejected", "no-answer": "rejected", "answer-not-in-context": "rejected",
    "ambiguous-offset": "rejected", "duplicate-id": "rejected",
    "offset-mended": "mended", "blank-line": "skipped",
}
ACCEPTED_NOTES = {"valid", "valid-impossible", "extra-field", "odd-text", "at-the-limit"}

faults = []


def fault(text):
    faults.append(text)


def read(name):
    with open(os.path.join(HERE, name), "rb") as f:
        return f.read()


# ---------------------------------------------------------------- JSON, read strictly

class Rejected(Exception):
    """The rule that a record breaks."""


def no_duplicates(pairs):
    if len({k for k, _ in pairs}) != len(pairs):
        raise Rejected("duplicate-key")
    return dict(pairs)


def number(kind):
    def parse(text):
        if sum(c.isdigit() for c in text) > MAX_DIGITS:
            raise ValueError("number too long")
        return kind(text)
    return parse


def no_constant(text):
    raise ValueError(text)


def depth(text):
    deepest = level = 0
    in_string = escaped = False
    for c in text:
        if in_string:
            if escaped:
                escaped = False
            elif c == "\\":
                escaped = True
            elif c == '"':
                in_string = False
        elif c == '"':
            in_string = True
        elif c in "[{":
            level += 1
            deepest = max(deepest, level)
        elif c in "]}":
            level -= 1
    return deepest


def parse_strictly(text):
    if depth(text) > MAX_DEPTH:
        raise Rejected("not-json")
    try:
        return json.loads(text, object_pairs_hook=no_duplicates, parse_int=number(int),
                          parse_float=number(float), parse_constant=no_constant)
    except (ValueError, RecursionError):
        raise Rejected("not-json") from None


# ---------------------------------------------------------------- the handbook

def check_squad(name, version, v2):
    try:
        root = parse_strictly(read(name).decode("utf-8"))
    except (Rejected, UnicodeDecodeError) as e:
        fault(f"{name}: not readable: {e}")
        return {"passages": [], "ids": [], "questions": 0}
    if root.get("version") != version:
        fault(f"{name}: version {root.get('version')!r}, not {version!r}")
    passages, ids, words = [], [], []
    several = impossible = answers = special = 0
    for article in root["data"]:
        if not article["title"].strip():
            fault(f"{name}: an article without a title")
        for paragraph in article["paragraphs"]:
            context = paragraph["context"]
            passages.append(context)
            words.append(len(context.split()))
            special += any(ord(c) > 127 for c in context)
            if not 80 <= words[-1] <= 160:
                fault(f"{name}: a passage of {words[-1]} words: {context[:40]}…")
            asked = set()
            for qa in paragraph["qas"]:
                where = f"{name} {qa['id']}"
                ids.append(qa["id"])
                if not ID.fullmatch(qa["id"]):
                    fault(f"{where}: unusual id")
                if not qa["question"].endswith("?") or qa["question"] in asked:
                    fault(f"{where}: no question mark, or asked twice")
                asked.add(qa["question"])
                if v2 and not isinstance(qa.get("is_impossible"), bool):
                    fault(f"{where}: is_impossible is missing")
                if not v2 and set(qa) != {"id", "question", "answers"}:
                    fault(f"{where}: unexpected fields")
                is_impossible = v2 and qa["is_impossible"]
                impossible += is_impossible
                if bool(qa["answers"]) == is_impossible:
                    fault(f"{where}: answers and is_impossible disagree")
                if len({a["text"] for a in qa["answers"]}) != len(qa["answers"]):
                    fault(f"{where}: the same answer twice")
                several += len(qa["answers"]) > 1
                answers += len(qa["answers"])
                for a in qa["answers"] + qa.get("plausible_answers", []):
                    text, start = a["text"], a["answer_start"]
                    if start < 0 or context[start:start + len(text)] != text or text != text.strip():
                        fault(f"{where}: {text!r} is not at {start}")
                    before, after = context[start - 1:start], context[start + len(text):start + len(text) + 1]
                    if before.isalnum() or after.isalnum():
                        fault(f"{where}: {text!r} cuts a word")
                    if re.fullmatch(r"[\d.,½]+", text):
                        fault(f"{where}: {text!r} is an amount without its unit")
    print(f"{name}: {len(root['data'])} articles, {len(passages)} passages of {min(words)}-{max(words)} words"
          f" ({special} with characters beyond ASCII), {len(ids)} questions, {answers} answers,"
          f" {several} questions with several answers, {impossible} impossible")
    return {"passages": passages, "ids": ids, "questions": len(ids), "several": several, "impossible": impossible}


def check_handbook():
    train = check_squad("handbook-train.json", "1.1", False)
    validation = check_squad("handbook-validation.json", "1.1", False)
    v2 = check_squad("handbook-v2.json", "v2.0", True)
    passages = train["passages"] + validation["passages"] + v2["passages"]
    ids = train["ids"] + validation["ids"] + v2["ids"]
    if len(set(passages)) != len(passages):
        fault("a passage occurs twice")
    if len(set(ids)) != len(ids):
        fault("an id occurs twice: " + ", ".join(sorted({i for i in ids if ids.count(i) > 1})))
    if {i[:-3] for i in train["ids"]} & {i[:-3] for i in validation["ids"]}:
        fault("train and validation share a passage number")
    for what, least, have in (
            ("train passages", 36, len(train["passages"])),
            ("validation passages", 8, len(validation["passages"])),
            ("train and validation questions", 440, train["questions"] + validation["questions"]),
            ("validation questions", 80, validation["questions"]),
            ("v2 passages", 6, len(v2["passages"])),
            ("v2 questions", 36, v2["questions"])):
        if have < least:
            fault(f"{have} {what}, fewer than {least}")


# ---------------------------------------------------------------- the hostile records


def is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def occurrences(context, text):
    count, at = 0, context.find(text)
    while at >= 0:
        count, at = count + 1, context.find(text, at + 1)
    return count


def judge(line, seen):
    """Returns (outcome, rule) of one line; seen holds the (dataset, id) pairs taken so far."""
    if not line.strip(b" \t\r"):
        return "skipped", "blank-line"
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise Rejected("not-utf8") from None
    if text.startswith("\ufeff"):
        raise Rejected("not-json")
    r = parse_strictly(text)
    types = {"dataset": str, "id": str, "split": str, "question": str, "context": str,
             "answers": list, "is_impossible": bool}
    if not isinstance(r, dict) or any(f in r and not isinstance(r[f], t) for f, t in types.items()):
        raise Rejected("wrong-type")
    answers = r.get("answers", [])
    for a in answers:
        if not isinstance(a, dict) or not isinstance(a.get("text"), str) or not is_int(a.get("answer_start")):
            raise Rejected("wrong-type")
    if any(f not in r for f in ("id", "dataset", "question", "context")):
        raise Rejected("missing-field")
    if (len(r["question"]) > MAX_QUESTION or len(r["context"]) > MAX_CONTEXT
            or max(len(r["id"]), len(r["dataset"])) > MAX_NAME
            or any(len(a["text"]) > MAX_ANSWER for a in answers)):
        raise Rejected("too-long")
    for s in [r["id"], r["dataset"], r["question"], r["context"]] + [a["text"] for a in answers]:
        if re.search("[\u0000\ud800-\udfff]", s):
            raise Rejected("invalid-text")
    if not r["question"].strip() or not r["context"].strip():
        raise Rejected("blank")
    if not DATASET.fullmatch(r["dataset"]) or not r["id"] or re.search("[\u0000-\u001f\u007f-\u009f]", r["id"]):
        raise Rejected("bad-name")
    if r.get("split", "train") not in ("train", "validation"):
        raise Rejected("unknown-split")
    if not r.get("is_impossible", False) and not [a for a in answers if a["text"]]:
        raise Rejected("no-answer")
    off = []
    for a in answers:
        count = occurrences(r["context"], a["text"])
        if count == 0:
            raise Rejected("answer-not-in-context")
        start = a["answer_start"]
        if start < 0 or not r["context"].startswith(a["text"], start):
            off.append(count)
    if any(count > 1 for count in off):
        raise Rejected("ambiguous-offset")
    if (r["dataset"], r["id"]) in seen:
        raise Rejected("duplicate-id")
    seen.add((r["dataset"], r["id"]))
    return ("mended", "offset-mended") if off else ("accepted", None)


def check_hostile():
    data = read("hostile-records.jsonl")
    expected = parse_strictly(read("hostile-records.expected.json").decode("utf-8"))
    if len(data) > MAX_FILE:
        fault(f"hostile-records.jsonl has {len(data)} bytes")
    if not data.endswith(b"\n"):
        fault("hostile-records.jsonl does not end with a line feed")
    lines = data[:-1].split(b"\n")
    if [e.get("line") for e in expected] != list(range(1, len(lines) + 1)):
        fault(f"{len(lines)} hostile lines, but the expectations do not name each of them once and in order")
    if len(lines) < 60:
        fault(f"only {len(lines)} hostile lines")
    seen, counts = set(), {}
    for line, e in zip(lines, expected):
        where = f"hostile line {e['line']}"
        if set(e) != {"line", "outcome", "rule", "why"} or not e["why"]:
            fault(f"{where}: the expectation is not complete")
        want = "accepted" if e["rule"] in ACCEPTED_NOTES else OUTCOMES.get(e["rule"])
        if e["outcome"] != want:
            fault(f"{where}: outcome {e['outcome']!r} does not go with rule {e['rule']!r}")
        try:
            outcome, rule = judge(line, seen)
        except Rejected as r:
            outcome, rule = "rejected", str(r)
        if outcome != e["outcome"] or (rule and rule != e["rule"]):
            fault(f"{where}: expected {e['outcome']} {e['rule']}, judged {outcome} {rule} ({e['why']})")
        counts.setdefault(e["outcome"], {}).setdefault(e["rule"], []).append(e["line"])
    for rule in OUTCOMES:
        if rule not in counts.get(OUTCOMES[rule], {}):
            fault(f"no hostile line for the rule {rule}")
    print(f"hostile-records.jsonl: {len(lines)} lines, {len(data)} bytes")
    for outcome in sorted(counts):
        rules = counts[outcome]
        print(f"  {outcome}: {sum(map(len, rules.values()))} ("
              + ", ".join(f"{rule} {len(at)}" for rule, at in sorted(rules.items())) + ")")


def main():
    check_handbook()
    check_hostile()
    for text in faults:
        print("FAULT " + text, file=sys.stderr)
    print(f"{len(faults)} faults" if faults else "all good")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
