public import Foundation
import Hub
public import Torch

/// A text encoder as its folder describes it.
public struct LoadedText {
  public let model: any TextEncoder
  public let folder: URL
  /// Content hashes of the weight files (`sha256:…`), or `seed:N` for a model without any.
  public let weightsIdentity: String
  /// What the features of a text depend on, apart from its tokens: weights, `config.json` and what
  /// `modules.json` names.
  public private(set) var identity: String

  /// Makes the model compute in another precision.
  public mutating func convert(to dtype: DType) {
    model.to(dtype)
    identity += " \(dtype)"
  }
}

/// Loads text encoders of every family in ``families``.
public enum Text {
  public static var supportedModelTypes: [String] { families.flatMap(\.modelTypes).sorted() }

  /// Loads a text encoder, in float32 on the CPU.
  ///
  /// A folder with the `modules.json` of sentence-transformers gives a ``SentenceEncoder``, any
  /// other the model alone, whose features are its own summary or else the mean of its tokens.
  ///
  /// - Parameters: as of ``Vision/load(_:seed:processorName:)``.
  /// - Throws: One line that names the file, the key and what was expected.
  public static func load(_ name: String, seed: UInt64) throws -> LoadedText {
    let folder = try ModelFolder(name, seed: seed)
    let model = try folder.build(families, kind: "text")
    let identity = try folder.identity()
    guard let modules = try SentenceModules(folder.url, tokenWidth: model.tokenWidth) else {
      return LoadedText(
        model: model, folder: folder.url, weightsIdentity: identity.weights,
        identity: identity.model)
    }
    let dense = modules.weightsIdentity.joined()
    let configuration = modules.configurationIdentity.joined(separator: "+")
    return LoadedText(
      model: modules.encoder(over: model), folder: folder.url,
      weightsIdentity: ([identity.weights] + modules.weightsIdentity).joined(separator: "+"),
      identity: "\(identity.model) \(dense) \(SentenceModules.file):\(configuration)")
  }
}
