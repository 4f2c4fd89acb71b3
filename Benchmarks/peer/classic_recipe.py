"""The classic recipe in PyTorch: three stages, frozen encoders run again on every frame in every epoch.

    python classic_recipe.py --config FILE [--dataset_path P] [--device cpu] [--set key=value ...]
        trains and writes checkpoint_demo.pt, checkpoint_correction.pt and checkpoint_final.pt
    ... --one-epoch     times one epoch of each stage, scales, prints a line of JSON, writes nothing
    ... --first-step    stops after the first step and prints when it ended
    ... --write-initial FILE    writes a checkpoint before any training and stops
"""

import argparse
import json
import time
from pathlib import Path

import torch
import yaml
from transformers import AutoModel, AutoTokenizer, CLIPVisionModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

import recap_reference as reference
import stopwatch
from dataset import Episodes, collate

DEFAULTS = {
    "model": dict(
        vision_model_name="openai/clip-vit-base-patch32", text_model_name="bert-base-uncased",
        hidden_dim=512, freeze_vision=False, freeze_text=False),
    "value_function": dict(
        hidden_dims=[512, 256], activation="gelu", output_type="scalar", num_bins=255),
    "dataset": dict(
        batch_size=1, num_workers=0, image_keys=["observation.images.main"], text_key="instruction",
        action_key="action", reward_key="reward", done_key="done"),
    "training": dict(
        learning_rate=1e-4, value_lr=1e-4, weight_decay=0, train_demonstrations=True,
        train_corrections=True, train_autonomous=True, demo_epochs=10, correction_epochs=5,
        autonomous_epochs=20, gamma=0.99, value_loss_weight=0.5, policy_loss_weight=1.0,
        entropy_weight=0.01, log_every=100, checkpoint_dir="./checkpoints") | {"lambda": 0.95},
}
STAGES = [
    ("demo", "train_demonstrations", "demo_epochs", "checkpoint_demo.pt"),
    ("correction", "train_corrections", "correction_epochs", "checkpoint_correction.pt"),
    ("autonomous", "train_autonomous", "autonomous_epochs", "checkpoint_final.pt"),
]


def read_config(arguments) -> dict:
    given = yaml.safe_load(Path(arguments.config).read_text())
    config = {name: defaults | (given.get(name) or {}) for name, defaults in DEFAULTS.items()}
    for assignment in arguments.set:
        key, value = assignment.split("=", 1)
        section, key = key.split(".", 1)
        config[section][key] = yaml.safe_load(value)
    if arguments.dataset_path:
        config["dataset"]["path"] = arguments.dataset_path
    for key in ("learning_rate", "value_lr", "weight_decay"):  # 1e-4 is a string in YAML 1.1
        config["training"][key] = float(config["training"][key])
    return config


class Classic:
    def __init__(self, config: dict, device: str, seed: int):
        torch.manual_seed(seed)
        self.config, self.device = config, device
        model, value = config["model"], config["value_function"]
        vision = CLIPVisionModel.from_pretrained(model["vision_model_name"])
        text = AutoModel.from_pretrained(model["text_model_name"])
        self.tokenizer = AutoTokenizer.from_pretrained(model["text_model_name"])
        self.image_processor = CLIPImageProcessorPil.from_pretrained(model["vision_model_name"])
        self.policy = reference.RecapPolicy(
            vision, text, model["hidden_dim"], model["action_dim"],
            freeze_vision=model["freeze_vision"], freeze_text=model["freeze_text"]).to(device)
        self.value_function = reference.ValueFunction(
            model["hidden_dim"], value["hidden_dims"], value["activation"], value["output_type"],
            value["num_bins"]).to(device)
        stopwatch.time_calls(vision, "encode")
        stopwatch.time_calls(text, "encode")
        training = config["training"]
        adamw = dict(weight_decay=training["weight_decay"])
        self.optimizer = torch.optim.AdamW(
            self.policy.parameters(), lr=training["learning_rate"], **adamw)
        self.value_optimizer = torch.optim.AdamW(
            self.value_function.parameters(), lr=training["value_lr"], **adamw)
        self.weights = reference.Weights(
            gamma=training["gamma"], lam=training["lambda"], value=training["value_loss_weight"],
            policy=training["policy_loss_weight"], entropy=training["entropy_weight"])

    def loader(self, kind: str):
        dataset = self.config["dataset"]
        return torch.utils.data.DataLoader(
            Episodes(dataset, self.image_processor, kind), batch_size=dataset["batch_size"], shuffle=True,
            num_workers=dataset["num_workers"], collate_fn=collate(self.tokenizer))

    def step(self, kind: str, batch: reference.Batch) -> dict[str, float]:
        batch = batch.to(self.device)
        self.optimizer.zero_grad()
        self.value_optimizer.zero_grad()
        if kind == "autonomous":
            terms = reference.autonomous_losses(
                self.policy, self.value_function, batch, self.weights, encode_twice=True)
        else:
            terms = {"total": reference.imitation_loss(self.policy, batch)}
        terms["total"].backward()
        self.optimizer.step()
        if kind == "autonomous":
            self.value_optimizer.step()
        return {k: v.item() for k, v in terms.items() if v.dim() == 0}

    def epoch(self, kind: str) -> dict[str, float]:
        """Means of the terms over the epoch's batches."""
        steps = [self.step(kind, batch) for batch in self.loader(kind)]
        return {k: sum(s[k] for s in steps) / len(steps) for k in steps[0]}

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save({
            "model_state_dict": self.policy.state_dict(),
            "value_function_state_dict": self.value_function.state_dict(),
            "optimizer_state_dict": self.optimizer.state_dict(),
            "value_optimizer_state_dict": self.value_optimizer.state_dict(),
        }, path)

    def load(self, path: str) -> None:
        checkpoint = torch.load(path, weights_only=True, map_location=self.device)
        self.policy.load_state_dict(checkpoint["model_state_dict"])
        self.value_function.load_state_dict(checkpoint["value_function_state_dict"])
        self.optimizer.load_state_dict(checkpoint["optimizer_state_dict"])
        self.value_optimizer.load_state_dict(checkpoint["value_optimizer_state_dict"])

    def stages(self):
        training = self.config["training"]
        return [(kind, training[epochs], file) for kind, on, epochs, file in STAGES if training[on]]


def time_one_epoch(classic: Classic, loading: float) -> dict:
    """One epoch of each stage, scaled to the configured number of epochs."""
    stages, total = {}, loading
    for kind, epochs, _ in classic.stages():
        stopwatch.seconds.clear()
        start = time.perf_counter()
        terms = classic.epoch(kind)
        seconds = time.perf_counter() - start
        total += epochs * seconds
        stages[kind] = {
            "epochs": epochs, "seconds_per_epoch": seconds, **terms,
            **{f"{k}_seconds": v for k, v in stopwatch.seconds.items()},
        }
    return {"seconds": total, "loading_seconds": loading, "stages": stages}


def main() -> None:
    start = time.perf_counter()
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", required=True)
    parser.add_argument("--dataset_path")
    parser.add_argument("--checkpoint")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--one-epoch", action="store_true")
    parser.add_argument("--first-step", action="store_true")
    parser.add_argument("--write-initial", type=Path)
    arguments = parser.parse_args()
    classic = Classic(read_config(arguments), arguments.device, arguments.seed)
    if arguments.checkpoint:
        classic.load(arguments.checkpoint)
    loading = time.perf_counter() - start

    if arguments.write_initial:
        classic.save(arguments.write_initial)
    elif arguments.first_step:
        kind = classic.stages()[0][0]
        classic.step(kind, next(iter(classic.loader(kind))))
        print(json.dumps({"_timestamp": time.time(), **stopwatch.seconds}))
    elif arguments.one_epoch:
        result = time_one_epoch(classic, loading)
        print(json.dumps(result | {"threads": torch.get_num_threads()}))
    else:
        for kind, epochs, file in classic.stages():
            for number in range(1, epochs + 1):
                terms = classic.epoch(kind)
                text = " ".join(f"{k} {v:.6f}" for k, v in terms.items())
                print(f"{kind} epoch {number}/{epochs}: {text}", flush=True)
            classic.save(Path(classic.config["training"]["checkpoint_dir"]) / file)


if __name__ == "__main__":
    main()
