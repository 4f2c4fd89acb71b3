import CTorch

extension Tensor {
  /// A float32 tensor of the values, of shape `[values.count]` unless given.
  public init(_ values: [Float], shape: [Int]? = nil, device: Device = .cpu) {
    self.init(values, shape, .float32, device)
  }

  /// A float64 tensor of the values, of shape `[values.count]` unless given.
  public init(_ values: [Double], shape: [Int]? = nil, device: Device = .cpu) {
    self.init(values, shape, .float64, device)
  }

  /// A int64 tensor of the values, of shape `[values.count]` unless given.
  public init(_ values: [Int64], shape: [Int]? = nil, device: Device = .cpu) {
    self.init(values, shape, .int64, device)
  }

  /// A int64 tensor of the values, of shape `[values.count]` unless given.
  public init(_ values: [Int], shape: [Int]? = nil, device: Device = .cpu) {
    self.init(values, shape, .int64, device)
  }

  /// A int32 tensor of the values, of shape `[values.count]` unless given.
  public init(_ values: [Int32], shape: [Int]? = nil, device: Device = .cpu) {
    self.init(values, shape, .int32, device)
  }

  /// A uint8 tensor of the values, of shape `[values.count]` unless given.
  public init(_ values: [UInt8], shape: [Int]? = nil, device: Device = .cpu) {
    self.init(values, shape, .uint8, device)
  }

  /// A bool tensor of the values, of shape `[values.count]` unless given.
  public init(_ values: [Bool], shape: [Int]? = nil, device: Device = .cpu) {
    self.init(values, shape, .bool, device)
  }

  private init<T>(_ values: [T], _ shape: [Int]?, _ dtype: DType, _ device: Device) {
    self = values.withUnsafeBytes {
      Tensor(bytes: $0, shape: shape ?? [values.count], dtype: dtype, device: device)
    }
  }

  /// A tensor of a copy of the bytes: little-endian elements in row-major order.
  public init(
    bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType, device: Device = .cpu
  ) {
    let wanted = shape.reduce(dtype.byteCount) { saturated($0, $1) }
    require(
      bytes.count == wanted,
      "Tensor(bytes:): \(bytes.count / dtype.byteCount) elements (\(bytes.count) bytes) do not "
        + "fill shape \(shape) of \(dtype.rawValue), which takes \(wanted) bytes")
    self = op("Tensor(bytes:)") {
      ct_from_bytes($0, bytes.baseAddress, shape, shape.count, dtype.code, device.code)
    }
  }

  /// A tensor of rank 0.
  public init(scalar: Double, dtype: DType = .float32, device: Device = .cpu) {
    self = op("Tensor(scalar:)") { ct_full($0, [], 0, scalar, dtype.code, device.code) }
  }

  /// A tensor over memory that it does not own, on the CPU and row-major.
  ///
  /// `owner` is kept alive until the last tensor that shares the memory is gone.
  package init(noCopy data: UnsafeMutableRawPointer, shape: [Int], dtype: DType, owner: AnyObject) {
    let context = Unmanaged.passRetained(owner).toOpaque()
    self = op("Tensor(noCopy:)") {
      ct_from_blob(
        $0, data, shape, shape.count, dtype.code,
        { Unmanaged<AnyObject>.fromOpaque($0!).release() }, context)
    }
  }

  /// A tensor whose elements are still to be written.
  public static func empty(
    _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    op { ct_empty($0, shape, shape.count, dtype.code, device.code) }
  }

  /// All elements 0.
  public static func zeros(
    _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    full(shape, 0, dtype: dtype, device: device)
  }

  /// All elements 1.
  public static func ones(
    _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    full(shape, 1, dtype: dtype, device: device)
  }

  /// All elements the same value.
  public static func full(
    _ shape: [Int], _ value: Double, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    op { ct_full($0, shape, shape.count, value, dtype.code, device.code) }
  }

  /// 0, 1, …, count − 1.
  public static func arange(
    _ count: Int, dtype: DType = .int64, device: Device = .cpu
  ) -> Tensor {
    arange(0, count, dtype: dtype, device: device)
  }

  /// start, start + step, … up to but not including `end`.
  public static func arange<S: Scalar>(
    _ start: S, _ end: S, step: S = 1, dtype: DType = .int64, device: Device = .cpu
  ) -> Tensor {
    op { ct_arange($0, start.raw, end.raw, step.raw, dtype.code, device.code) }
  }

  /// `count` evenly spaced values from `start` to `end`, both included.
  public static func linspace(
    _ start: Double, _ end: Double, count: Int, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    op { ct_linspace($0, start, end, count, dtype.code, device.code) }
  }

  /// The identity matrix of `count` rows.
  public static func eye(
    _ count: Int, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    op { ct_eye($0, count, dtype.code, device.code) }
  }

  /// Samples of the standard normal distribution.
  public static func randn(
    _ shape: [Int], generator: Generator, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    let result = empty(shape, dtype: dtype, device: device)
    result.normal_(generator: generator)
    return result
  }

  /// Samples of the uniform distribution over [0, 1).
  public static func rand(
    _ shape: [Int], generator: Generator, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    let result = empty(shape, dtype: dtype, device: device)
    result.uniform_(generator: generator)
    return result
  }

  /// Uniform integers from `low` to `below` − 1.
  public static func randint(
    low: Int = 0, below: Int, _ shape: [Int], generator: Generator, dtype: DType = .int64,
    device: Device = .cpu
  ) -> Tensor {
    op {
      ct_randint($0, low, below, shape, shape.count, generator.raw, dtype.code, device.code)
    }
  }

  /// A random order of 0, 1, …, count − 1.
  public static func randperm(
    _ count: Int, generator: Generator, dtype: DType = .int64, device: Device = .cpu
  ) -> Tensor {
    op { ct_randperm($0, count, generator.raw, dtype.code, device.code) }
  }
}
