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
    guard length <= limit else {
      fatalError("\(model): \(length) tokens, wanted at most \(limit); truncate the text")
    }
    return weight.narrow(dim: 0, start: 0, length: length)
  }
}
