import Torch

extension Embedding {
  /// Looks up indices; the vector at `fixed` is used, but never learned (`padding_idx` in PyTorch).
  func callAsFunction(_ indices: Tensor, fixed: Int?) -> Tensor {
    let vectors = self(indices)
    guard let fixed else { return vectors }
    return Tensor.where(indices.eq(fixed).unsqueeze(-1), vectors.detach(), vectors)
  }

  /// The vectors of positions 0, 1, …, `length` − 1; a text that is longer than the table stops the
  /// program.
  func first(_ length: Int, of model: String) -> Tensor {
    let limit = weight.shape[0]
    require(
      length <= limit, "\(model): \(length) tokens, wanted at most \(limit); truncate the text")
    return weight.narrow(dim: 0, start: 0, length: length)
  }

  /// The vectors of positions that are counted over the tokens of a text alone: the n-th, counted
  /// from 1, has position `padID` + n, and padding has position `padID`, whose vector is never
  /// learned. A text that is longer than the table stops the program.
  ///
  /// - Parameter ids: int64 [B, L].
  func counted(_ ids: Tensor, after padID: Int, of model: String) -> Tensor {
    let limit = weight.shape[0] - padID - 1
    require(
      ids.shape[1] <= limit,
      "\(model): \(ids.shape[1]) tokens, wanted at most \(limit); truncate the text")
    let isText = ids.ne(padID).to(.int64)
    return self(isText.cumsum(dim: 1) * isText + padID, fixed: padID)
  }
}
