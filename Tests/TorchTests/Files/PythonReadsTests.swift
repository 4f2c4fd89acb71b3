import Foundation
import Testing
import Torch

/// PyTorch and safetensors read our files. Runs where `RECAP_PYTHON` names a Python that has them.
@Suite struct PythonReadsTests {
  private static let python = ProcessInfo.processInfo.environment["RECAP_PYTHON"]

  @Test(.enabled(if: python != nil, "set RECAP_PYTHON to a Python with torch and safetensors"))
  func readsOurFiles() throws {
    try withTemporaryFolder { folder in
      for name in ["everything.pt", "everything_legacy.pt", "adamw.pt"] {
        try CheckpointFile.save(CheckpointFile.load(fileFixture(name)), to: folder + "/" + name)
      }
      try Safetensors.save(
        Safetensors.load(fileFixture("everything.safetensors")).sorted { $0.key < $1.key }.map {
          ($0.key, $0.value)
        },
        metadata: Safetensors.metadata(fileFixture("everything.safetensors")),
        to: folder + "/everything.safetensors")
      let script = """
        import sys, torch
        from safetensors import safe_open
        theirs, ours = sys.argv[1:]
        def same(a, b):
            if isinstance(a, torch.Tensor):
                assert a.dtype == b.dtype and a.shape == b.shape and a.stride() == b.stride(), (a, b)
                assert a.requires_grad == b.requires_grad and torch.equal(a, b), (a, b)
            elif isinstance(a, dict):
                assert list(a) == list(b), (a, b)
                for key in a: same(a[key], b[key])
            elif isinstance(a, (list, tuple)):
                assert len(a) == len(b) and isinstance(b, list) == isinstance(a, list), (a, b)
                for x, y in zip(a, b): same(x, y)
            else:
                assert type(a) is type(b) and a == b, (a, b)
        for name in ["everything.pt", "everything_legacy.pt", "adamw.pt"]:
            for mmap in [False] + [True] * ("legacy" not in name):
                a = torch.load(f"{theirs}/{name}", weights_only=True)
                same(a, torch.load(f"{ours}/{name}", weights_only=True, mmap=mmap))
        parameters = [torch.nn.Parameter(torch.zeros(2)), torch.nn.Parameter(torch.zeros(1))]
        torch.optim.AdamW(parameters).load_state_dict(torch.load(f"{ours}/adamw.pt"))
        a, b = [safe_open(f"{f}/everything.safetensors", "pt") for f in (theirs, ours)]
        assert a.metadata() == b.metadata() and sorted(a.keys()) == sorted(b.keys())
        for key in a.keys(): same(a.get_tensor(key), b.get_tensor(key))
        print("same")
        """
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Self.python!)
      process.arguments = ["-c", script, fileFixture(""), folder]
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      process.waitUntilExit()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      #expect(process.terminationStatus == 0)
      #expect(text == "same\n")
    }
  }
}
