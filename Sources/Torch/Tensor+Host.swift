import CTorch

// Copies between libtorch's memory and Swift's values.
extension Tensor {
  /// The tensor in another dtype; itself where it has that dtype already.
  public func to(_ dtype: DType) -> Tensor { op { ct_to_dtype($0, raw, dtype.code) } }

  /// The tensor on another device; itself where it is there already.
  public func to(_ device: Device) -> Tensor { op { ct_to_device($0, raw, device.code) } }

  /// The tensor on another device and in another dtype.
  public func to(_ device: Device, _ dtype: DType) -> Tensor {
    op { ct_to($0, raw, dtype.code, device.code) }
  }

  /// The tensor in row-major order; itself where it is so already.
  public func contiguous() -> Tensor { op { ct_contiguous($0, raw) } }

  /// A copy of the elements; gradients flow through it.
  public func clone() -> Tensor { op { ct_clone($0, raw) } }

  /// The same elements, cut off from the graph of gradients.
  public func detach() -> Tensor { op { ct_detach($0, raw) } }

  /// All elements in row-major order, converted to float32.
  public var floats: [Float] { host(.float32, as: Float.self) }

  /// All elements in row-major order, converted to float64.
  public var doubles: [Double] { host(.float64, as: Double.self) }

  /// All elements in row-major order, converted to int64.
  public var int64s: [Int64] { host(.int64, as: Int64.self) }

  /// All elements in row-major order; true where not zero.
  public var bools: [Bool] { host(.bool, as: Bool.self) }

  /// All elements in row-major order as their little-endian bytes.
  public var bytes: [UInt8] {
    let host = detach().to(.cpu).contiguous()
    return host.withUnsafeBytes { [UInt8]($0) }
  }

  /// The single element of a tensor of any rank.
  public func item() -> Double {
    var value = Double.nan
    check(ct_item(&value, raw))
    return value
  }

  /// Lends the memory of a contiguous tensor on the CPU.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    require(
      isContiguous && device == .cpu, "withUnsafeBytes: needs a contiguous tensor on the CPU")
    var data: UnsafeMutableRawPointer?
    check(ct_data_ptr(&data, raw))
    return try withExtendedLifetime(self) {
      try body(UnsafeRawBufferPointer(start: data, count: count * dtype.byteCount))
    }
  }

  /// Lends the memory of a contiguous tensor on the CPU for writing.
  public func withUnsafeMutableBytes<R>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> R
  ) rethrows -> R {
    try withUnsafeBytes { try body(UnsafeMutableRawBufferPointer(mutating: $0)) }
  }

  private func host<T>(_ dtype: DType, as: T.Type) -> [T] {
    let host = detach().to(.cpu, dtype).contiguous()
    return host.withUnsafeBytes { [T]($0.bindMemory(to: T.self)) }
  }
}
