import CTorch

// Reductions over all elements, or over one dim, which goes unless it is kept with size 1.
extension Tensor {
  /// The total of all elements.
  public func sum() -> Tensor { op { ct_sum($0, raw) } }

  /// The average of all elements.
  public func mean() -> Tensor { op { ct_mean($0, raw) } }

  /// The largest element.
  public func max() -> Tensor { op { ct_max($0, raw) } }

  /// The smallest element.
  public func min() -> Tensor { op { ct_min($0, raw) } }

  /// The Euclidean norm of all elements.
  public func norm() -> Tensor { op { ct_norm($0, raw) } }

  /// The mean squared distance from the mean; unbiased: divided by one less than the count.
  public func variance(unbiased: Bool = true) -> Tensor { op { ct_var($0, raw, unbiased) } }

  /// The square root of the variance.
  public func std(unbiased: Bool = true) -> Tensor { op { ct_std($0, raw, unbiased) } }

  /// The totals along `dim`.
  public func sum(dim: Int, keepDim: Bool = false) -> Tensor {
    op { ct_sum_dim($0, raw, dim, keepDim) }
  }

  /// The averages along `dim`.
  public func mean(dim: Int, keepDim: Bool = false) -> Tensor {
    op { ct_mean_dim($0, raw, dim, keepDim) }
  }

  /// The largest elements along `dim`.
  public func amax(dim: Int, keepDim: Bool = false) -> Tensor {
    op { ct_amax($0, raw, dim, keepDim) }
  }

  /// The smallest elements along `dim`.
  public func amin(dim: Int, keepDim: Bool = false) -> Tensor {
    op { ct_amin($0, raw, dim, keepDim) }
  }

  /// The index of the largest element along `dim`.
  public func argmax(dim: Int, keepDim: Bool = false) -> Tensor {
    op { ct_argmax($0, raw, dim, keepDim) }
  }

  /// The Euclidean norms along `dim`.
  public func norm(dim: Int, keepDim: Bool = false) -> Tensor {
    op { ct_norm_dim($0, raw, dim, keepDim) }
  }

  /// log Σ exp along `dim`, without overflow.
  public func logSumExp(dim: Int, keepDim: Bool = false) -> Tensor {
    op { ct_logsumexp($0, raw, dim, keepDim) }
  }

  /// The mean squared distances from the means along `dim`.
  public func variance(dim: Int, unbiased: Bool = true, keepDim: Bool = false) -> Tensor {
    op { ct_var_dim($0, raw, dim, unbiased, keepDim) }
  }

  /// The square roots of the variances along `dim`.
  public func std(dim: Int, unbiased: Bool = true, keepDim: Bool = false) -> Tensor {
    op { ct_std_dim($0, raw, dim, unbiased, keepDim) }
  }

  /// The sums of the elements up to and including each.
  public func cumsum(dim: Int) -> Tensor { op { ct_cumsum($0, raw, dim) } }

  /// The indices that put `dim` in order; equal elements keep theirs.
  public func argsort(dim: Int = -1, descending: Bool = false) -> Tensor {
    op { ct_argsort($0, raw, dim, descending) }
  }

  /// exp(x) / Σ exp(x) along `dim`.
  public func softmax(dim: Int) -> Tensor { op { ct_softmax($0, raw, dim) } }

  /// x − log Σ exp(x) along `dim`.
  public func logSoftmax(dim: Int) -> Tensor { op { ct_log_softmax($0, raw, dim) } }
}
