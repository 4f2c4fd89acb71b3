"""Trains the same policy with ours and with the PyTorch peer and compares what comes out.

    Benchmarks/run parity

Both start from one checkpoint that PyTorch wrote, and see all episodes of a stage in one batch, so that their
order does not matter. Frames are 224×224, so that image processing is exact. Prints, for each stage's
checkpoint, the largest difference of a trained parameter and how far training moved the parameters.
"""

import sys

import torch

import harness

STAGES = {"demo_epochs": 6, "correction_epochs": 4, "autonomous_epochs": 6}
FILES = ["checkpoint_demo.pt", "checkpoint_correction.pt", "checkpoint_final.pt"]
PARTS = ["model_state_dict", "value_function_state_dict"]
ALLOWED = 2e-5


def parameters(path) -> dict[str, torch.Tensor]:
    checkpoint = torch.load(path, weights_only=True, map_location="cpu")
    return {f"{part}.{k}": v for part in PARTS for k, v in checkpoint[part].items()}


def largest(a: dict, b: dict) -> float:
    return max((a[k].double() - b[k].double()).abs().max().item() for k in a)


def main() -> int:
    harness.TINY = True  # small encoders
    harness.FRAMES = 8
    folder = harness.fresh(harness.WORK / "parity")
    data = harness.dataset()
    env = {"XDG_CACHE_HOME": str(folder / "cache")}
    config = harness.write_config(folder, data, **STAGES)
    options = ("--config", config, "--device", "cpu", "--set", "dataset.batch_size=2")
    places = {name: ("--set", f"training.checkpoint_dir={folder / name}") for name in ("ours", "peer")}
    start = folder / "initial.pt"
    harness.peer("classic_recipe.py", *options, "--write-initial", start)
    harness.peer("classic_recipe.py", *options, *places["peer"], "--checkpoint", start, "--seed", 1)
    harness.run(harness.RECAP, "train", *options, *places["ours"], "--checkpoint", start, env=env)

    initial, worst = parameters(start), 0.0
    for file in FILES:
        theirs, ours = parameters(folder / "peer" / file), parameters(folder / "ours" / file)
        trained = {k for k in theirs if not torch.equal(theirs[k], initial[k])}
        if missing := trained - set(ours):
            print(f"error: ours has no {', '.join(sorted(missing))} in {file}", file=sys.stderr)
            return 1
        difference = largest({k: ours[k] for k in trained}, theirs)
        moved = largest({k: theirs[k] for k in trained}, initial)
        print(f"{file}: {len(trained)} trained tensors, moved by up to {moved:.2e}, differ by up to {difference:.2e}")
        worst = max(worst, difference)
    print(f"largest difference {worst:.2e}, allowed {ALLOWED:.0e}: {'met' if worst <= ALLOWED else 'MISSED'}")
    return 0 if worst <= ALLOWED else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except harness.Failed as failure:
        sys.exit(f"error: {failure}")
