import CTorch
import Platform

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A whole file in memory, read when touched; a write to the memory never reaches the file.
final class MappedFile {
  let path: String
  let bytes: UnsafeRawBufferPointer

  init(_ path: String) throws {
    self.path = path
    // A pipe without a writer would make it wait.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw FileError(path, "cannot be read: \(errorText(errno))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FileError(path, "cannot be read: \(errorText(errno))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(path, "is not a regular file; wanted a file of tensors")
    }
    let count = Int(status.st_size)
    guard count > 0 else { throw FileError(path, "is empty; wanted a file of tensors") }
    // Writable, because libtorch has no read-only tensors; private, so that pages are copied then.
    let address = mmap(
      nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor, 0)
    guard let address, address != MAP_FAILED else {
      throw FileError(path, "cannot be mapped into memory: \(errorText(errno))")
    }
    bytes = UnsafeRawBufferPointer(start: address, count: count)
    if GitLFS.isPointer(bytes) { throw FileError(path, GitLFS.problem) }
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count) }

  var region: MemoryRegion { MemoryRegion(owner: self, bytes: bytes) }
}

/// Bytes that tensors can be laid over, valid as long as `owner` lives.
struct MemoryRegion {
  let owner: AnyObject
  let bytes: UnsafeRawBufferPointer

  /// The bytes in a range that lies within.
  subscript(range: Range<Int>) -> MemoryRegion {
    MemoryRegion(owner: owner, bytes: UnsafeRawBufferPointer(rebasing: bytes[range]))
  }

  /// A tensor over these bytes, which must be exactly those of `shape`; it shares them, except where
  /// they are not aligned for the dtype: then it has a copy. Booleans are copied as well, because
  /// bytes other than 0 and 1, which mean true here, are none to the processor.
  func tensor(_ shape: [Int], _ dtype: DType) -> Tensor {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return .empty(shape, dtype: dtype) }
    if dtype == .bool { return tensor(shape, .uint8).ne(0) }
    guard Int(bitPattern: start) % dtype.byteCount == 0 else {
      return withExtendedLifetime(owner) { Tensor(bytes: bytes, shape: shape, dtype: dtype) }
    }
    return Tensor(sharing: UnsafeMutableRawPointer(mutating: start), owner, shape, dtype)
  }
}

/// Memory on the heap, for what cannot be used where it lies in a file.
final class HeapBuffer {
  let bytes: UnsafeMutableRawBufferPointer

  init(count: Int) { bytes = .allocate(byteCount: count, alignment: 64) }
  deinit { bytes.deallocate() }

  var region: MemoryRegion { MemoryRegion(owner: self, bytes: UnsafeRawBufferPointer(bytes)) }
}
