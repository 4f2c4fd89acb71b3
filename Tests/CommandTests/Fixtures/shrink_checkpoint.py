"""Makes a checkpoint small enough for a fixture: storages above 16 kB become zeros, and all is deflated.

    python3 shrink_checkpoint.py run/checkpoint_final.pt earlier_classic.pt

earlier_classic.pt and earlier_flow.pt are `checkpoint_final.pt` of recap 0.1.0 (commit 09460a3, before
checkpoints said which run they are of), trained on the workplace of Command.swift with
model.hidden_dim=4, value_function.hidden_dims=[4], demo_epochs=1, autonomous_epochs=1; the flow policy with
policy.width=8 and one layer and head everywhere.
"""
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as source, zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED) as target:
    for entry in source.infolist():
        data = source.read(entry)
        if "/data/" in entry.filename and len(data) > 1 << 14:
            data = bytes(len(data))
        target.writestr(entry.filename, data)
