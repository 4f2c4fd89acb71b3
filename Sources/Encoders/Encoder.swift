public import Torch

/// A pretrained model: its names are those of `transformers`, in whichever release wrote a file.
public protocol Encoder: Module {
  /// Width of the features.
  var width: Int { get }

  /// What its two vectors for an input are, in words: `pooled` of its output, and its features.
  var meaning: (pooled: String, features: String) { get }

  /// What a name in a weight file, in any spelling, stands for in this model.
  static func resolve(_ nameInFile: String) -> WeightName

  /// How a release of `transformers` spells one of the names that `namedParameters` gives.
  static func spell(_ name: String, _ spelling: Spelling) -> String
}

extension Encoder {
  /// That of a text encoder without a summary of its own.
  public var meaning: (pooled: String, features: String) {
    let mean = "the mean of last_hidden_state over the tokens of the mask"
    return ("\(mean) (transformers has no pooler_output of it)", mean)
  }

  public static func spell(_ name: String, _ spelling: Spelling) -> String { name }

  /// A file's tensors under this model's names, without those that are known not to be its.
  ///
  /// - Throws: ``EncoderError`` when two of the file's names mean the same parameter.
  public static func ownNames(
    of state: [String: Tensor], file: String
  ) throws -> [String: Tensor] {
    let own = try Encoders.parameters(of: StateDictionary(state), file: file, resolve: resolve)
    return Dictionary(own.map { ($0.key, $0.value) }) { first, _ in first }
  }
}

/// The releases of `transformers` whose names for parameters differ.
public enum Spelling: String, Sendable, CaseIterable {
  /// Has a `vision_model.` or `text_model.` level in the towers of CLIP and SigLIP, and
  /// `attention.attention.query` and the like in ViT and DINOv2; published files are spelled this way.
  case transformers4
  /// Has neither; our own names are these.
  case transformers5
}

/// What a tensor in a weight file is to a model.
public enum WeightName: Sendable, Hashable {
  /// The parameter of this name; one that the model lacks makes loading fail.
  case parameter(String)
  /// These parameters, one after another along the first dim, each with as many rows.
  case parts([String])
  /// A tied parameter once more: it stands in for one that the files lack, and equals one they
  /// have.
  case copy(of: String)
  /// Known, and not part of the model: another tower, a head, a table of positions.
  case ignored
}
