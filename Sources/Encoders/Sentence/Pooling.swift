import Torch

/// How tokens become one vector, by the names of sentence-transformers (Reimers and Gurevych 2019,
/// arXiv:1908.10084; its Pooling.py). B texts, L tokens, D width.
enum Pooling: String, Sendable, Hashable, CaseIterable {
  case first = "cls"
  case max
  case mean
  case meanSquareRootLength = "mean_sqrt_len_tokens"
  case weightedMean = "weightedmean"
  case last = "lasttoken"

  /// - Parameter mask: [B, L], not zero where a token is text; nil: everywhere.
  /// - Returns: [B, L, D] -> [B, D].
  func callAsFunction(_ tokens: Tensor, mask: Tensor?) -> Tensor {
    let isText = mask?.ne(0) ?? Tensor.ones(Array(tokens.shape[..<2]), device: tokens.device).ne(0)
    switch self {
    case .first:
      return Self.token(tokens, at: isText.to(.int64).argmax(dim: 1))
    case .last:
      return Self.token(tokens, at: isText.to(.int64).cumsum(dim: 1).argmax(dim: 1))
    case .max:
      return tokens.maskedFill(mask: isText.logicalNot().unsqueeze(2), value: -Double.infinity)
        .amax(dim: 1)
    case .mean:
      return Self.mean(tokens, mask: mask)
    case .meanSquareRootLength:
      let weights = isText.to(.float32).unsqueeze(2)
      let total = (tokens * weights).sum(dim: 1)
      return (total / weights.sum(dim: 1).clamp(min: 1e-9).sqrt()).to(tokens.dtype)
    case .weightedMean:  // the n-th token of a text counts n times
      let weights = (isText.to(.float32).cumsum(dim: 1) * isText.to(.float32)).unsqueeze(2)
      let total = (tokens * weights).sum(dim: 1)
      return (total / weights.sum(dim: 1).clamp(min: 1e-9)).to(tokens.dtype)
    }
  }

  static func mean(_ tokens: Tensor, mask: Tensor?) -> Tensor {
    guard let mask else { return tokens.mean(dim: 1) }
    let weights = mask.ne(0).to(.float32).unsqueeze(2)  // [B, L, 1]
    let total = (tokens * weights).sum(dim: 1)
    return (total / weights.sum(dim: 1).clamp(min: 1e-9)).to(tokens.dtype)
  }

  /// One token of each text: [B, L, D] at int64 [B] -> [B, D].
  static func token(_ tokens: Tensor, at index: Tensor) -> Tensor {
    let index = index.unsqueeze(1).unsqueeze(2).expand(-1, 1, tokens.shape[2])
    return tokens.gather(dim: 1, index: index).squeeze(1)
  }
}
