package import Torch

// B frames, N vision tokens of width V, L language tokens of width W, S values a state.

/// What the networks see of a batch of frames.
package struct PrefixInput {
  /// Patch tokens, one camera after another, [B, N, V]; nil without cameras.
  package var vision: Tensor?
  /// The instruction's tokens, [B, L, W]; nil without a text encoder.
  package var language: Tensor?
  /// [B · L], true where a language token is no padding; nil where none is.
  package var languageMask: [Bool]?
  /// [B, S]; nil without a state.
  package var state: Tensor?

  package init(
    vision: Tensor? = nil, language: Tensor? = nil, languageMask: [Bool]? = nil,
    state: Tensor? = nil
  ) {
    guard vision != nil || language != nil || state != nil else {
      fatalError("PrefixInput: no vision, no language and no state")
    }
    self.vision = vision
    self.language = language
    self.languageMask = languageMask?.allSatisfy { $0 } ?? true ? nil : languageMask
    self.state = state
  }

  /// B.
  package var count: Int { (vision ?? language ?? state)!.shape[0] }
}

/// What the text encoder makes of the two tags, "Advantage: negative" and "Advantage: positive".
package struct TagFeatures {
  /// [2, G, W]
  package let tokens: Tensor
  /// [2][G], false where a token is padding.
  package let mask: [[Bool]]

  package init(tokens: Tensor, mask: [[Bool]]) {
    require(
      tokens.shape.count == 3 && tokens.shape[0] == 2 && mask.count == 2
        && mask.allSatisfy({ $0.count == tokens.shape[1] }),
      "TagFeatures: tokens \(tokens.shape) with mask of \(mask.map(\.count))")
    self.tokens = tokens
    self.mask = mask
  }
}
