internal import Torch

/// The widths of what a prefix is made of.
package struct PrefixShape: Sendable, Equatable {
  /// V; nil without cameras.
  package var visionWidth: Int?
  package var cameras = 0
  /// W; nil without a text encoder.
  package var languageWidth: Int?
  /// S; nil without a state.
  package var stateWidth: Int?

  package init(
    visionWidth: Int? = nil, cameras: Int = 0, languageWidth: Int? = nil, stateWidth: Int? = nil
  ) {
    self.visionWidth = visionWidth
    self.cameras = cameras
    self.languageWidth = languageWidth
    self.stateWidth = stateWidth
  }
}

/// Brings what a network sees to one width: patch tokens, language tokens, the robot's state.
struct PrefixEmbedding: Module {
  let visionProjection: Linear?
  let cameraEmbedding: Tensor?  // [C, D]
  let languageProjection: Linear?
  let stateProjection: Linear?
  /// The tags where no text encoder gives them: negative, positive.
  let tagEmbedding: Tensor?  // [2, 1, D]

  init(_ shape: PrefixShape, width: Int, hasTag: Bool, generator: Generator) {
    visionProjection = shape.visionWidth.map { Linear($0, width, generator: generator) }
    cameraEmbedding = shape.visionWidth.map { _ in
      Tensor.randn([shape.cameras, width], generator: generator).parameter()
    }
    languageProjection = shape.languageWidth.map { Linear($0, width, generator: generator) }
    stateProjection = shape.stateWidth.map { Linear($0, width, generator: generator) }
    tagEmbedding =
      hasTag && shape.languageWidth == nil
      ? Tensor.randn([2, 1, width], generator: generator).parameter() : nil
  }

  /// The tokens [B, P, D], and [B, P], false where one is padding; nil where none is.
  func callAsFunction(_ input: PrefixInput) -> (tokens: Tensor, mask: Tensor?) {
    var parts: [Tensor] = []
    if let vision = input.vision {
      guard let visionProjection, let cameraEmbedding else {
        fatalError("PrefixEmbedding: vision tokens for a network without cameras")
      }
      let cameras = cameraEmbedding.shape[0]
      let patches = vision.shape[1] / cameras
      let places = cameraEmbedding.repeatInterleave(patches, dim: 0)  // [N, D]
      parts.append(visionProjection(vision) + places)
    }
    var mask: Tensor?
    if let language = input.language {
      guard let languageProjection else {
        fatalError("PrefixEmbedding: language tokens for a network without a text encoder")
      }
      let before = parts.first?.shape[1] ?? 0
      if let padding = input.languageMask {
        let language = Tensor(
          padding, shape: [language.shape[0], language.shape[1]], device: language.device)
        mask = language.pad([before, input.state == nil ? 0 : 1], value: 1)
      }
      parts.append(languageProjection(language))
    }
    if let state = input.state {
      guard let stateProjection else {
        fatalError("PrefixEmbedding: a state for a network without one")
      }
      parts.append(stateProjection(state).unsqueeze(1))
    }
    return (parts.count == 1 ? parts[0] : Tensor.cat(parts, dim: 1), mask)
  }

  /// The tags' tokens, [B, G, D], and their padding, [B][G]; those of the negative tag stand in for
  /// none, which the caller masks.
  func tags(_ indicators: [Indicator], _ features: TagFeatures?) -> (Tensor, mask: [[Bool]]) {
    let rows = indicators.map { $0 == .positive ? 1 : 0 }
    let table: Tensor
    if let tagEmbedding {
      table = tagEmbedding
    } else {
      guard let languageProjection, let features else {
        fatalError("PrefixEmbedding: the tags' text features are missing")
      }
      table = languageProjection(features.tokens)
    }
    let mask = features?.mask ?? [[true], [true]]
    let index = Tensor(rows, device: table.device)
    return (table.indexSelect(dim: 0, index: index), rows.map { mask[$0] })
  }
}
