import CTorch

// Views, indexing and joining. Negative dims count from the end.
extension Tensor {
  /// The elements in another shape; one size may be -1.
  public func reshape(_ shape: [Int]) -> Tensor {
    op { ct_reshape($0, raw, shape, shape.count) }
  }

  /// The elements in another shape; one size may be -1.
  public func reshape(_ shape: Int...) -> Tensor { reshape(shape) }

  /// The dims `from` to `to` as one.
  public func flatten(from: Int = 0, to: Int = -1) -> Tensor {
    op { ct_flatten($0, raw, from, to) }
  }

  /// With the dims in another order.
  public func permute(_ order: [Int]) -> Tensor { op { ct_permute($0, raw, order, order.count) } }

  /// With the dims in another order.
  public func permute(_ order: Int...) -> Tensor { permute(order) }

  /// With two dims exchanged.
  public func transpose(_ a: Int, _ b: Int) -> Tensor { op { ct_transpose($0, raw, a, b) } }

  /// With a dim of size 1 put in before `dim`.
  public func unsqueeze(_ dim: Int) -> Tensor { op { ct_unsqueeze($0, raw, dim) } }

  /// Without `dim` where its size is 1.
  public func squeeze(_ dim: Int) -> Tensor { op { ct_squeeze($0, raw, dim) } }

  /// Without any dim of size 1.
  public func squeeze() -> Tensor { op { ct_squeeze_all($0, raw) } }

  /// Dims of size 1 repeated without a copy; -1 keeps a size.
  public func expand(_ shape: [Int]) -> Tensor { op { ct_expand($0, raw, shape, shape.count) } }

  /// Dims of size 1 repeated without a copy; -1 keeps a size.
  public func expand(_ shape: Int...) -> Tensor { expand(shape) }

  /// The part of `dim` that starts at `start`.
  public func narrow(dim: Int, start: Int, length: Int) -> Tensor {
    op { ct_narrow($0, raw, dim, start, length) }
  }

  /// The slice at one index of `dim`, which is gone.
  public func select(dim: Int, index: Int) -> Tensor { op { ct_select($0, raw, dim, index) } }

  /// The slice at one index of the first dim.
  public subscript(index: Int) -> Tensor { select(dim: 0, index: index) }

  /// A range of the first dim.
  public subscript(range: Range<Int>) -> Tensor {
    narrow(dim: 0, start: range.lowerBound, length: range.count)
  }

  /// The slices of `dim` at the indices, an int64 tensor of rank 1.
  public func indexSelect(dim: Int, index: Tensor) -> Tensor {
    op { ct_index_select($0, raw, dim, index.raw) }
  }

  /// For each place in `index`, the element whose place along `dim` stands there.
  public func gather(dim: Int, index: Tensor) -> Tensor {
    op { ct_gather($0, raw, dim, index.raw) }
  }

  /// A copy with each element of `source` put where `index` says along `dim`.
  public func scatter(dim: Int, index: Tensor, source: Tensor) -> Tensor {
    op { ct_scatter($0, raw, dim, index.raw, source.raw) }
  }

  /// A copy with each element of `source` added where `index` says along `dim`.
  public func scatterAdd(dim: Int, index: Tensor, source: Tensor) -> Tensor {
    op { ct_scatter_add($0, raw, dim, index.raw, source.raw) }
  }

  /// With the value where the mask is true.
  public func maskedFill(mask: Tensor, value: some Scalar) -> Tensor {
    op { ct_masked_fill($0, raw, mask.raw, value.raw) }
  }

  /// The elements where the mask is true, as one dim.
  public func maskedSelect(_ mask: Tensor) -> Tensor {
    op { ct_masked_select($0, raw, mask.raw) }
  }

  /// The elements of `a` where the condition is true, elsewhere those of `b`.
  public static func `where`(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
    op { ct_where($0, condition.raw, a.raw, b.raw) }
  }

  /// Each slice of `dim`, `repeats` times in a row.
  public func repeatInterleave(_ repeats: Int, dim: Int) -> Tensor {
    op { ct_repeat_interleave($0, raw, repeats, dim) }
  }

  /// The tensor, laid side by side that many times along each dim.
  public func `repeat`(_ repeats: Int...) -> Tensor {
    op { ct_repeat($0, raw, repeats, repeats.count) }
  }

  /// With the order along the dims reversed.
  public func flip(dims: [Int]) -> Tensor { op { ct_flip($0, raw, dims, dims.count) } }

  /// With a constant border: sizes before and after, the last dim first.
  public func pad(_ sizes: [Int], value: Double = 0) -> Tensor {
    op { ct_pad($0, raw, sizes, sizes.count, value) }
  }

  /// The lower triangle of the last two dims, zeros above `diagonal`.
  public func tril(diagonal: Int = 0) -> Tensor { op { ct_tril($0, raw, diagonal) } }

  /// The upper triangle of the last two dims, zeros below `diagonal`.
  public func triu(diagonal: Int = 0) -> Tensor { op { ct_triu($0, raw, diagonal) } }

  /// Parts of the given size along `dim`; the last may be smaller.
  public func split(size: Int, dim: Int = 0) -> [Tensor] {
    parts(Swift.max(1, (self.size(dim) + size - 1) / size), size: size, dim: dim)
  }

  private func parts(_ count: Int, size: Int, dim: Int) -> [Tensor] {
    withUnsafeTemporaryAllocation(of: ct_tensor.self, capacity: count) { parts in
      parts.initialize(repeating: ct_tensor())
      check(ct_split(parts.baseAddress!, raw, size, dim), "split")
      return parts.map { Tensor(owning: $0) }
    }
  }

  /// Parts of the given sizes along `dim`, which sum to its size.
  public func split(sizes: [Int], dim: Int = 0) -> [Tensor] {
    require(
      sizes.reduce(0, +) == size(dim),
      "split: sizes \(sizes) do not sum to \(size(dim)), the size of dim \(dim)")
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return narrow(dim: dim, start: start, length: size)
    }
  }

  /// At most `count` parts of equal size along `dim`; the last may be smaller.
  public func chunk(_ count: Int, dim: Int = 0) -> [Tensor] {
    if attemptHasFailed { return parts(count, size: 1, dim: dim) }
    return split(size: Swift.max(1, (size(dim) + count - 1) / count), dim: dim)
  }

  /// The tensors one after another along a dim they have.
  public static func cat(_ tensors: [Tensor], dim: Int = 0) -> Tensor {
    withHandles(tensors) { handles, count in op("cat") { ct_cat($0, handles, count, dim) } }
  }

  /// The tensors, of one shape, side by side along a new dim.
  public static func stack(_ tensors: [Tensor], dim: Int = 0) -> Tensor {
    withHandles(tensors) { handles, count in op("stack") { ct_stack($0, handles, count, dim) } }
  }

  /// The same images `[N, C, H, W]`, stored with the channels of a pixel side by side.
  public func channelsLast() -> Tensor { op { ct_channels_last($0, raw) } }
}
