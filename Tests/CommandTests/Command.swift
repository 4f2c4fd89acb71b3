import Foundation
import Testing
import Torch

/// How a run of the command ended.
struct Result {
  let status: Int32
  let output: String
  let errors: String

  var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
}

/// The command as it was built, beside the tests.
enum Command {
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  static let executable: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: tests.isEmpty ? CommandLine.arguments[0] : tests)
      .deletingLastPathComponent().appendingPathComponent("recap").path
  }()

  static func requireExecutable() throws {
    try #require(
      FileManager.default.isExecutableFile(atPath: executable),
      "\(executable) is not built: run swift build -c release --product recap")
  }

  /// Starts the command in a workplace, its output going to files there.
  ///
  /// - Parameters:
  ///   - shell: what a shell does before it becomes the command: `ulimit -f 100`.
  ///   - name: tells the output of commands apart that run at the same time.
  ///   - more: variables of its environment beside those that every run has.
  static func start(
    _ arguments: [String], of executable: String = executable, in place: Workplace,
    shell: String? = nil, input: String? = nil, environment more: [String: String] = [:],
    name: String = ""
  ) throws -> Process {
    try requireExecutable()
    let process = Process()
    if let shell {
      process.executableURL = URL(fileURLWithPath: "/bin/bash")
      process.arguments = ["-c", "\(shell); exec \"$0\" \"$@\"", executable] + arguments
    } else {
      process.executableURL = URL(fileURLWithPath: executable)
      process.arguments = arguments
    }
    process.currentDirectoryURL = URL(fileURLWithPath: place.path)
    var environment = ProcessInfo.processInfo.environment
    // Nothing of the user's caches is read or written.
    for key in ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_LEROBOT_HOME"] {
      environment[key] = nil
    }
    environment["XDG_CACHE_HOME"] = place.path + "/cache"
    environment["HF_HOME"] = place.path + "/cache/huggingface"
    environment["HF_HUB_OFFLINE"] = "1"
    environment["OMP_NUM_THREADS"] = "1"
    environment.merge(more) { $1 }
    process.environment = environment
    for (stream, set) in [
      ("output", { process.standardOutput = $0 }), ("errors", { process.standardError = $0 }),
    ] as [(String, (FileHandle) -> Void)] {
      let file = place.path + "/." + stream + name
      _ = FileManager.default.createFile(atPath: file, contents: nil)
      set(FileHandle(forWritingAtPath: file)!)
    }
    process.standardInput = FileHandle.nullDevice
    if let input {
      try input.write(toFile: place.path + "/.input", atomically: true, encoding: .utf8)
      process.standardInput = FileHandle(forReadingAtPath: place.path + "/.input")
    }
    try process.run()
    return process
  }

  /// Runs the command to its end.
  static func run(
    _ arguments: [String], of executable: String = executable, in place: Workplace,
    shell: String? = nil, input: String? = nil, environment: [String: String] = [:]
  ) throws -> Result {
    let process = try start(
      arguments, of: executable, in: place, shell: shell, input: input, environment: environment)
    return try result(of: process, in: place)
  }

  /// Waits for a command that was started.
  static func result(of process: Process, in place: Workplace, name: String = "") throws -> Result {
    process.waitUntilExit()
    return Result(
      status: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: try String(contentsOfFile: place.path + "/.output" + name, encoding: .utf8),
      errors: try String(contentsOfFile: place.path + "/.errors" + name, encoding: .utf8))
  }
}

/// A folder for one test with a configuration, tiny encoders and a small dataset; removed with the value.
final class Workplace {
  let path: String

  /// Episodes 0 (demonstration), 2 and 3 (autonomous) and 5 (correction) of Examples/pusht, and `recap.yaml`.
  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/recap-command-" + UUID().uuidString
    let manager = FileManager.default
    try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
    try manager.copyItem(atPath: Command.repository + "/Examples/pusht", toPath: path + "/data")
    try? manager.removeItem(atPath: path + "/data/.recap")
    let fixtures = Command.repository + "/Tests/RecapTests/Fixtures"
    for name in ["vision", "text"] {
      try manager.copyItem(atPath: "\(fixtures)/\(name)", toPath: "\(path)/\(name)")
    }
    try edit("data/meta/episodes.jsonl") { text in
      text.split(separator: "\n").enumerated().filter { [0, 2, 3, 5].contains($0.offset) }
        .map(\.element).joined(separator: "\n") + "\n"
    }
    try Self.configuration.write(toFile: path + "/recap.yaml", atomically: true, encoding: .utf8)
  }

  /// A copy of another one, as it is now.
  init(copy other: Workplace) throws {
    path = FileManager.default.temporaryDirectory.path + "/recap-command-" + UUID().uuidString
    try FileManager.default.copyItem(atPath: other.path, toPath: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  private static let configuration = """
    model:
      action_dim: 2
      vision_model_name: vision
      text_model_name: text
      hidden_dim: 12
      freeze_vision: true
      freeze_text: true
    value_function:
      hidden_dims: [10, 8]
    dataset:
      path: data
      normalize_actions: mean_std
    training:
      demo_epochs: 3
      correction_epochs: 1
      autonomous_epochs: 2
      log_every: 1
      use_wandb: false
      save_every_minutes: null
      checkpoint_dir: run

    """

  /// Options that train a small flow policy on `recap.yaml`.
  static let flow =
    ["--config", "recap.yaml", "--device", "cpu"]
    + [
      "policy.type=flow", "policy.width=16", "policy.expert_width=16", "policy.layers=2",
      "policy.heads=2", "policy.head_width=8", "policy.chunk_length=8", "value_function.width=16",
      "value_function.layers=1", "value_function.heads=2", "recap.advantage_steps=10",
      "recap.rounds=2", "training.batch_frames=8", "training.demo_steps=12",
      "training.correction_steps=6", "training.autonomous_steps=12", "training.value_steps=10",
      "training.log_every=2",
    ].flatMap { ["--set", $0] }

  func train(_ more: String..., shell: String? = nil) throws -> Result {
    try Command.run(
      ["train", "--config", "recap.yaml", "--device", "cpu"] + more, in: self, shell: shell)
  }

  func url(_ file: String) -> URL { URL(fileURLWithPath: path + "/" + file) }

  func edit(_ file: String, _ body: (String) -> String) throws {
    let text = try String(contentsOf: url(file), encoding: .utf8)
    try body(text).write(to: url(file), atomically: true, encoding: .utf8)
  }

  func truncate(_ file: String, to fraction: Double) throws {
    let bytes = try Data(contentsOf: url(file))
    try bytes.prefix(Int(Double(bytes.count) * fraction)).write(to: url(file))
  }

  func remove(_ file: String) throws { try FileManager.default.removeItem(at: url(file)) }

  func read(_ file: String) throws -> String { try String(contentsOf: url(file), encoding: .utf8) }

  /// What lies in the folder of the checkpoints, by name.
  func runFiles() throws -> [String] {
    guard FileManager.default.fileExists(atPath: path + "/run") else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: path + "/run").sorted()
  }

  /// Every file and folder, but for what the tests themselves write.
  func files() -> Set<String> {
    let all = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return Set(all.filter { ![".output", ".errors"].contains($0) && !$0.hasPrefix("cache") })
  }
}

/// The tensors of a checkpoint, by their places in it.
func checkpointTensors(_ file: URL) throws -> [String: Tensor] {
  var found: [String: Tensor] = [:]
  func add(_ value: PickleValue, _ name: String) {
    if let tensor = value.tensor { found[name] = tensor }
    for (key, value) in value.dictionaryValue ?? [] { add(value, "\(name)/\(key)") }
    for (index, value) in (value.array ?? []).enumerated() { add(value, "\(name)/\(index)") }
  }
  add(try CheckpointFile.load(file.path), "")
  return found
}
