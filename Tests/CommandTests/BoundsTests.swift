import Foundation
import Testing

/// Numbers of keys, files and the command line that no run can have end in one line, never in a trap.
@Suite struct BoundsTests {
  private func refusal(_ result: Result, status: Int32 = 1) -> String {
    #expect(result.status == status, "\(result.status): \(result.errors)")
    let errors = result.errorLines.filter {
      $0.hasPrefix("recap: error: ") || $0.hasPrefix("Error: ")
    }
    #expect(errors.count == 1, "\(result.errors)")
    return (errors.first ?? "").replacing("recap: error: ", with: "").replacing("Error: ", with: "")
  }

  @Test(arguments: [
    "policy.width=1e9", "policy.layers=1e6", "policy.heads=9223372036854775807",
    "training.batch_frames=1e9", "policy.chunk_length=1e9", "value_function.num_bins=1e12",
    "model.lora_rank=1e9", "training.threads=1e9", "recap.advantage_steps=9223372036854775807",
    "training.demo_epochs=9223372036854775807", "dataset.batch_size=9223372036854775807",
    "training.save_every_minutes=1e300", "training.seed=9223372036854775807", "recap.rounds=1e18",
    "model.action_dim=1e9", "model.hidden_dim=1e9", "training.learning_rate=inf",
  ])
  func keys(assignment: String) throws {
    let place = try Workplace()
    let key = assignment.split(separator: "=")[0]
    let text = refusal(try place.train("--set", assignment))
    #expect(text.hasPrefix("--set \(key): \(key) is '"), "\(text)")
    #expect(try place.runFiles() == [])
  }

  @Test func aVocabularyThatIsLongerThanTheEmbeddings() throws {
    let place = try Workplace()
    try place.remove("text/tokenizer.json")
    try place.edit("text/vocab.txt") { $0 + (0..<50).map { "more\($0)\n" }.joined() }
    let text = refusal(try place.train())
    #expect(text.hasPrefix("the tokenizer has 86 tokens, 0 to 85, and the text encoder in "))
    #expect(text.contains(" has embeddings for 36, 0 to 35; "))
    let encode = try Command.run(
      ["encode", "--model", "text", "--text", "more3", "--output", "o.safetensors"], in: place)
    #expect(refusal(encode) == text)
  }

  @Test func sizesOfAnEncoder() throws {
    let place = try Workplace()
    for (key, value) in [
      ("hidden_size", "1000000000"), ("num_hidden_layers", "1000000"), ("image_size", "1000000000"),
    ] {
      let before = try place.read("vision/config.json")
      try place.edit("vision/config.json") {
        $0.replacing(try! Regex("\"\(key)\": [0-9]+"), with: "\"\(key)\": \(value)")
      }
      let text = refusal(try place.train())
      #expect(
        text.contains("vision/config.json: \(key) is \(value), wanted an integer, at least 1"))
      try place.edit("vision/config.json") { _ in before }
    }
  }

  @Test func theCommandLine() throws {
    let place = try Workplace()
    for (arguments, wanted) in [
      ("evaluate --task carry --episodes=9223372036854775807", "wanted 1 to 1000000"),
      ("evaluate --task carry --seed=9223372036854775807", "wanted 0 to 9007199254740991"),
      ("evaluate --task carry --seed=-1", "wanted 0 or more"),
      ("evaluate --task carry --video-count=-1", "wanted 0 or more"),
      ("evaluate --task carry --guidance=nan", "wanted 0 or more"),
      ("evaluate --task carry --guidance=1e300", "wanted 0 to 1000000"),
      ("evaluate --task carry --workers=1000000000", "wanted 0 to 1024"),
      ("evaluate --task carry --skill 1 --noise inf", "wanted 0 to 1000"),
      ("demo --config recap.yaml --episodes=0", "wanted 1 or more"),
      ("act --checkpoint run --seed=-1", "wanted 0 or more"),
      ("act --checkpoint run --advantage nan", "wanted -1000000 or more"),
      (
        "watch --task carry --checkpoint run --output x.mp4 --episode=9223372036854775807",
        "wanted 0 to 1000000"
      ),
      ("dataset filter data --output f --max-length=-1", "wanted 0 or more"),
      ("dataset show data --index=-1", "the dataset has frames 0 to "),
    ] {
      let result = try Command.run(arguments.split(separator: " ").map(String.init), in: place)
      #expect(refusal(result, status: 64).contains(wanted), "\(arguments): \(result.errors)")
    }
  }

  @Test func aDatasetsNumbers() throws {
    let place = try Workplace()
    func edited(_ old: String, _ new: String) throws -> [Result] {
      let before = try place.read("data/meta/info.json")
      try place.edit("data/meta/info.json") { $0.replacing(old, with: new) }
      defer { try? place.edit("data/meta/info.json") { _ in before } }
      return try [
        ["dataset", "info", "data"], ["dataset", "convert", "data", "--output", "other"],
      ]
      .map { try Command.run($0, in: place) } + [place.train()]
    }
    for result in try edited("\"fps\": 10,", "\"fps\": 1e-308,") {
      #expect(
        refusal(result).contains("data/meta/info.json: key 'fps' is 1e-308, a number from 0.001 "))
    }
    for result in try edited("\"chunks_size\": 1000", "\"chunks_size\": 9223372036854775807") {
      #expect(
        refusal(result).contains("data/meta/info.json: key 'chunks_size' is 9223372036854775807"))
    }
    // Statistics of a column that is declared to be wider than it is.
    try place.edit("data/meta/info.json") {
      $0.replacing(/"shape": \[\s*2\s*\]/, with: "\"shape\": [3]")
    }
    let statistics = try Command.run(["dataset", "stats", "data", "--json"], in: place)
    #expect(
      statistics.status == 0 && statistics.output.contains("\"mean\""), "\(statistics.errors)")
  }

  @Test func plansAndRuns() throws {
    let place = try Workplace()
    for (plan, wanted) in [
      (#"{"steps": []}"#, "step pretrain is missing"),
      (
        #"{"steps": [{"name": "pretrain", "inputs": {}, "output": "x.pt"}, {"name": "sft", "inputs": {}}]}"#,
        "step pretrain is done and has no hash"
      ),
      (#"{}"#, "it is without steps"),
    ] {
      try FileManager.default.createDirectory(
        at: place.url("run"), withIntermediateDirectories: true)
      try Data(plan.utf8).write(to: place.url("run/plan.json"))
      for arguments in [
        ["iterate", "--config", "recap.yaml", "--set", "policy.type=flow"],
        ["iterate", "--config", "recap.yaml", "--set", "policy.type=flow", "--status"],
        ["act", "--checkpoint", "run"],
      ] {
        let text = refusal(try Command.run(arguments, in: place))
        #expect(
          text.hasPrefix("run/plan.json is no plan of `recap iterate`: \(wanted); "), "\(text)")
      }
    }
  }
}
