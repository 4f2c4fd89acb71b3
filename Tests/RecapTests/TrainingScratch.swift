import Foundation
import Recap
import Testing
import Torch

/// A folder for one test, with a copy of part of Examples/pusht in `data`; removed with the value.
final class TrainingScratch {
  let path: String
  var dataset: String { path + "/data" }
  static let camera = "observation.image"

  private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// - Parameters:
  ///   - episodes: those to keep; 0, 1 and 7 are demonstrations, 5 and 6 corrections, 2, 3 and 4
  ///     autonomous; 3 has 47 frames, 4 has 59, the others 36.
  ///   - types: other types for some of them.
  init(episodes: [Int] = [0, 1, 2, 3, 5], types: [Int: String] = [:]) throws {
    path =
      FileManager.default.temporaryDirectory.path + "/recap-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: Self.repository + "/Examples/pusht", toPath: path + "/data")
    try? FileManager.default.removeItem(atPath: path + "/data/.recap")
    try edit("data/meta/episodes.jsonl") { text in
      text.split(separator: "\n").enumerated().compactMap { index, line -> String? in
        guard episodes.contains(index) else { return nil }
        guard let type = types[index] else { return String(line) }
        return String(line).replacing(
          /"episode_type": "[a-z]+"/, with: "\"episode_type\": \"\(type)\"")
      }.joined(separator: "\n") + "\n"
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func edit(_ file: String, _ body: (String) -> String) throws {
    let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
    try body(text).write(toFile: "\(path)/\(file)", atomically: true, encoding: .utf8)
  }

  func copy(_ source: String, to name: String) throws -> String {
    try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
    try FileManager.default.copyItem(atPath: source, toPath: "\(path)/\(name)")
    return "\(path)/\(name)"
  }

  /// A copy of the fixtures' vision or text encoder with other weights.
  func otherEncoder(_ kind: String) throws -> String {
    let folder = try copy(ClassicFixture.path(kind), to: "other-\(kind)")
    let file = folder + "/model.safetensors"
    let weights = try Safetensors.load(file).mapValues { $0.dtype == .float32 ? $0 * 1.5 : $0 }
    try Safetensors.save(
      weights.sorted { $0.key < $1.key }.map { (name: $0.key, tensor: $0.value) }, to: file)
    return folder
  }

  /// A folder with these files and no weights.
  func visionEncoder(_ configuration: String, processing: String) throws -> String {
    let folder = path + "/vision-encoder"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (file, text) in [("config", configuration), ("preprocessor_config", processing)] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(file).json"))
    }
    return folder
  }

  /// A tiny policy on frozen encoders: 2, 1 and 2 epochs.
  func configuration(_ assignments: String...) throws -> Configuration {
    let yaml = """
      model:
        action_dim: 2
        vision_model_name: "\(ClassicFixture.path("vision"))"
        text_model_name: "\(ClassicFixture.path("text"))"
        hidden_dim: 12
        freeze_vision: true
        freeze_text: true
      value_function: {hidden_dims: [10, 8]}
      dataset: {path: "\(dataset)", normalize_actions: mean_std}
      training:
        demo_epochs: 2
        correction_epochs: 1
        autonomous_epochs: 2
        log_every: 1
        save_every_minutes: null
        checkpoint_dir: "\(path)/run"
      """
    return try Configuration(yaml: yaml, file: "test.yaml", assignments: assignments)
  }

  /// Features in the dataset's cache, by file, with the times they were written.
  func features() throws -> [String: Date] {
    let folder = dataset + "/.recap/features"
    guard FileManager.default.fileExists(atPath: folder) else { return [:] }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".safetensors") }
    return try Dictionary(
      uniqueKeysWithValues: names.map { name in
        let path = "\(folder)/\(name)"
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (path, attributes[.modificationDate] as! Date)
      })
  }
}

/// What a run told.
struct Told {
  /// Stage, global step and name, with the value.
  var metrics: [(key: String, value: Double)] = []
  var messages: [String] = []
  var saved: [String] = []
  /// Frames that went through a frozen encoder before training.
  var encoded = 0

  mutating func add(_ event: TrainingEvent) {
    switch event {
    case .metrics(let metrics):
      for (name, value) in metrics.values {
        self.metrics.append(("\(metrics.stage.rawValue) \(metrics.globalStep) \(name)", value))
      }
    case .message(let text): messages.append(text)
    case .saved(let path): saved.append(path)
    case .progress(let work, let done, _, _) where work == "encoding frames": encoded = done
    default: break
    }
  }

  /// Values of one metric, in their order.
  func values(_ name: String) -> [Double] {
    metrics.filter { $0.key.hasSuffix(" " + name) }.map(\.value)
  }

  /// Metrics after a step, as lines.
  func lines(after step: Int = -1) -> [String] {
    metrics.filter { Int($0.key.split(separator: " ")[1])! > step }.map { "\($0.key) \($0.value)" }
  }
}

/// Trains to the end.
///
/// - Parameter existing: nil overwrites a run that the folder holds, unless `checkpoint` is of it.
func train(
  _ configuration: Configuration, checkpoint: String? = nil, existing: ExistingRun? = nil,
  usesCache: Bool = true
) throws -> Told {
  var told = Told()
  let isOfItsRun = checkpoint?.hasPrefix(configuration.training.checkpointDir) ?? false
  let existing = existing ?? (isOfItsRun ? .refuse : .overwrite)
  let run = try TrainingRun(
    configuration: configuration, device: .cpu, checkpoint: checkpoint, existing: existing,
    usesCache: usesCache
  ) { told.add($0) }
  try run.train { told.add($0) }
  return told
}

/// The message of the error that `body` throws; "" when it throws none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}

/// A checkpoint's tensors and plain values, each with its place.
struct CheckpointContents {
  private(set) var tensors: [String: Tensor] = [:]
  private(set) var values: [String: String] = [:]

  init(_ path: String) throws { add(try CheckpointFile.load(path), "") }

  private mutating func add(_ value: PickleValue, _ place: String) {
    func below(_ key: String) -> String { place.isEmpty ? key : "\(place)/\(key)" }
    if let tensor = value.tensor {
      tensors[place] = tensor
    } else if let pairs = value.dictionaryValue {
      for (key, value) in pairs { add(value, below(key.string ?? "\(key.int!)")) }
    } else if let items = value.array {
      for (index, value) in items.enumerated() { add(value, below("\(index)")) }
    } else {
      values[place] = "\(value)"
    }
  }

  /// Tensors of one of the file's dictionaries.
  func tensors(in dictionary: String) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: tensors.filter { $0.key.hasPrefix(dictionary + "/") }
        .map { (String($0.key.dropFirst(dictionary.count + 1)), $0.value) })
  }
}

/// Tensors to the bit, and how far training had come.
func expectSame(
  _ a: String, _ b: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let (a, b) = (try CheckpointContents(a), try CheckpointContents(b))
  #expect(a.tensors.keys.sorted() == b.tensors.keys.sorted(), sourceLocation: sourceLocation)
  for (name, tensor) in a.tensors {
    guard let other = b.tensors[name] else { continue }
    #expect(tensor.equal(other), "\(name)", sourceLocation: sourceLocation)
  }
  // Names the folder; counts what was saved on the way.
  let ignored = ["recap/configuration", "recap/run/id", "recap/run/save"]
  #expect(
    a.values.filter { !ignored.contains($0.key) } == b.values.filter { !ignored.contains($0.key) },
    sourceLocation: sourceLocation)
}
