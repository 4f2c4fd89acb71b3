import Foundation
import Testing

/// PyTorch reads our checkpoints. Runs where `RECAP_PYTHON` names a Python with torch and transformers.
@Suite struct InterchangeTests {
  private static let python = ProcessInfo.processInfo.environment["RECAP_PYTHON"]

  @Test(.enabled(if: python != nil, "set RECAP_PYTHON to a Python with torch and transformers"))
  func pyTorchGoesOnFromOurs() throws {
    let place = try Workplace()
    #expect(try place.train().status == 0)
    for (version, name) in [("5", "classic5.pt"), ("4", "classic4.pt")] {
      let export = try Command.run(
        ["export", "--checkpoint", "run", "--classic", name, "--transformers", version], in: place)
      #expect(export.status == 0)
      #expect(export.output == "wrote \(name)\n")
    }
    let export = try Command.run(
      ["export", "--checkpoint", "run/checkpoint_final.pt", "--output", "policy.safetensors"],
      in: place)
    #expect(export.status == 0, "\(export.errors)")
    let script = """
      import sys, torch
      from safetensors import safe_open
      from transformers import BertModel, CLIPVisionModel
      place, peer = sys.argv[1:]
      sys.path.insert(0, peer)
      import recap_reference as reference

      def load(name): return torch.load(f"{place}/{name}", weights_only=True)
      contract = {"model_state_dict", "value_function_state_dict", "optimizer_state_dict",
                  "value_optimizer_state_dict"}
      ours, classic, older = load("run/checkpoint_final.pt"), load("classic5.pt"), load("classic4.pt")
      for checkpoint in (ours, classic, older): assert set(checkpoint) == contract | {"recap"}

      def make():
          policy = reference.RecapPolicy(
              CLIPVisionModel.from_pretrained(f"{place}/vision"), BertModel.from_pretrained(f"{place}/text"),
              12, 2, freeze_vision=True, freeze_text=True)
          return policy, reference.ValueFunction(12, (10, 8))
      policy, value = make()
      names = [name for name, _ in policy.named_parameters()]
      trained = [name for name, p in policy.named_parameters() if p.requires_grad]
      assert set(ours["model_state_dict"]) == set(trained)
      assert set(ours["recap"]["frozen_encoders"]) == {
          "vision_encoder.vision_model.", "language_encoder.text_model."}
      before = {k: v.clone() for k, v in policy.state_dict().items()}
      policy.load_state_dict(classic["model_state_dict"], strict=True)
      value.load_state_dict(classic["value_function_state_dict"], strict=True)
      for name, tensor in policy.state_dict().items():
          kept = before[name] if name not in trained else ours["model_state_dict"][name]
          assert torch.equal(tensor, kept), name

      level = "vision_encoder.vision_model."
      renamed = {level + "vision_model." + k[len(level):] if k.startswith(level) else k: v
                 for k, v in classic["model_state_dict"].items()}
      assert list(renamed) == list(older["model_state_dict"])
      assert all(torch.equal(v, older["model_state_dict"][k]) for k, v in renamed.items())

      optimizer = torch.optim.AdamW(policy.parameters(), lr=5)
      value_optimizer = torch.optim.AdamW(value.parameters(), lr=5)
      optimizer.load_state_dict(classic["optimizer_state_dict"])
      value_optimizer.load_state_dict(classic["value_optimizer_state_dict"])
      group = optimizer.param_groups[0]
      assert (group["lr"], group["betas"], group["eps"], group["weight_decay"]) == (1e-4, (0.9, 0.999), 1e-8, 0)
      assert set(group) == set(torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))]).param_groups[0])
      with_state = {names[i] for i in classic["optimizer_state_dict"]["state"]}
      assert with_state == {n for n in trained if not n.startswith("quality_embedding")}, with_state
      for index, slots in classic["optimizer_state_dict"]["state"].items():
          parameter = dict(policy.named_parameters())[names[index]]
          assert slots["exp_avg"].shape == slots["exp_avg_sq"].shape == parameter.shape
          stage3 = names[index].startswith("advantage_embedding")
          assert slots["step"].item() == (4 if stage3 else 8) and slots["step"].shape == ()
      for parameter in policy.parameters():
          if parameter.requires_grad: parameter.grad = torch.ones_like(parameter)
      optimizer.step()

      with safe_open(f"{place}/policy.safetensors", "pt") as file:
          state = {f"policy.{k}": v for k, v in classic["model_state_dict"].items()}
          state |= {f"value_function.{k}": v for k, v in classic["value_function_state_dict"].items()}
          assert set(file.keys()) == set(state)
          assert all(torch.equal(file.get_tensor(k), v) for k, v in state.items())
          assert "configuration" in file.metadata() and "action_mean" in file.metadata()
      torch.save({k: classic[k] for k in contract}, f"{place}/theirs.pt")
      print("same")
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.python!)
    process.arguments = ["-c", script, place.path, Command.repository + "/Benchmarks/peer"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(text.hasSuffix("same\n"))

    // And back: what PyTorch saved, without anything of ours, is gone on from.
    let back = try place.train("--checkpoint", "theirs.pt", "--set", "training.checkpoint_dir=back")
    #expect(back.status == 0)
    #expect(back.errors.contains("theirs.pt does not say how far training had come"))
  }
}
