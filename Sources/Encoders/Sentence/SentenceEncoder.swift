public import Torch

/// A text encoder with what sentence-transformers puts behind it, so that its features are what
/// `SentenceTransformer.encode` gives (Reimers and Gurevych 2019, arXiv:1908.10084).
public struct SentenceEncoder<Base: TextEncoder>: TextEncoder {
  let base: Base
  let dense: Sequential
  let poolings: [Pooling]
  public let width: Int
  public let maximumLength: Int

  /// The encoder's parameters have the names they have without this.
  public static var checkpointNames: [String: String] { ["base": ""] }

  public var tokenWidth: Int { base.tokenWidth }
  public var vocabularySize: Int { base.vocabularySize }
  public var meaning: (pooled: String, features: String) {
    ("what SentenceTransformer.encode of sentence-transformers gives", "pooled")
  }

  /// Its `pooled` is the embedding of the text.
  public func callAsFunction(_ ids: Tensor, mask: Tensor?, hiddenStates: Bool) -> TextOutput {
    let output = base(ids, mask: mask, hiddenStates: hiddenStates)
    let pooled = poolings.map { $0(output.lastHiddenState, mask: mask) }
    return TextOutput(
      lastHiddenState: output.lastHiddenState, pooled: dense(Tensor.cat(pooled, dim: -1)),
      hiddenStates: output.hiddenStates)
  }

  public static func resolve(_ nameInFile: String) -> WeightName { Base.resolve(nameInFile) }

  public static func spell(_ name: String, _ spelling: Spelling) -> String {
    name.hasPrefix("dense.") ? name : Base.spell(name, spelling)
  }
}
