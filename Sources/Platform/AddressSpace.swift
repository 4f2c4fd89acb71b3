#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How much memory a process may map (`ulimit -v`).
public enum AddressSpace {
  /// What the libraries take before anything is done is 0.7 GB.
  static let least: UInt = 3 << 29  // 1.5 GiB

  /// Why this process has too little of it to begin, since neither Swift nor C++ goes on where a small piece
  /// of memory is refused; nil where it has enough.
  public static var fault: String? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
      limit.rlim_cur < least
    else { return nil }
    return
      "this process may map \(limit.rlim_cur >> 20) MiB of memory; wanted \(least >> 20) or more: "
      + "raise ulimit -v"
  }
}
