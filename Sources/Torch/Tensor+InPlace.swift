import CTorch

// Changes in place. A leaf that requires a gradient can be changed within `withoutGradient` only.
extension Tensor {
  /// Takes over the elements of `source`, converted and broadcast.
  @discardableResult
  public func copy_(_ source: Tensor) -> Tensor { same(ct_copy_(raw, source.raw)) }

  /// Sets every element to the value.
  @discardableResult
  public func fill_(_ value: Double) -> Tensor { same(ct_fill_(raw, value)) }

  /// Sets every element to 0.
  @discardableResult
  public func zero_() -> Tensor { same(ct_zero_(raw)) }

  /// Adds `alpha` times the other tensor.
  @discardableResult
  public func add_(_ other: Tensor, alpha: Double = 1) -> Tensor {
    // An integral factor is passed as an integer, which integer tensors need.
    let factor = Int(exactly: alpha).map(\.raw) ?? alpha.raw
    return same(ct_add_(raw, other.raw, factor))
  }

  /// Adds the number to every element.
  @discardableResult
  public func add_(_ other: some Scalar) -> Tensor { same(ct_add_scalar_(raw, other.raw)) }

  /// Multiplies by the other tensor, element by element.
  @discardableResult
  public func mul_(_ other: Tensor) -> Tensor { same(ct_mul_(raw, other.raw)) }

  /// Multiplies every element by the number.
  @discardableResult
  public func mul_(_ other: some Scalar) -> Tensor { same(ct_mul_scalar_(raw, other.raw)) }

  /// Samples of a normal distribution.
  @discardableResult
  public func normal_(mean: Double = 0, std: Double = 1, generator: Generator) -> Tensor {
    withoutGradient { same(ct_normal_(raw, mean, std, generator.raw), "normal_") }
  }

  /// Samples of the uniform distribution over [low, high).
  @discardableResult
  public func uniform_(_ low: Double = 0, _ high: Double = 1, generator: Generator) -> Tensor {
    withoutGradient { same(ct_uniform_(raw, low, high, generator.raw), "uniform_") }
  }

  @inline(__always)
  private func same(_ status: Int32, _ function: StaticString = #function) -> Tensor {
    check(status, function)
    return self
  }
}
