import CTorch
import Foundation

/// An n-dimensional array of libtorch, with its gradient.
///
/// A value of this type is a reference: copies share the elements, as in PyTorch, and the functions
/// whose names end in an underscore change them in place. Tensors stay on the thread that made
/// them; host values cross threads. Names and semantics are PyTorch's. A wrong shape or dtype stops
/// the program with libtorch's message, but for what runs within an ``attempt(_:)``.
public struct Tensor: CustomStringConvertible {
  /// Owns one reference to libtorch's tensor.
  private final class Handle {
    let raw: ct_tensor
    init(_ raw: ct_tensor) { self.raw = raw }
    deinit { ct_release(raw) }
  }

  private let handle: Handle

  /// The handle, to be lent only: `self` must outlive the call (a parameter or `self` does, a
  /// temporary value does not).
  @inline(__always) var raw: ct_tensor { handle.raw }

  /// Takes over the handle that a C function has written.
  @inline(__always) init(owning raw: ct_tensor) { handle = Handle(raw) }

  /// The sizes of all dims.
  public var shape: [Int] {
    let rank = self.rank
    return [Int](unsafeUninitializedCapacity: rank) { buffer, count in
      if rank > 0 { ct_sizes(raw, buffer.baseAddress!) }
      count = rank
    }
  }

  /// The distance between neighbours along each dim, in elements.
  public var strides: [Int] {
    let rank = self.rank
    return [Int](unsafeUninitializedCapacity: rank) { buffer, count in
      if rank > 0 { ct_strides(raw, buffer.baseAddress!) }
      count = rank
    }
  }

  /// The number of dims.
  public var rank: Int { ct_rank(raw) }

  /// The number of elements.
  public var count: Int { ct_count(raw) }

  /// The size of one dim; negative dims count from the end.
  public func size(_ dim: Int) -> Int {
    let rank = self.rank
    let index = dim < 0 ? dim + rank : dim
    require(index >= 0 && index < rank, "size: dim \(dim) of a tensor with \(rank) dims")
    return ct_size(raw, index)
  }

  /// The type of the elements.
  public var dtype: DType {
    let code = ct_dtype(raw)
    guard let dtype = DType(code: code) else {
      fatalError("dtype: libtorch's scalar type \(code) is none of DType")
    }
    return dtype
  }

  /// Where the memory is.
  public var device: Device { Device(code: ct_device(raw)) }

  /// Whether the elements lie in memory in row-major order without gaps.
  public var isContiguous: Bool { ct_is_contiguous(raw) }

  /// Whether both are the same tensor (not equal elements: the same object).
  public func isSame(as other: Tensor) -> Bool { ct_same_tensor(raw, other.raw) }

  /// Whether both look into the same memory.
  public func sharesStorage(with other: Tensor) -> Bool { ct_same_storage(raw, other.raw) }

  /// PyTorch's print of the elements.
  public var description: String {
    var text: UnsafeMutablePointer<CChar>?
    check(ct_to_string(&text, raw))
    defer { free(text) }
    return text.map { String(cString: $0) } ?? "an empty tensor"
  }
}

@available(*, unavailable)
extension Tensor: Sendable {}
