"""Writes the fixtures of RecapTests beside itself.

Made with torch 2.11.0, transformers 5.23.0, safetensors 0.8.0, on a CPU, one thread.
Run: python make_fixtures.py

The models and losses are Benchmarks/peer/recap_reference.py. A tiny policy: CLIP (image 12, patch 4,
width 12) and BERT (width 8), D = 12, A = 3, action expert [16, 10] in place of [512, 256], value function
[10, 8]; B = 2 episodes of 5 and 3 frames. `pooled` text, no dropout, encoders in evaluation mode.

  vision/ text/            the encoders as model folders (text/ with vocab.txt and tokenizer.json)
  policy.safetensors       `model.<name>` without the encoders, `value.<name>`, `value_distribution.<name>`
                           (11 bins, relu): the weights before the first step
  batch.safetensors        `<batch>.<field>` for the batches demonstration, correction and autonomous
  outputs.safetensors      on the demonstration batch: `fused`, `fused_without_text`, `mean`, `std`,
                           `{mean,std}_advantage`, `{mean,std}_quality`, `value`, `value_distribution`,
                           `text_mean_pooled` (before its projection)
  advantages.json          advantages, returns and normalised advantages from plain numbers
  <run>.safetensors        `gradient.{model,value}.<name>` of the first step (what has none is absent),
                           `after.{model,value}.<name>` and `{model,value}.<index>.{step,exp_avg,exp_avg_sq}`
                           after three AdamW steps on the same batch; <run>-encoders.safetensors and
                           <run>-encoders-optimizer.safetensors hold the encoders' share where they train
  runs.json                settings and the loss terms of each step of each run
  classic_transformers5.pt three demonstration steps, then three autonomous steps, saved in the classic
  classic_transformers4.pt layout; runs.json `resumed` has the terms of the two steps that follow, and
                           resumed.safetensors the parameters after them
"""

import copy
import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertModel, BertTokenizerFast, CLIPVisionConfig, CLIPVisionModel

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2] / "Benchmarks" / "peer"))
import recap_reference as reference  # noqa: E402

torch.set_num_threads(1)

HIDDEN, ACTIONS, EXPERT, VALUE = 12, 3, (16, 10), (10, 8)
LENGTHS, FRAMES = (5, 3), 5
TEXTS = ["Pick up the red block.", "Push it, slowly: un-graspable!"]
WORDS = """[PAD] [UNK] [CLS] [SEP] [MASK] . , : ! - pick up the red block push it slow ##ly un grasp ##able
a b c d e ##s ##ing robot arm left right open close drawer""".split()


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def randomize(model: torch.nn.Module, seed: int) -> torch.nn.Module:
    """Weights large enough to matter, norms and biases away from 1 and 0."""
    generator = seeded(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() > 1:
                parameter.copy_(noise / parameter[0].numel() ** 0.5)
            else:
                parameter.add_(0.1 * noise)
    return model


def make_policy(freeze: bool) -> reference.RecapPolicy:
    torch.manual_seed(0)
    vision = CLIPVisionConfig(
        image_size=12, patch_size=4, hidden_size=12, intermediate_size=16, num_hidden_layers=2,
        num_attention_heads=2, projection_dim=8)
    text = BertConfig(
        vocab_size=len(WORDS), hidden_size=8, intermediate_size=12, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=16)
    policy = reference.RecapPolicy(
        CLIPVisionModel(vision), BertModel(text), HIDDEN, ACTIONS, EXPERT,
        freeze_vision=freeze, freeze_text=freeze)
    return randomize(policy, 1)


def make_value(**options) -> reference.ValueFunction:
    torch.manual_seed(0)
    return randomize(reference.ValueFunction(HIDDEN, VALUE, **options), 2)


def make_tokenizer(folder: Path) -> BertTokenizerFast:
    folder.mkdir(exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    tokenizer = BertTokenizerFast(vocab=str(folder / "vocab.txt"), do_lower_case=True)
    tokenizer.save_pretrained(folder)
    return tokenizer


def make_batch(seed: int, tokenizer, lengths=LENGTHS) -> reference.Batch:
    g = seeded(seed)
    valid = torch.arange(FRAMES) < torch.tensor(lengths).unsqueeze(1)
    tokens = tokenizer(TEXTS, padding=True, truncation=True, max_length=512, return_tensors="pt")
    dones = torch.zeros(2, FRAMES, dtype=torch.bool)
    rewards = torch.randn(2, FRAMES, generator=g) * valid
    for b, length in enumerate(lengths):
        dones[b, length - 1] = True
    return reference.Batch(
        pixels=torch.randn(2, FRAMES, 3, 12, 12, generator=g) * valid[..., None, None, None],
        tokens={k: tokens[k] for k in ("input_ids", "attention_mask")},
        actions=torch.randn(2, FRAMES, ACTIONS, generator=g) * valid.unsqueeze(-1),
        rewards=rewards, dones=dones, valid=valid)


def save(name: str, tensors: dict) -> None:
    save_file({k: v.detach().clone().contiguous() for k, v in tensors.items()}, HERE / f"{name}.safetensors")


def is_encoder(name: str) -> bool:
    return ".vision_model." in name or ".text_model." in name


class Run:
    """A policy, a value function and their optimizers, from the fixture's first weights."""

    def __init__(self, freeze=True, learning_rate=1e-4, value_lr=2e-4, weight_decay=0.0, value=None):
        self.policy, self.value = make_policy(freeze), make_value(**(value or {}))
        self.settings = dict(
            learning_rate=learning_rate, value_lr=value_lr, weight_decay=weight_decay,
            freeze=freeze, value=value or {})
        self.optimizer = torch.optim.AdamW(
            self.policy.parameters(), lr=learning_rate, weight_decay=weight_decay)
        self.value_optimizer = torch.optim.AdamW(
            self.value.parameters(), lr=value_lr, weight_decay=weight_decay)
        self.terms: list[dict] = []

    def double(self) -> "Run":
        """The same run in float64, to tell rounding from error."""
        self.policy.double(), self.value.double()
        return self

    def parameters(self):
        yield from ((f"model.{k}", p) for k, p in self.policy.named_parameters())
        yield from ((f"value.{k}", p) for k, p in self.value.named_parameters())

    def step(self, stage: str, batch: reference.Batch) -> None:
        self.optimizer.zero_grad()
        self.value_optimizer.zero_grad()
        if stage == "autonomous":
            terms = reference.autonomous_losses(self.policy, self.value, batch, reference.Weights())
        else:
            terms = {"total": reference.imitation_loss(self.policy, batch)}
        terms["total"].backward()
        self.gradients = {k: p.grad.clone() for k, p in self.parameters() if p.grad is not None}
        self.optimizer.step()
        if stage == "autonomous":
            self.value_optimizer.step()
        self.terms.append({k: v.tolist() for k, v in terms.items()})

    def state(self):
        after = {f"after.{k}": p for k, p in self.parameters()}
        for name, optimizer in (("model", self.optimizer), ("value", self.value_optimizer)):
            for index, slots in optimizer.state_dict()["state"].items():
                after |= {f"{name}.{index}.{k}": v for k, v in slots.items()}
        return after

    def checkpoint(self) -> dict:
        return {
            "model_state_dict": self.policy.state_dict(),
            "value_function_state_dict": self.value.state_dict(),
            "optimizer_state_dict": self.optimizer.state_dict(),
            "value_optimizer_state_dict": self.value_optimizer.state_dict(),
        }


def in_double(batch: reference.Batch) -> reference.Batch:
    twin = copy.copy(batch)
    for field in ("pixels", "actions", "rewards"):
        setattr(twin, field, getattr(batch, field).double())
    return twin


def worst(a: dict, b: dict) -> tuple[float, str]:
    """Largest |a−b| in units of 1e-5 + 1e-5·|b|, attention key biases aside."""
    ratios = {
        k: ((v.double() - b[k]).abs() / (1e-5 + 1e-5 * b[k].abs())).max().item()
        for k, v in a.items() if not k.endswith(("k_proj.bias", "key.bias"))
    }
    name = max(ratios, key=ratios.get)
    return ratios[name], name


def write_run(name: str, stage: str, batch, options: dict, runs: dict) -> None:
    run, twin = Run(**options), Run(**options).double()
    for step in range(3):
        run.step(stage, batch)
        twin.step(stage, in_double(batch))
        if step == 0:
            gradients, exact = run.gradients, twin.gradients
    print(f"{name}: float32 against float64, share of tolerance: gradients {worst(gradients, exact)}, "
          f"after three steps {worst(dict(run.parameters()), dict(twin.parameters()))}")
    contents = {f"gradient.{k}": v for k, v in gradients.items()} | run.state()
    keys = [k for k, p in run.policy.named_parameters()]

    def of_encoder(key: str) -> bool:
        parts = key.split(".")
        if parts[0] == "model" and parts[1].isdigit():
            return is_encoder(keys[int(parts[1])])
        return is_encoder(key)

    if options.get("freeze", True):
        contents = {k: v for k, v in contents.items() if not of_encoder(k)}
    else:
        encoders = {k: v for k, v in contents.items() if of_encoder(k)}
        slots = {k: v for k, v in encoders.items() if k.startswith("model.")}
        save(f"{name}-encoders-optimizer", slots)
        save(f"{name}-encoders", {k: v for k, v in encoders.items() if k not in slots})
        contents = {k: v for k, v in contents.items() if k not in encoders}
    save(name, contents)
    runs[name] = {"stage": stage, **run.settings, "steps": run.terms}


def write_encoders(policy) -> None:
    vision = HERE / "vision"
    shutil.rmtree(vision, ignore_errors=True)
    policy.vision_encoder.vision_model.save_pretrained(vision)
    (vision / "preprocessor_config.json").write_text(json.dumps({
        "image_processor_type": "CLIPImageProcessor", "do_convert_rgb": True, "do_resize": True,
        "size": {"shortest_edge": 12}, "resample": 3, "do_center_crop": True,
        "crop_size": {"height": 12, "width": 12}, "do_rescale": True, "rescale_factor": 1 / 255,
        "do_normalize": True, "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
    }, indent=1) + "\n")
    policy.language_encoder.text_model.save_pretrained(HERE / "text")


def write_outputs(policy, batch) -> None:
    value, distribution = make_value(), make_value(output_type="distribution", num_bins=11, activation="relu")
    signal = torch.randn(2, FRAMES, generator=seeded(7))
    fused = policy.fuse(batch.pixels, batch.tokens)
    hidden = policy.language_encoder.text_model(**batch.tokens).last_hidden_state
    outputs = {
        "fused": fused, "fused_without_text": policy.fuse(batch.pixels, None), "signal": signal,
        "value": value(fused), "value_distribution": distribution(fused),
        "text_mean_pooled": reference.masked_mean_pool(hidden, batch.tokens["attention_mask"]),
    }
    for name, given in (("", {}), ("_advantage", {"advantage": signal}), ("_quality", {"quality": signal})):
        outputs[f"mean{name}"], outputs[f"std{name}"] = policy.act(fused, **given)
    save("outputs", outputs)
    weights = {f"model.{k}": p for k, p in policy.named_parameters() if not is_encoder(k)}
    weights |= {f"value.{k}": p for k, p in value.named_parameters()}
    weights |= {f"value_distribution.{k}": p for k, p in distribution.named_parameters()}
    save("policy", weights)


def write_advantages() -> None:
    def case(name, rewards, values, dones, gamma, lam):
        return {
            "name": name, "rewards": rewards, "values": values, "dones": dones, "gamma": gamma, "lambda": lam,
            "advantages": reference.gae(rewards, values, dones, gamma, lam),
            "returns": reference.discounted_returns(rewards, dones, gamma),
        }

    g = seeded(8)
    rewards, values = torch.randn(12, generator=g).tolist(), torch.randn(12, generator=g).tolist()
    cases = [
        # delta = [0 + .5*2 - 1, 1 + 0 - 2] = [0, -1]; A = [0 + .25*-1, -1]; G = [.5, 1]
        case("two frames, by hand", [0.0, 1.0], [1.0, 2.0], [False, True], 0.5, 0.5),
        # no done at all: beyond the end the value is 0
        case("not done", [1.0, 1.0, 1.0], [0.5, 0.25, 0.125], [False] * 3, 1.0, 1.0),
        case("done in the middle", rewards[:6], values[:6], [False, False, True, False, False, True], 0.99, 0.95),
        case("classic", rewards, values, [False] * 11 + [True], 0.99, 0.95),
        case("one frame", [1.0], [0.25], [True], 0.99, 0.95),
    ]
    assert cases[0]["advantages"] == [-0.25, -1.0] and cases[0]["returns"] == [0.5, 1.0]
    assert cases[1]["advantages"] == [2.5, 1.75, 0.875]
    normalized = []
    for rows in ([[1.0, 2.0, 3.0]], [[0.5, -1.5, 2.0, 4.0], [3.0, -2.0]], [[1.0]], [[2.0, 2.0]]):
        valid = torch.tensor([[i < len(r) for i in range(len(rows[0]))] for r in rows])
        padded = torch.tensor([r + [0.0] * (len(rows[0]) - len(r)) for r in rows])
        done = reference.normalize(padded, valid)
        normalized.append({"advantages": rows, "normalized": [d[: len(r)].tolist() for r, d in zip(rows, done)]})
    fields = {"episodes": cases, "normalized": normalized}
    (HERE / "advantages.json").write_text(json.dumps(fields, indent=1) + "\n")


def write_classic(batches: dict, runs: dict) -> None:
    run = Run()
    for stage in ("demonstration", "autonomous"):
        for _ in range(3):
            run.step(stage, batches[stage])
    checkpoint = run.checkpoint()
    torch.save(checkpoint, HERE / "classic_transformers5.pt")
    prefix = "vision_encoder.vision_model."
    older = {}
    for key, tensor in checkpoint["model_state_dict"].items():
        if key == prefix + "embeddings.class_embedding":  # older transformers 4 kept this buffer
            older[prefix + "vision_model.embeddings.position_ids"] = torch.arange(10).unsqueeze(0)
        older[key.replace(prefix, prefix + "vision_model.") if key.startswith(prefix) else key] = tensor
    torch.save(checkpoint | {"model_state_dict": older}, HERE / "classic_transformers4.pt")
    runs["resumed"] = {"stage": "autonomous", **run.settings}
    before = len(run.terms)
    for _ in range(2):
        run.step("autonomous", batches["autonomous"])
    runs["resumed"]["steps"] = run.terms[before:]
    save("resumed", {k: p for k, p in run.parameters() if not is_encoder(k)})


def main() -> None:
    tokenizer = make_tokenizer(HERE / "text")
    batches = {
        "demonstration": make_batch(3, tokenizer),
        "correction": make_batch(4, tokenizer, (4, 5)),
        "autonomous": make_batch(5, tokenizer),
    }
    fields = ("pixels", "actions", "rewards", "dones", "valid")
    columns = {f"{name}.{f}": getattr(b, f) for name, b in batches.items() for f in fields}
    columns |= {f"{n}.{k}": v for n, b in batches.items() for k, v in b.tokens.items()}
    save("batch", columns)
    policy = make_policy(freeze=True)
    write_encoders(policy)
    write_outputs(policy, batches["demonstration"])
    write_advantages()

    runs: dict = {"texts": TEXTS}
    for stage in batches:
        write_run(stage, stage, batches[stage], {}, runs)
    decayed = dict(weight_decay=0.1, value=dict(output_type="distribution", num_bins=11, activation="relu"))
    write_run("autonomous-distribution", "autonomous", batches["autonomous"], decayed, runs)
    for stage in ("demonstration", "autonomous"):
        write_run(f"{stage}-trained", stage, batches[stage], dict(freeze=False), runs)
    write_classic(batches, runs)
    (HERE / "runs.json").write_text(json.dumps(runs, indent=1) + "\n")
    for path in sorted(HERE.rglob("*")):
        if path.is_file():
            assert path.stat().st_size < 100_000, (path, path.stat().st_size)
            print(f"{path.stat().st_size:7d} {path.relative_to(HERE)}")


if __name__ == "__main__":
    main()
