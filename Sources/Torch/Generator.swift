import CTorch

/// A stream of random numbers with an explicit seed, the same as PyTorch's on the CPU for that seed.
///
/// Tensors on other devices get the same numbers: they are drawn on the CPU and moved.
public final class Generator {
  let raw: ct_generator

  /// A stream that starts at the seed.
  public init(seed: UInt64) {
    var raw = ct_generator()
    check(ct_generator_create(&raw, seed), "Generator(seed:)")
    self.raw = raw
  }

  deinit { ct_generator_release(raw) }

  /// Where the stream is, as bytes (`torch.Generator.get_state()`).
  public var state: Tensor {
    get { op { ct_generator_state($0, raw) } }
    set { check(ct_generator_set_state(raw, newValue.raw)) }
  }

  /// The next 64 random bits.
  public func randomUInt64() -> UInt64 {
    var value: UInt64 = 0
    check(ct_generator_random64(&value, raw))
    return value
  }

  /// A uniform integer from 0 to `bound` − 1.
  public func randomInt(below bound: Int) -> Int {
    guard bound > 0 else { fatalError("randomInt: the bound \(bound) is not positive") }
    // Values past the last whole multiple of the bound would favour the small results.
    let bound = UInt64(bound)
    let limit = UInt64.max - (UInt64.max % bound + 1) % bound
    while true {
      let value = randomUInt64()
      if value <= limit { return Int(value % bound) }
    }
  }
}
