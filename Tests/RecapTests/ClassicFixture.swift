import Encoders
import Foundation
import Recap
import Testing
import Torch

/// What Fixtures/make_fixtures.py wrote: a tiny policy, batches, and what PyTorch made of them.
struct ClassicFixture {
  let policy: ClassicPolicy
  let valueFunction: ClassicValueFunction
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures").path

  /// The tiny policy with the weights before the first step.
  init(
    isFrozen: Bool = true,
    value: (output: Configuration.OutputType, bins: Int, activation: Configuration.Activation)? =
      nil
  ) throws {
    var configuration = Configuration()
    configuration.model.hiddenDim = 12
    configuration.valueFunction.hiddenDims = [10, 8]
    if let value {
      configuration.valueFunction.outputType = value.output
      configuration.valueFunction.numBins = value.bins
      configuration.valueFunction.activation = value.activation
    }
    let vision = try Vision.load("\(Self.folder)/vision", seed: 0)
    let text = try Text.load("\(Self.folder)/text", seed: 0)
    policy = ClassicPolicy(
      configuration: configuration.model, actionDim: 3, cameras: 1, stateDim: nil,
      vision: vision.model, language: text.model, expertWidths: [16, 10],
      generator: Generator(seed: 0))
    valueFunction = ClassicValueFunction(
      configuration: configuration.valueFunction, hiddenDim: 12, generator: Generator(seed: 0))
    let weights = try Self.tensors("policy")
    var state = policy.state()
    for (name, tensor) in weights where name.hasPrefix("model.") {
      state[String(name.dropFirst(6))] = tensor
    }
    try policy.load(state)
    let prefix = value == nil ? "value." : "value_distribution."
    try valueFunction.load(weights.filter { $0.key.hasPrefix(prefix) }, prefix: prefix)
    policy.requiresGrad(true)
    valueFunction.requiresGrad(true)
    if isFrozen {
      vision.model.requiresGrad(false)
      text.model.requiresGrad(false)
    }
  }

  static func path(_ name: String) -> String { "\(folder)/\(name)" }

  static func tensors(_ name: String) throws -> StateDictionary {
    try Safetensors.load(path("\(name).safetensors"))
  }

  static func json(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path("\(name).json")))
    return try JSONSerialization.jsonObject(with: data) as! [String: Any]
  }

  /// A batch with its features computed by the policy's encoders, with gradients where those train.
  func batch(_ name: String) throws -> EpisodeBatch {
    let all = try Self.tensors("batch")
    func field(_ key: String) -> Tensor { all["\(name).\(key)"]! }
    let valid = field("valid").bools
    let pixels = field("pixels")  // [B, T, 3, H, W]
    let (episodes, frames) = (pixels.shape[0], pixels.shape[1])
    let vision = policy.visionEncoder.visionModel.features(pixels.flatten(from: 0, to: 1))
    let text = policy.languageEncoder.textModel.features(
      field("input_ids"), mask: field("attention_mask"))
    func rows<Value>(_ values: [Value]) -> [[Value]] {
      (0..<episodes).map { episode in
        (0..<frames).filter { valid[episode * frames + $0] }.map { values[episode * frames + $0] }
      }
    }
    return EpisodeBatch(
      input: PolicyInput(
        vision: vision.reshape(episodes, frames, 1, vision.shape[1]),
        language: text.unsqueeze(1).expand(episodes, frames, text.shape[1]), state: nil),
      actions: field("actions"), mask: field("valid").to(.float32),
      rewards: rows(field("rewards").floats), dones: rows(field("dones").bools))
  }

  /// The names and tensors of both networks, as the fixtures spell them.
  var parameters: [(name: String, tensor: Tensor)] {
    policy.namedParameters(prefix: "model") + valueFunction.namedParameters(prefix: "value")
  }
}

/// |a − b| ≤ tolerance + tolerance · |b| for every element.
func expectClose(
  _ a: Tensor, _ b: Tensor, _ name: String, tolerance: Double = 1e-5,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(a.shape == b.shape, "\(name)", sourceLocation: sourceLocation)
  guard a.shape == b.shape else { return }
  let (a, b) = (a.detach().to(.float64), b.to(.float64))
  let excess = ((a - b).abs() - (b.abs() * tolerance + tolerance)).max().item()
  #expect(excess <= 0, "\(name): beyond its tolerance by \(excess)", sourceLocation: sourceLocation)
}
