import CTorch

/// Where a tensor's memory is and its operations run.
///
/// The first use of a CUDA device loads `libtorch_cuda` from beside `libtorch_cpu`, and has to come
/// before the first backward pass: a program settles its device when it starts.
public enum Device: Hashable, Sendable, CustomStringConvertible {
  case cpu
  case cuda(Int)

  /// Reads `cpu`, `cuda` (the first device) or `cuda:1`.
  ///
  /// - Throws: `DeviceError` where the text names no device, or a device that this machine lacks.
  public init(_ text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    switch (parts.first, parts.count) {
    case ("cpu", 1): self = .cpu
    case ("cuda", 1): self = .cuda(0)
    case ("cuda", 2):
      guard let index = Int(parts[1]), index >= 0 else {
        throw DeviceError(text: text, reason: nil)
      }
      self = .cuda(index)
    default: throw DeviceError(text: text, reason: nil)
    }
    guard case .cuda(let index) = self, index >= Device.cudaCount else { return }
    let reason =
      Device.cudaCount > 0
      ? "this machine has \(Device.cudaCount) CUDA device(s), counted from 0"
      : "no CUDA device can be used here"
        + (Device.cudaLoadError.isEmpty ? "" : " (\(Device.cudaLoadError))")
    throw DeviceError(text: text, reason: reason)
  }

  /// `cpu` or `cuda:N`, as PyTorch writes it.
  public var description: String {
    switch self {
    case .cpu: "cpu"
    case .cuda(let index): "cuda:\(index)"
    }
  }

  /// The number of CUDA devices that libtorch can use here.
  public static var cudaCount: Int { ct_cuda_count() }

  /// Whether there is a CUDA device that libtorch can use.
  public static func isCUDAAvailable() -> Bool { cudaCount > 0 }

  static var cudaLoadError: String { String(cString: ct_cuda_load_error()) }

  /// The shim's number for the device.
  package var code: Int32 {
    switch self {
    case .cpu: -1
    case .cuda(let index): Int32(index)
    }
  }

  package init(code: Int32) { self = code < 0 ? .cpu : .cuda(Int(code)) }
}

/// A text that does not name a device of this machine.
public struct DeviceError: Error, CustomStringConvertible {
  let text: String
  let reason: String?

  /// One line: the text, what is wrong with it, what to write instead.
  public var description: String {
    "device '\(text)': " + (reason ?? "expected 'cpu', 'cuda' or 'cuda:N'; choose one of them")
  }
}
